import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { quantileSorted } from 'simple-statistics';
import { carries, countOf, quantileOf } from '#src/analyse/quantile.js';
import { Histogram } from '#src/record/histogram.js';

const duration = fc.integer({ min: 0, max: 60_000_000 });
const durations = fc.array(duration, { minLength: 1, maxLength: 300 });
const probability = fc.double({ min: 0.001, max: 0.999, noNaN: true });

function histogramOf(values: readonly number[]): number[] {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.toSparse();
}

describe('quantileOf', () => {
  it('takes the value of rank ceil(p·n), so that p99 of 100 values is the 99th and not the largest', () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    assert.equal(Math.floor(quantileOf(histogramOf(values), 0.99)), 99);
    assert.equal(Math.floor(quantileOf(histogramOf(values), 0.5)), 50);
    assert.equal(Math.floor(quantileOf(histogramOf(values), 0.07)), 7);
    assert.equal(Math.floor(quantileOf(histogramOf([5]), 0.001)), 5);
  });

  it('spreads the values of one bucket evenly over it', () => {
    // 1000 lies in the bucket [1000, 1004): the 1st, 2nd and 3rd of three values sit at 1/6, 3/6 and 5/6 of its width.
    const histogram = histogramOf([1000, 1001, 1002]);
    assert.deepEqual([histogram.length, histogram[1]], [2, 3]);
    assert.equal(quantileOf(histogram, 1 / 3), 1000 + 4 / 6);
    assert.equal(quantileOf(histogram, 0.5), 1000 + 4 / 2);
    assert.equal(quantileOf(histogram, 0.9), 1000 + (4 * 5) / 6);
  });

  it('has no value for an empty histogram', () => {
    assert.throws(() => quantileOf([], 0.5), RangeError);
  });

  it('agrees with simple-statistics, within a bucket, where type 1 and its type 7 fall on the same value: p = j/(n − 1)', () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 2, maxLength: 300 }), fc.nat(), (values, choice) => {
        const p = (choice % values.length) / (values.length - 1);
        const sorted = values.toSorted((a, b) => a - b);
        const expected = quantileSorted(sorted, p);
        assert.ok(Math.abs(quantileOf(histogramOf(values), p) - expected) <= Math.max(1, expected / 128));
      }),
    );
  });

  it('never falls as p grows', () => {
    fc.assert(
      fc.property(durations, probability, probability, (values, a, b) => {
        const histogram = histogramOf(values);
        assert.ok(quantileOf(histogram, Math.min(a, b)) <= quantileOf(histogram, Math.max(a, b)));
      }),
    );
  });

  it('scales with its values', () => {
    fc.assert(
      fc.property(durations, probability, fc.integer({ min: 2, max: 50 }), (values, p, factor) => {
        const scaled = quantileOf(histogramOf(values.map((value) => value * factor)), p);
        const expected = quantileOf(histogramOf(values), p) * factor;
        assert.ok(Math.abs(scaled - expected) <= Math.max(factor, expected / 64));
      }),
    );
  });

  it('of merged histograms lies between those of the parts, which an average of percentiles does not give', () => {
    fc.assert(
      fc.property(durations, durations, probability, (a, b, p) => {
        const merged = new Histogram();
        merged.merge(histogramOf(a));
        merged.merge(histogramOf(b));
        assert.deepEqual(merged.toSparse(), histogramOf([...a, ...b]));
        assert.equal(countOf(merged.toSparse()), a.length + b.length);
        const parts = [quantileOf(histogramOf(a), p), quantileOf(histogramOf(b), p)];
        const whole = quantileOf(merged.toSparse(), p);
        const slack = Math.max(1, whole / 128);
        assert.ok(whole >= Math.min(...parts) - slack && whole <= Math.max(...parts) + slack);
      }),
    );
  });
});

describe('carries', () => {
  it('asks for ten values beyond the quantile', () => {
    assert.deepEqual([carries(1000, 0.99), carries(999, 0.99)], [true, false]);
    assert.deepEqual([carries(10_000, 0.999), carries(9_999, 0.999)], [true, false]);
    assert.deepEqual([carries(20, 0.5), carries(19, 0.5)], [true, false]);
  });
});
