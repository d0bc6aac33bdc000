import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bestSplit, distancesOf, LEAST_ASIDE } from '#src/analyse/history/energy.js';

/** The same by the sums of the paper, pair by pair. */
function bySums(values: readonly number[]): { at: number; statistic: number } {
  const over = (one: readonly number[], other: readonly number[]): number =>
    one.reduce((sum, x) => sum + other.reduce((inner, y) => inner + Math.abs(x - y), 0), 0);
  const n = values.length;
  const mean = over(values, values) / (n * (n - 1));
  let best = { at: 0, statistic: 0 };
  for (let at = LEAST_ASIDE; at <= n - LEAST_ASIDE; at += 1) {
    const [before, behind] = [values.slice(0, at), values.slice(at)];
    const [a, b] = [before.length, behind.length];
    const energy =
      (2 * over(before, behind)) / (a * b) -
      over(before, before) / (a * (a - 1)) -
      over(behind, behind) / (b * (b - 1));
    const statistic = ((a * b) / n) * (energy / mean);
    if (statistic > best.statistic) best = { at, statistic };
  }
  return best;
}

describe('where a series is best parted', () => {
  test('of a plain step by hand: 9 · 2·1/6 of a mean distance', () => {
    const values = [0, 0, 0, 1, 1, 1];
    // Between: 2 · 1; within nothing; nm/(n + m) = 3/2; mean distance 9/15.
    assert.deepEqual(bestSplit(distancesOf(values), [0, 1, 2, 3, 4, 5]), { at: 3, statistic: (3 / 2) * 2 * (15 / 9) });
  });

  test('by trees of partial sums as by the sums of all pairs', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 6, maxLength: 25 }), (values) => {
        fc.pre(new Set(values).size > 1);
        const order = [...values.keys()].toReversed();
        const found = bestSplit(distancesOf(values), order);
        const expected = bySums(order.map((i) => values[i] as number));
        assert.ok(Math.abs(found.statistic - expected.statistic) < 1e-9);
      }),
    );
  });

  test('equal values, or too few, are not parted', () => {
    assert.equal(bestSplit(distancesOf([2, 2, 2, 2, 2, 2, 2]), [0, 1, 2, 3, 4, 5, 6]).at, 0);
    assert.equal(bestSplit(distancesOf([1, 1, 9, 9, 9]), [0, 1, 2, 3, 4]).at, 0);
  });
});
