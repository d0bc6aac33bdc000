import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { mean, quantileSorted, sampleStandardDeviation } from 'simple-statistics';
import { drawQuantiles } from '#src/analyse/bootstrap.js';
import { drawnError, estimateQuantiles, orderStatisticsInterval } from '#src/analyse/estimate.js';
import { judgeOverhead } from '#src/analyse/overhead.js';
import { studentT975 } from '#src/analyse/student.js';
import { Histogram } from '#src/record/histogram.js';
import type { Distribution } from '#src/record/trial.js';
import { lehmer, lognormalDistribution, normal } from './synthetic-run.js';

const RUNS = 300;
/** Of 300 runs at 95 %, fewer or more than these shares are chance once in a thousand. scripts/simulate-statistics.mjs does a thousand runs. */
const LEAST = 0.905;
const MOST = 0.993;

/** Standard normal points of p50, p90 and p99. */
const Z = { p50: 0, p90: 1.281552, p99: 2.326348 } as const;
const NAMES = ['p50', 'p90', 'p99'] as const;
const SIGMA = 0.3;
const BLOCK_SIGMA = 0.05;

function holds(interval: { low: number; high: number } | undefined, truth: number): boolean {
  // Records are whole microseconds.
  return interval !== undefined && interval.low <= truth + 0.5 && interval.high >= truth - 0.5;
}

function blockOf(random: () => number, medianUs: number): Distribution {
  return lognormalDistribution(random, { medianUs, sigma: SIGMA, perSecond: 120, seconds: 5 });
}

function merged({ seconds }: Distribution) {
  const all = new Histogram();
  for (const second of seconds ?? []) all.merge(second);
  return all.toSparse();
}

describe('coverage of the 95 % intervals, the truth being known', () => {
  for (const blocks of [3, 6]) {
    it(`of quantiles over ${blocks} blocks`, () => {
      const random = lehmer(100 + blocks);
      const hits = { p50: 0, p90: 0, p99: 0 };
      for (let run = 0; run < RUNS; run += 1) {
        const trials = Array.from({ length: blocks }, () => [
          blockOf(random, 500 * Math.exp(BLOCK_SIGMA * normal(random))),
        ]);
        const quantiles = estimateQuantiles(trials, run);
        for (const name of NAMES) if (holds(quantiles[name], 500 * Math.exp(Z[name] * SIGMA))) hits[name] += 1;
      }
      for (const name of NAMES)
        assert.ok(hits[name] / RUNS >= LEAST && hits[name] / RUNS <= MOST, `${name}: ${hits[name]} of ${RUNS}`);
    });

    it(`of the overhead over ${blocks} blocks`, () => {
      const random = lehmer(200 + blocks);
      const hits = { p50: 0, p90: 0 };
      for (let run = 0; run < RUNS; run += 1) {
        const pairs = Array.from({ length: blocks }, () => {
          const factor = Math.exp(BLOCK_SIGMA * normal(random));
          return {
            target: blockOf(random, 800 * factor),
            direct: [blockOf(random, 500 * factor), blockOf(random, 500 * factor)],
          };
        });
        const floor = { p50Us: 1, p90Us: 1, p99Us: 1, pairs: blocks };
        const overhead = judgeOverhead(pairs, floor, run);
        for (const name of ['p50', 'p90'] as const)
          if (holds(overhead[name], 300 * Math.exp(Z[name] * SIGMA))) hits[name] += 1;
      }
      for (const [name, hit] of Object.entries(hits))
        assert.ok(hit / RUNS >= LEAST && hit / RUNS <= MOST, `${name}: ${hit} of ${RUNS}`);
    });
  }

  it('of order statistics, where requests are independent; where blocks differ they hold far too seldom', () => {
    const cover = (blockSigma: number): number => {
      const random = lehmer(300);
      let hits = 0;
      for (let run = 0; run < RUNS; run += 1) {
        const trial = blockOf(random, 500 * Math.exp(blockSigma * normal(random)));
        if (holds(orderStatisticsInterval(merged(trial), 0.9), 500 * Math.exp(Z.p90 * SIGMA))) hits += 1;
      }
      return hits / RUNS;
    };
    const independent = cover(0);
    assert.ok(independent >= LEAST && independent <= MOST, `${independent}`);
    assert.ok(cover(BLOCK_SIGMA) < 0.8);
  });
});

