import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelOf } from '#src/answers/model-of.js';

test('the model is found in every dialect, and is empty where none is named', () => {
  assert.equal(modelOf('{"model":"m","choices":[]}'), 'm');
  assert.equal(modelOf('{"type":"message_start","message":{"model":"m"}}'), 'm');
  assert.equal(modelOf('{"type":"response.created","response":{"model":"m"}}'), 'm');
  for (const data of ['[DONE]', '{}', 'null', '{"model":1}']) assert.equal(modelOf(data), '');
});
