import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { distributionOf, distributionOfPercentiles } from '#src/load/oha/distribution.js';

const inOneSecond = (values: readonly number[]) => ({
  valuesUs: Float64Array.from(values),
  seconds: new Uint32Array(values.length),
  secondCount: 1,
});

describe('distributionOf', () => {
  it('gives the nearest rank: of 1 to 100 the 50th, 90th, 99th and the last', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    const { count, quantiles } = distributionOf(inOneSecond(values));
    assert.equal(count, 100);
    assert.deepEqual(quantiles, { p50: 50, p90: 90, p99: 99, p999: 100, max: 100 });
  });

  it('gives the smallest value that at least the share p does not exceed', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60_000_000), { minLength: 1, maxLength: 300 }), (values) => {
        const { quantiles } = distributionOf(inOneSecond(values));
        for (const [p, value] of [
          [50, quantiles.p50],
          [90, quantiles.p90],
          [99, quantiles.p99],
        ] as const) {
          const smallest = values.filter((x) => 100 * values.filter((y) => y <= x).length >= p * values.length);
          assert.equal(value, Math.min(...smallest));
        }
        assert.equal(quantiles.max, Math.max(...values));
      }),
    );
  });

  it('has a histogram for every second, an empty one where nothing was', () => {
    const distribution = distributionOf({
      valuesUs: Float64Array.of(5, 7, 5),
      seconds: Uint32Array.of(0, 2, 0),
      secondCount: 3,
    });
    assert.deepEqual(distribution.seconds, [[5, 2], [], [7, 1]]);
  });

  it('has nulls for nothing', () => {
    const { count, quantiles } = distributionOf(inOneSecond([]));
    assert.equal(count, 0);
    assert.deepEqual(quantiles, { p50: null, p90: null, p99: null, p999: null, max: null });
  });
});

describe('distributionOfPercentiles', () => {
  it('turns seconds into microseconds and has nothing to merge', () => {
    const none = { p10: null, p25: null, p75: null, p95: null, 'p99.99': null };
    const percentiles = { ...none, p50: 0.000523891, p90: 0.001, p99: 0.0021, 'p99.9': null };
    assert.deepEqual(distributionOfPercentiles(7, percentiles, 0.5), {
      count: 7,
      quantiles: { p50: 523.891, p90: 1000, p99: 2100, p999: null, max: 500_000 },
      seconds: null,
    });
  });
});
