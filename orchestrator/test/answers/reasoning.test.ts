import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFrame } from '#src/answers/frame.js';

test('reasoning that comes as details alone bears content, an empty list of them does not', () => {
  const frame = (delta: object) => readFrame('chat', '', JSON.stringify({ choices: [{ index: 0, delta }] })).kind;
  assert.equal(frame({ reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }] }), 'content');
  assert.equal(frame({ reasoning_details: [] }), 'other');
  assert.equal(frame({ role: 'assistant' }), 'other');
});
