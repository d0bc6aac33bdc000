import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { mean, median, sampleStandardDeviation } from 'simple-statistics';
import { meanOf, medianOf, standardDeviation, studentT975 } from '#src/analyse/student.js';

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
