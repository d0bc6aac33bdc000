import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sumIfKnown } from '#src/sum-if-known.js';

test('a sum is known where all of it is, and of nothing it is nothing', () => {
  assert.equal(sumIfKnown([1, 2, 0]), 3);
  assert.equal(sumIfKnown([1, null, 2]), null);
  assert.equal(sumIfKnown([]), 0);
});
