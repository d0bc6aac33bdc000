import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixOf } from '#src/catalogue/blend.js';
import type { Scenario } from '#src/catalogue/scenario.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { notServed } from '#src/catalogue/served.js';

const scenario = (name: string): Scenario => SCENARIOS.find((one) => one.name === name) ?? assert.fail(name);

test('each scenario is of one kind, and a mix is served where all of it is', () => {
  assert.equal(notServed(scenario('chat-minimal'), ['embeddings']), 'chat');
  assert.equal(notServed(scenario('concurrent-streams'), ['chat']), 'chat-stream');
  assert.equal(notServed(scenario('chat-tools'), ['chat', 'chat-stream']), 'tools');
  assert.equal(notServed(scenario('embeddings'), ['chat']), 'embeddings');
  assert.equal(notServed(scenario('embeddings'), undefined), null);
  const mix = mixOf(['chat-minimal', 'embeddings'].map((name) => ({ scenario: scenario(name), weight: 1 })));
  assert.equal(notServed(mix, ['chat']), 'embeddings');
  assert.equal(notServed(mix, ['chat', 'embeddings']), null);
});