describe('a second implementation', () => {
  it('gives the same ratio to direct, from simple-statistics’ mean and standard deviation of logarithms', () => {
    const medians = fc.array(fc.tuple(fc.integer({ min: 100, max: 9000 }), fc.integer({ min: 100, max: 9000 })), {
      minLength: 2,
      maxLength: 8,
    });
    const bare = (p50: number): Distribution => ({
      count: 1000,
      quantiles: { p50, p90: null, p99: null, p999: null, max: null },
      seconds: null,
    });
    fc.assert(
      fc.property(medians, (blocks) => {
        const { p50 } = judgeOverhead(
          blocks.map(([target, direct]) => ({ target: bare(target), direct: [bare(direct)] })),
          undefined,
          1,
        );
        const logs = blocks.map(([target, direct]) => Math.log(target / direct));
        const reach = (studentT975(logs.length - 1) * sampleStandardDeviation(logs)) / Math.sqrt(logs.length);
        assert.ok(p50);
        for (const [got, expected] of [
          [p50.ratio.value, mean(logs)],
          [p50.ratio.low, mean(logs) - reach],
          [p50.ratio.high, mean(logs) + reach],
        ] as const)
          assert.ok(Math.abs(Math.log(got) - expected) <= 0.001, `${got} for ${Math.exp(expected)}`);
      }),
    );
  });

  it('gives the same standard error, drawing raw values block by block without any histogram', () => {
    const random = lehmer(400);
    const blocks = Array.from({ length: 6 }, () => {
      const medianUs = 5000 * Math.exp(0.1 * normal(random));
      return Array.from({ length: 400 }, () => Math.floor(medianUs * Math.exp(SIGMA * normal(random))));
    });
    const histograms = blocks.map((values) => {
      const histogram = new Histogram();
      for (const value of values) histogram.record(value);
      return histogram.toSparse();
    });
    const draws = Array.from({ length: 1000 }, () => {
      const drawn = blocks.flatMap(() => blocks[Math.floor(random() * blocks.length)] ?? []);
      return quantileSorted(
        drawn.toSorted((a, b) => a - b),
        0.9,
      );
    });
    const [ours] = drawQuantiles(histograms, [0.9], 7);
    const ratio = drawnError(ours ?? [], 6) / drawnError(draws, 6);
    // Both are right to 2 to 3 %.
    assert.ok(ratio > 0.88 && ratio < 1.12, `${ratio}`);
  });
});

describe('properties of the estimate', () => {
  const latency = fc.integer({ min: 200, max: 100_000 });
  const block = fc.array(latency, { minLength: 40, maxLength: 60 });
  const trialOf = (values: readonly number[], factor = 1): Distribution => {
    const histogram = new Histogram();
    for (const value of values) histogram.record(value * factor);
    const nothing = { p50: null, p90: null, p99: null, p999: null, max: null };
    return { count: values.length, quantiles: nothing, seconds: [histogram.toSparse()] };
  };

  it('the value does not depend on the order of the blocks', () => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 2, maxLength: 4 }), (blocks) => {
        const one = estimateQuantiles(
          blocks.map((values) => [trialOf(values)]),
          1,
        );
        const other = estimateQuantiles(
          blocks.toReversed().map((values) => [trialOf(values)]),
          1,
        );
        assert.equal(one.p50?.value, other.p50?.value);
      }),
      { numRuns: 25 },
    );
  });

  it('everything doubles when every latency does, within a bucket', () => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 2, maxLength: 4 }), (blocks) => {
        const one = estimateQuantiles(
          blocks.map((values) => [trialOf(values)]),
          1,
        ).p50;
        const twice = estimateQuantiles(
          blocks.map((values) => [trialOf(values, 2)]),
          1,
        ).p50;
        assert.ok(one && twice);
        assert.ok(Math.abs(twice.value / one.value / 2 - 1) < 0.01);
        // Two blocks that differ a hundredfold have an interval down to where rounding leaves nothing to compare.
        fc.pre(one.low >= 10);
        assert.ok(
          Math.abs(Math.log(twice.high / twice.low) - Math.log(one.high / one.low)) <
            0.1 * (1 + Math.log(one.high / one.low)),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('higher quantiles are not lower', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(latency, { minLength: 100, maxLength: 120 }), { minLength: 2, maxLength: 3 }),
        (blocks) => {
          const { p50, p90 } = estimateQuantiles(
            blocks.map((values) => [trialOf(values)]),
            1,
          );
          assert.ok(p50 && p90 && p50.value <= p90.value);
          const ranked = blocks.map((values) => values.toSorted((a, b) => a - b));
          const logs = ranked.map((values) => Math.log(values[Math.ceil(0.9 * values.length - 1e-9) - 1] ?? 0));
          // Within the buckets of the values of that rank.
          assert.ok(Math.abs(p90.value / Math.exp(mean(logs)) - 1) < 0.01);
        },
      ),
      { numRuns: 25 },
    );
  });
});
