import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vectorsOf } from '#src/answers/vectors.js';

const written = (numbers: string): string => `{"data":[{"embedding":[${numbers}]}]}`;

test('numbers that are the same in 32 bits are the same vector, others are not', () => {
  assert.deepEqual(vectorsOf(written('0.0113016544')), vectorsOf(written('0.011301654')));
  assert.notDeepEqual(vectorsOf(written('0.0113016544')), vectorsOf(written('0.0113017')));
});

test('what is no number is not taken for one', () => {
  assert.deepEqual(vectorsOf('{"data":[{"embedding":"AACAPw=="},{"embedding":["1"]},{}]}'), [
    'AACAPw==',
    ['1'],
    undefined,
  ]);
});
