import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blocksNeeded } from '#src/analyse/judge/blocks-needed.js';
import { contrastOf, contrastWith, sumOfSpreads } from '#src/analyse/judge/contrast.js';

describe('a contrast', () => {
  it('is Student’s t over paired differences, by hand', () => {
    // Mean 2, standard error 1/√3, t(2) = 4.303; p of t = 2√3: 1 − t/√(t² + 2).
    const { mean, low, high, error, degrees, p } = contrastOf([1, 2, 3]) ?? assert.fail();
    assert.deepEqual([mean, degrees], [2, 2]);
    assert.ok(Math.abs(error - 1 / Math.sqrt(3)) < 1e-12);
    assert.ok(Math.abs(high - (2 + 4.303 / Math.sqrt(3))) < 1e-9 && Math.abs(low + high - 4) < 1e-9);
    const t = 2 * Math.sqrt(3);
    assert.ok(Math.abs(p - (1 - t / Math.sqrt(t ** 2 + 2))) < 1e-9);
  });

  it('takes the spread that it is lent', () => {
    // √(0.08/2) = 0.2, t(10) = 2.228.
    const { low, high } = contrastOf([0.6, 0.8], { variance: 0.08, degrees: 10 }) ?? assert.fail();
    assert.ok(Math.abs(low - (0.7 - 0.4456)) < 1e-9 && Math.abs(high - (0.7 + 0.4456)) < 1e-9);
  });

  it('says nothing of one difference, unless a spread is lent', () => {
    assert.equal(contrastOf([1]), null);
    assert.equal(contrastOf([], { variance: 1, degrees: 5 }), null);
    assert.ok((contrastOf([1], { variance: 1, degrees: 5 })?.high ?? 0) > 1);
  });

  it('rounds degrees of freedom down, so that no interval is too narrow', () => {
    assert.equal(contrastWith(1, 1, 2.9).degrees, 2);
    assert.equal(contrastWith(1, 1, 0.3).degrees, 1);
    assert.equal(contrastWith(0, 0, 3).p, 1);
    assert.equal(contrastWith(1, 0, 3).p, 0);
  });

  it('adds variances after Welch and Satterthwaite, by hand', () => {
    // (1/3 + 4/3)² / ((1/3)²/2 + (4/3)²/2) = 2.94.
    const { variance, degrees } = sumOfSpreads([
      { variance: 1 / 3, degrees: 2 },
      { variance: 4 / 3, degrees: 2 },
    ]);
    assert.ok(Math.abs(variance - 5 / 3) < 1e-12 && Math.abs(degrees - 2.941176) < 1e-5);
  });
});

describe('blocks needed', () => {
  it('are the fewest that bring the error low enough for four in five, by hand', () => {
    // s = 0.2 from 2 blocks with 10 degrees, difference 0.2. At n = 8, 16 degrees: (2.120 + 0.865) · 0.2/√8 = 0.211; at n = 9, 17: (2.110 + 0.863) · 0.2/3 = 0.198.
    assert.equal(blocksNeeded({ mean: 0.2, error: 0.2 / Math.SQRT2, degrees: 10 }, 2, 0.05), 9);
  });

  it('are not forecast beyond ten times as many', () =>
    assert.equal(blocksNeeded({ mean: 0.01, error: 0.2, degrees: 1 }, 2, 0.05), null));
});
