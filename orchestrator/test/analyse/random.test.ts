import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededIndices, seedFor } from '#src/analyse/random.js';

describe('seededIndices', () => {
  it('repeats itself for the same seed and differs for another', () => {
    assert.deepEqual(draw(1), draw(1));
    assert.notDeepEqual(draw(1), draw(2));
  });

  it('draws each index about as often', () => {
    const next = seededIndices(3);
    const counts = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 60_000; i += 1) (counts[next(6)] as number) += 1;
    // Chi-square with 5 degrees of freedom: above 20.5 once in a thousand seeds.
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    assert.ok(chiSquare < 20.5, `${chiSquare}`);
  });
});

describe('seedFor', () => {
  it('depends on the run and on the purpose', () => {
    assert.equal(seedFor(1, 'a'), seedFor(1, 'a'));
    assert.equal(new Set([seedFor(1, 'a'), seedFor(2, 'a'), seedFor(1, 'b')]).size, 3);
  });
});

function draw(seed: number): number[] {
  const next = seededIndices(seed);
  return Array.from({ length: 20 }, () => next(1000));
}
