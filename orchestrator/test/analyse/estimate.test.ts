import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { estimateQuantiles, orderStatisticsInterval } from '#src/analyse/estimate.js';
import { Histogram } from '#src/record/histogram.js';
import type { Distribution } from '#src/record/trial.js';
import { lehmer, lognormalDistribution, normal } from './synthetic-run.js';

const NOTHING = { p50: null, p90: null, p99: null, p999: null, max: null };

function histogramOf(values: readonly number[]): number[] {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.toSparse();
}

/** A trial whose every second holds the same values. */
function steady(values: readonly number[], seconds: number): Distribution {
  const second = histogramOf(values);
  return { count: values.length * seconds, quantiles: NOTHING, seconds: Array.from({ length: seconds }, () => second) };
}

/** A trial of a driver that keeps percentiles only. */
function bare(count: number, p50: number, p90: number | null = null): Distribution {
  return { count, quantiles: { ...NOTHING, p50, p90 }, seconds: null };
}

describe('estimateQuantiles', () => {
  it('leaves out what the sample does not carry', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 200 + i);
    assert.deepEqual(Object.keys(estimateQuantiles([[steady(hundred, 1)]], 1)), ['p50', 'p90']);
    assert.deepEqual(Object.keys(estimateQuantiles([[steady(hundred, 10)]], 1)), ['p50', 'p90', 'p99']);
    assert.deepEqual(estimateQuantiles([[steady([5], 3)]], 1), {});
    assert.deepEqual(estimateQuantiles([], 1), {});
  });

  it('takes the quantile of all seconds of a block merged, and the geometric mean over blocks', () => {
    const trial = (counts: readonly (readonly [count: number, us: number])[]): Distribution => {
      const seconds = counts.map(([count, us]) => histogramOf(Array.from({ length: count }, () => us)));
      return { count: counts.reduce((sum, [count]) => sum + count, 0), quantiles: NOTHING, seconds };
    };
    const fast = trial([
      [90, 100],
      [10, 9000],
    ]);
    const slow = trial([[100, 400]]);
    const { p50, p90 } = estimateQuantiles([[fast], [slow]], 1);
    // 90 of the 100 values of the fast block are 100: the mean of its seconds' p90 would be 4550. √(100 · 400) = 200.
    for (const estimate of [p50, p90]) assert.ok(estimate && estimate.value >= 200 && estimate.value <= 203);
  });

  it('leaves out a quantile of which no block holds a value beyond it, whatever all of them hold together', () => {
    const block = bare(50, 100);
    const p99 = { ...block, quantiles: { ...block.quantiles, p99: 900 } };
    const { p50, p99: tail } = estimateQuantiles(
      Array.from({ length: 30 }, () => [p99]),
      1,
    );
    assert.equal(p50?.value, 100);
    assert.equal(tail, undefined);
  });

  it('keeps the cell’s own interval beside one that leans on others', () => {
    const blocks = [[bare(1000, 100)], [bare(1000, 121)]];
    // Logarithms ln 1.21 apart. Own: s/√2 = 0.09531, t(1) = 12.706. Lent: √(0.02/2) = 0.1, t(10) = 2.228.
    const { p50 } = estimateQuantiles(blocks, 1, () => ({ variance: 0.02, degrees: 10 }));
    assert.equal(p50?.value, 110);
    assert.equal(p50.high, Math.round(1100 * Math.exp(0.2228)) / 10);
    assert.equal(p50.own?.high, Math.round(1100 * Math.exp(12.706 * 0.0953102)) / 10);
  });

  it('puts the interval of differences around 0 and below it as far on either side', () => {
    const { p50 } = estimateQuantiles([[bare(1000, -20)], [bare(1000, 0)], [bare(1000, 20)]], 1);
    // t with 2 degrees of freedom is 4.303, and the standard error 20/√3.
    assert.equal(p50?.value, 0);
    assert.ok(Math.abs(p50.high - 49.7) < 0.1, String(p50.high));
    assert.ok(Math.abs(p50.low + p50.high) < 1e-9);
  });

  it('has an interval without width when nothing varies', () => {
    const same = steady([100, 101, 102, 103, 104, 105, 106, 107, 108, 109], 4);
    for (const blocks of [[[same]], [[same], [same], [same]]]) {
      const { p50 } = estimateQuantiles(blocks, 1);
      assert.deepEqual([p50?.low, p50?.high], [p50?.value, p50?.value]);
    }
  });

  it('gives the same interval for the same seed', () => {
    const random = lehmer(5);
    const blocks = [1, 2, 3].map(() => [
      lognormalDistribution(random, { medianUs: 400, sigma: 0.3, perSecond: 50, seconds: 3 }),
    ]);
    assert.deepEqual(estimateQuantiles(blocks, 9), estimateQuantiles(blocks, 9));
  });

  it('is the geometric mean over blocks, with Student’s t on the logarithms, by hand', () => {
    // Logarithms of 100, 110, 121 are 0.09531 apart, so s = 0.09531, s/√3 = 0.05503, times t(2) = 4.303: a factor of 1.2672.
    const { p50, p90 } = estimateQuantiles([[bare(30, 110)], [bare(30, 100)], [bare(30, 121)]], 1);
    assert.equal(p50?.value, 110);
    assert.equal(p50?.high, Math.round(1100 * 1.26722) / 10);
    assert.equal(p50?.low, Math.round(1100 / 1.26722) / 10);
    assert.equal(p90, undefined);
    assert.deepEqual(estimateQuantiles([[bare(20, 50)]], 1).p50, { value: 50, low: 50, high: 50 });
  });

  it('takes blocks with and without histograms alike', () => {
    const { p50 } = estimateQuantiles([[steady([100, 100, 100], 10)], [bare(100, 144)]], 1);
    assert.ok(p50 && p50.value >= 120 && p50.value <= 121);
  });

  it('keeps the value within its interval', () => {
    const block = fc.array(fc.integer({ min: 0, max: 5_000_000 }), { minLength: 40, maxLength: 60 });
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), fc.integer(), (blocks, seed) => {
        const quantiles = estimateQuantiles(
          blocks.map((values) => [steady(values, 2)]),
          seed,
        );
        for (const estimate of Object.values(quantiles)) {
          assert.ok(estimate !== undefined && estimate.low <= estimate.value && estimate.value <= estimate.high);
        }
      }),
      { numRuns: 25 },
    );
  });

  for (const blocks of [1, 3, 6]) {
    it(`covers the true median and p90 in about 95 % of simulated runs of ${blocks} block(s)`, () => {
      const runs = 250;
      const random = lehmer(blocks);
      // One block says nothing about how blocks differ, so there is nothing to differ in that simulation.
      const blockSigma = blocks === 1 ? 0 : 0.04;
      const sigma = 0.3;
      const truth = { p50: 500, p90: 500 * Math.exp(1.281552 * Math.hypot(sigma, blockSigma)) };
      const hits = { p50: 0, p90: 0 };
      for (let run = 0; run < runs; run += 1) {
        const trials = Array.from({ length: blocks }, () => {
          const medianUs = 500 * Math.exp(blockSigma * normal(random));
          return [lognormalDistribution(random, { medianUs, sigma, perSecond: 60, seconds: 5 })];
        });
        const quantiles = estimateQuantiles(trials, run);
        for (const name of ['p50', 'p90'] as const) {
          const estimate = quantiles[name];
          // Records are whole microseconds.
          if (estimate && estimate.low <= truth[name] + 0.5 && estimate.high >= truth[name] - 0.5) hits[name] += 1;
        }
      }
      // Of 250 runs at 95 %, fewer than 91 % or more than 99 % would be chance once in a few hundred.
      for (const hit of Object.values(hits)) assert.ok(hit / runs >= 0.91 && hit / runs <= 0.992, `${hit / runs}`);
    });
  }
});

describe('orderStatisticsInterval', () => {
  it('takes the ranks n·p ± 1.96·√(n·p(1−p))', () => {
    // n = 100, p = 0.5: 50 ± 9.8, so the 40th and the 61st value.
    const histogram = histogramOf(Array.from({ length: 100 }, (_, i) => i + 1));
    const { value, low, high } = orderStatisticsInterval(histogram, 0.5);
    assert.deepEqual([value, low, high].map(Math.floor), [50, 40, 61]);
  });
});
