import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '#src/health/histogram.js';
import fc from 'fast-check';

const values = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 200 });

test('a quantile is the exact one, rounded up by at most a sixteenth of an octave', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
      const histogram = new Histogram();
      for (const value of all) histogram.add(value);
      const exact = [...all].sort((a, b) => a - b)[Math.ceil(share * all.length) - 1] as number;
      const found = histogram.quantile(share);
      assert.ok(found >= exact * (1 - 1e-9) && found <= (exact + 1) * 2 ** (1 / 16), `${found} for ${exact}`);
    }),
  );
});

test('merged histograms are the histogram of all values', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const [one, other, both] = [new Histogram(), new Histogram(), new Histogram()];
      for (const value of a) one.add(value);
      for (const value of b) other.add(value);
      for (const value of [...a, ...b]) both.add(value);
      one.merge(other.data());
      assert.deepEqual(one.summary(), both.summary());
    }),
  );
});

test('an empty one has no values and no quantiles', () => {
  const histogram = new Histogram();
  histogram.add(5);
  histogram.clear();
  assert.deepEqual(histogram.summary(), { count: 0, p50: 0, p90: 0, p99: 0, max: 0 });
});
