import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { holm } from '#src/analyse/judge/holm.js';

describe('holm', () => {
  it('compares the smallest with 0.05/n, the next with 0.05/(n − 1), and stops at the first that fails', () => {
    // The example of Holm's method in any textbook: 0.0125, 0.0167, 0.025, 0.05.
    assert.deepEqual(holm([0.01, 0.04, 0.03, 0.005]), [true, false, false, true]);
    assert.deepEqual(holm([0.04]), [true]);
    assert.deepEqual(holm([0.03, 0.03]), [false, false]);
    assert.deepEqual(holm([]), []);
  });

  it('never tells apart what a single comparison would not', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (pValues) =>
        holm(pValues).every((told, i) => !told || (pValues[i] as number) <= 0.05),
      ),
    );
  });
});
