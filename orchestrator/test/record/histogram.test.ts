import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bucketBounds, bucketOf, Histogram, signedBucketOf } from '#src/record/histogram.js';

/** Whole microseconds of every size, and the neighbours of the powers of two, where buckets change their width. */
const duration = fc.oneof(
  fc.nat(2000),
  fc.nat(60_000_000),
  fc.maxSafeNat(),
  fc.tuple(fc.integer({ min: 0, max: 52 }), fc.integer({ min: -1, max: 1 })).map(([bits, off]) => 2 ** bits + off),
);
const durations = fc.array(duration, { maxLength: 200 });

function histogramOf(...parts: readonly (readonly number[])[]): Histogram {
  const histogram = new Histogram();
  for (const value of parts.flat()) histogram.record(value);
  return histogram;
}

describe('a bucket', () => {
  it('holds its value, and is no wider than 1/128 of it', () => {
    fc.assert(
      fc.property(duration, (value) => {
        const { lowUs, widthUs } = bucketBounds(bucketOf(value));
        assert.ok(lowUs <= value && value < lowUs + widthUs, `${value} in [${lowUs}, ${lowUs + widthUs})`);
        assert.ok(widthUs === 1 || widthUs / value <= 1 / 128);
      }),
      { numRuns: 2000 },
    );
  });

  it('begins where the one before it ends', () => {
    for (let index = 0; index < 6000; index++) {
      const { lowUs, widthUs } = bucketBounds(index);
      assert.equal(bucketBounds(index + 1).lowUs, lowUs + widthUs);
      assert.equal(bucketOf(lowUs), index);
      assert.equal(bucketOf(lowUs + widthUs - 1), index);
    }
  });

  it('of a negative difference mirrors that of its magnitude, and ascends with the value', () => {
    const difference = fc.tuple(duration, fc.constantFrom(-1, 1)).map(([value, sign]) => value * sign);
    fc.assert(
      fc.property(difference, difference, (a, b) => {
        assert.ok(a > b || signedBucketOf(a) <= signedBucketOf(b));
        const { lowUs, widthUs } = bucketBounds(signedBucketOf(a));
        assert.ok(lowUs <= a && a <= lowUs + widthUs, `${a} in [${lowUs}, ${lowUs + widthUs}]`);
      }),
    );
  });

  it('keeps the order of values', () => {
    fc.assert(fc.property(duration, duration, (a, b) => a > b || bucketOf(a) <= bucketOf(b)));
  });

  it('cuts fractions off, takes what is below nothing for nothing, and what is beyond measure for the greatest', () => {
    assert.equal(bucketOf(17.999), 17);
    assert.equal(bucketOf(-3), 0);
    assert.equal(bucketOf(Number.NaN), 0);
    assert.equal(bucketOf(Number.POSITIVE_INFINITY), bucketOf(Number.MAX_SAFE_INTEGER));
  });
});

describe('a histogram', () => {
  it('counts every value once, in ascending buckets', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const histogram = histogramOf(values);
        const sparse = histogram.toSparse();
        const indices = sparse.filter((_, i) => i % 2 === 0);
        const counts = sparse.filter((_, i) => i % 2 === 1);
        assert.equal(histogram.total, values.length);
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          values.length,
        );
        assert.deepEqual(
          indices,
          [...new Set(values.map(bucketOf))].sort((a, b) => a - b),
        );
      }),
    );
  });

  it('merged is what recording everything in one would have been, in whatever order and grouping', () => {
    fc.assert(
      fc.property(durations, durations, durations, (a, b, c) => {
        const merged = (...parts: readonly Histogram[]): Histogram => {
          const whole = new Histogram();
          for (const part of parts) whole.merge(part.toSparse());
          return whole;
        };
        const [x, y, z] = [histogramOf(a), histogramOf(b), histogramOf(c)];
        const expected = histogramOf(a, b, c);
        for (const whole of [merged(x, y, z), merged(z, x, y), merged(merged(x, y), z), merged(x, merged(y, z))]) {
          assert.deepEqual(whole.toSparse(), expected.toSparse());
          assert.equal(whole.total, expected.total);
        }
      }),
    );
  });

  it('is not changed by what is empty', () => {
    const histogram = histogramOf([1, 1000]);
    histogram.merge([]);
    assert.deepEqual(histogram.toSparse(), histogramOf([1, 1000]).toSparse());
  });
});
