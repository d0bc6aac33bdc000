import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { mean, median, sampleStandardDeviation } from 'simple-statistics';
import {
  meanOf,
  medianOf,
  standardDeviation,
  studentQuantile,
  studentT975,
  studentTwoSided,
} from '#src/analyse/student.js';

describe('studentT975', () => {
  it('gives the tabled points, and the expansion beyond them', () => {
    assert.deepEqual([1, 2, 5, 30].map(studentT975), [12.706, 4.303, 2.571, 2.042]);
    assert.deepEqual(
      [40, 60, 120].map((degrees) => studentT975(degrees).toFixed(3)),
      ['2.021', '2.000', '1.980'],
    );
  });

  it('falls towards the normal point', () => {
    const points = Array.from({ length: 200 }, (_, i) => studentT975(i + 1));
    assert.ok(points.every((point, i) => i === 0 || point < (points[i - 1] as number)));
    assert.ok((points.at(-1) as number) > 1.96);
  });

  it('knows no fractional or missing degrees of freedom', () => {
    assert.throws(() => studentT975(0), RangeError);
    assert.throws(() => studentT975(1.5), RangeError);
  });
});

describe('studentTwoSided', () => {
  it('is the inverse of the tabled points', () => {
    for (const degrees of [1, 2, 3, 4, 5, 10, 30])
      assert.equal(studentTwoSided(studentT975(degrees), degrees).toFixed(3), '0.050');
  });

  it('gives what can be worked out by hand', () => {
    // One degree is Cauchy's distribution: beyond 1 lies a half. Two: 1 − t/√(t² + 2).
    assert.equal(studentTwoSided(1, 1).toFixed(9), '0.500000000');
    assert.equal(studentTwoSided(2, 2).toFixed(9), (1 - 2 / Math.sqrt(6)).toFixed(9));
    assert.equal(studentTwoSided(0, 7), 1);
    assert.equal(studentTwoSided(-2, 2), studentTwoSided(2, 2));
  });

  it('falls with t', () => {
    const t = fc.double({ min: 0, max: 50, noNaN: true });
    fc.assert(
      fc.property(t, t, fc.integer({ min: 1, max: 60 }), (a, b, degrees) => {
        const [near, far] = [Math.min(a, b), Math.max(a, b)];
        assert.ok(studentTwoSided(far, degrees) <= studentTwoSided(near, degrees) + 1e-12);
      }),
    );
  });
});

describe('studentQuantile', () => {
  it('is the tabled points, and the inverse of the two-sided probability', () => {
    for (const degrees of [1, 2, 5, 30])
      assert.ok(Math.abs(studentQuantile(0.975, degrees) - studentT975(degrees)) < 0.001);
    assert.equal(studentQuantile(0.5, 4).toFixed(6), '0.000000');
    assert.equal(studentTwoSided(studentQuantile(0.9999, 3), 3).toFixed(7), '0.0002000');
    assert.throws(() => studentQuantile(1, 3), RangeError);
    assert.throws(() => studentQuantile(0.2, 3), RangeError);
  });
});

describe('mean, median and standard deviation', () => {
  it('agree with simple-statistics', () => {
    const samples = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(samples, (values) => {
        close(meanOf(values), mean(values));
        close(medianOf(values), median(values));
        close(standardDeviation(values), sampleStandardDeviation(values));
      }),
    );
  });
});

function close(a: number, b: number): void {
  assert.ok(Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b)), `${a} and ${b}`);
}
