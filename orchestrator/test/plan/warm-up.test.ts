import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { againMs, FIRST_WARMUP_MS, Warmth } from '#src/plan/warm-up.js';

const named = (name: string) => SCENARIOS.find((scenario) => scenario.name === name) ?? assert.fail(name);
const [chat, stream] = [named('chat-minimal'), named('chat-stream')];

test('a target is warmed whole until a trial of the scenario has counted, and less behind it', () => {
  const warmth = new Warmth(1000);
  const before = [chat, chat, stream, chat, stream].map((scenario) => {
    const ms = warmth.beforeMs(scenario);
    warmth.measured(scenario, true);
    return ms;
  });
  assert.deepEqual(before, [FIRST_WARMUP_MS, 500, 1000, 500, 500]);
});

test('a trial that does not count leaves nobody warm, and what was asked for is the cap', () => {
  const warmth = new Warmth(1000);
  warmth.measured(chat, false);
  assert.equal(warmth.beforeMs(chat), 1000);
  warmth.measured(chat, true);
  assert.equal(warmth.beforeMs(chat), 500);
  warmth.measured(chat, false);
  assert.equal(warmth.beforeMs(chat), 1000);
});

test('what is held is waited for, and a short warm-up stays as it is', () => {
  const warmth = new Warmth(1000);
  warmth.measured(chat, true);
  assert.equal(warmth.beforeMs({ ...chat, heldMs: 3000 }), 3000);
  assert.deepEqual([0, 200, 300, 500, 5000].map(againMs), [0, 200, 250, 250, 2500]);
});
