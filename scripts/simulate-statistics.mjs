#!/usr/bin/env node
// Whether the intervals hold what they promise: simulated runs of which the truth is known, in blocks that differ, of seconds that are alike.
//
//   npm run build && node scripts/simulate-statistics.mjs            1000 runs a row, some minutes
//   npm run build && node scripts/simulate-statistics.mjs --runs 200 --blocks 3,6
//
// Each row says how often a 95 % interval held the true quantile (per cent, p50 / p90 / p99), and how wide it was in the median (high
// over low). `used` is what analyse gives; beside it, what it does not use: the percentile interval of the hierarchical bootstrap
// (blocks, then seconds within them), the same bootstrap's standard error under Student's t, and order statistics of everything merged.
// Below it, what a gateway that adds 0 or 100 µs to each request is said to add: how often the interval of its overhead held the truth,
// and how often the verdict was that it differs from `direct`.
import { estimateQuantiles, orderStatisticsInterval } from '../orchestrator/build/analyse/estimate.js';
import { judgeOverhead, noiseFloorAt } from '../orchestrator/build/analyse/overhead.js';
import { PROBABILITY, quantileOf } from '../orchestrator/build/analyse/quantile.js';
import { studentT975 } from '../orchestrator/build/analyse/student.js';
import { seededRandom } from '../orchestrator/build/plan/random.js';
import { Histogram } from '../orchestrator/build/record/histogram.js';
import { refuse, scriptOptions } from './support/script-options.mjs';

const options = scriptOptions({ runs: 1000, blocks: '2,3,6,10' });
const RUNS = options.runs;
const BLOCKS = options.blocks.split(',').map(Number);
if (!BLOCKS.every((blocks) => Number.isInteger(blocks) && blocks > 0)) {
  refuse(`--blocks ${JSON.stringify(options.blocks)} is not a list of whole numbers above 0, such as 3,6`);
}
const NAMES = ['p50', 'p90', 'p99'];
const SECONDS = 5;
const PER_SECOND = 100;
const DRAWS = 300;
const ADDED_US = [0, 100];

/** A block is slower as a whole, and so is each second, alike to the one before it: standard deviations of the logarithm. */
const NOISE = { block: 0.05, second: 0.05, alike: 0.7 };

/** Standard normal, by Box and Muller. */
const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Its distribution function (Abramowitz and Stegun 7.1.26, right to 1e-7). */
function below(z) {
  const t = 1 / (1 + (0.3275911 * Math.abs(z)) / Math.SQRT2);
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp((-z * z) / 2);
  return z > 0 ? 1 - tail / 2 : tail / 2;
}

/** How one latency is drawn in microseconds, and the share of latencies below one. */
const SHAPES = {
  normal: { draw: (random) => 500 + 50 * normal(random), share: (us) => below((us - 500) / 50) },
  lognormal: { draw: (random) => 500 * Math.exp(0.3 * normal(random)), share: (us) => below(Math.log(us / 500) / 0.3) },
  bimodal: {
    draw: (random) => (random() < 0.2 ? 1500 : 500) * Math.exp(0.1 * normal(random)),
    share: (us) => 0.8 * below(Math.log(us / 500) / 0.1) + 0.2 * below(Math.log(us / 1500) / 0.1),
  },
};

/** The quantile of the typical block, over all seconds there could be in it: what more blocks come nearer to. */
function trueQuantile({ share }, p) {
  const spread = NOISE.second;
  const factors = Array.from({ length: 81 }, (_, i) => (i - 40) / 10).map((z) => [
    Math.exp(spread * z),
    Math.exp((-z * z) / 2),
  ]);
  const weight = factors.reduce((sum, [, w]) => sum + w, 0);
  let [low, high] = [1, 10_000];
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    const reached = factors.reduce((sum, [factor, w]) => sum + w * share(middle / factor), 0) / weight;
    if (reached < p) low = middle;
    else high = middle;
  }
  return low;
}

/** The seconds of one trial, in a block that is slower by `block`, of a target that adds as much to each request. */
function simulateTrial({ draw }, random, block, addedUs = 0) {
  let second = NOISE.second * normal(random);
  return Array.from({ length: SECONDS }, () => {
    second = NOISE.alike * second + Math.sqrt(1 - NOISE.alike ** 2) * NOISE.second * normal(random);
    const histogram = new Histogram();
    for (let i = 0; i < PER_SECOND; i += 1) histogram.record(addedUs + Math.exp(block + second) * draw(random));
    return histogram.toSparse();
  });
}

const blockNoise = (random) => NOISE.block * normal(random);

const distribution = (seconds) => ({ count: SECONDS * PER_SECOND, quantiles: {}, seconds });

/** What a run of so many blocks, `direct` twice in each, says of a gateway that adds `addedUs`. */
function simulateOverhead(law, random, blocks, addedUs, seed) {
  const pairs = Array.from({ length: blocks }, () => {
    const block = blockNoise(random);
    const trial = (us) => distribution(simulateTrial(law, random, block, us));
    return { target: trial(addedUs), direct: [trial(0), trial(0)] };
  });
  return judgeOverhead(pairs, noiseFloorAt(pairs.map(({ direct }) => direct)), seed);
}

function merged(histograms) {
  const all = new Histogram();
  for (const histogram of histograms) all.merge(histogram);
  return all.toSparse();
}

/** Quantiles of runs drawn anew from this one: blocks with replacement, then as many seconds of each with replacement. */
function hierarchicalDraws(blocks, random) {
  const columns = [...new Set(blocks.flat().flatMap((h) => h.filter((_, i) => i % 2 === 0)))].sort((a, b) => a - b);
  const place = new Map(columns.map((bucket, i) => [bucket, i]));
  const rows = blocks.map((seconds) =>
    seconds.map((h) => h.flatMap((bucket, i) => (i % 2 === 0 ? [place.get(bucket), h[i + 1]] : []))),
  );
  const count = blocks.length * SECONDS * PER_SECOND;
  const sums = new Float64Array(columns.length);
  return Array.from({ length: DRAWS }, () => {
    sums.fill(0);
    for (const _ of rows) {
      const seconds = rows[Math.floor(random() * rows.length)];
      for (const __ of seconds) {
        const row = seconds[Math.floor(random() * seconds.length)];
        for (let i = 0; i < row.length; i += 2) sums[row[i]] += row[i + 1];
      }
    }
    let [seen, column] = [0, 0];
    return NAMES.map((name) => {
      const rank = Math.ceil(PROBABILITY[name] * count - 1e-9);
      while (seen + sums[column] < rank) seen += sums[column++];
      return quantileOf([columns[column], 1], 0.5);
    });
  });
}

function hierarchicalIntervals(blocks, random, value) {
  const draws = hierarchicalDraws(blocks, random);
  return NAMES.map((name, i) => {
    const sorted = draws.map((draw) => draw[i]).sort((a, b) => a - b);
    const logs = sorted.map(Math.log);
    const mean = logs.reduce((sum, log) => sum + log, 0) / DRAWS;
    const error = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (DRAWS - 1));
    const factor = Math.exp(studentT975(blocks.length - 1) * error);
    return {
      percentile: { low: sorted[Math.floor(0.025 * DRAWS)], high: sorted[Math.ceil(0.975 * DRAWS) - 1] },
      student: { low: value[name].value / factor, high: value[name].value * factor },
    };
  });
}

class Tally {
  #held = NAMES.map(() => 0);
  #runs = NAMES.map(() => 0);
  #widths = NAMES.map(() => []);

  add(intervals, truth) {
    for (const [i, interval] of intervals.entries()) {
      if (interval === undefined) continue;
      this.#runs[i] += 1;
      this.#widths[i].push(interval.high / interval.low);
      // Records are cut to whole microseconds.
      if (interval.low <= truth[i] + 0.5 && interval.high >= truth[i] - 0.5) this.#held[i] += 1;
    }
  }

  text() {
    const shares = this.#held.map((n, i) => ((100 * n) / this.#runs[i]).toFixed(1));
    const widths = this.#widths.map((all) => (all.sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN).toFixed(2));
    return `${shares.join(' / ')} (×${widths.join(' / ')})`;
  }
}

for (const [shape, law] of Object.entries(SHAPES)) {
  const truth = NAMES.map((name) => trueQuantile(law, PROBABILITY[name]));
  for (const blocks of BLOCKS) {
    const random = seededRandom(blocks);
    const tallies = { used: new Tally(), percentile: new Tally(), student: new Tally(), order: new Tally() };
    for (let run = 0; run < RUNS; run += 1) {
      const trials = Array.from({ length: blocks }, () => simulateTrial(law, random, blockNoise(random)));
      const used = estimateQuantiles(
        trials.map((seconds) => [distribution(seconds)]),
        run,
      );
      const present = NAMES.filter((name) => used[name] !== undefined);
      tallies.used.add(
        NAMES.map((name) => used[name]),
        truth,
      );
      const others = hierarchicalIntervals(trials, random, used);
      tallies.percentile.add(
        NAMES.map((_, i) => others[i].percentile),
        truth,
      );
      tallies.student.add(
        NAMES.map((_, i) => others[i].student),
        truth,
      );
      const all = merged(trials.flat());
      tallies.order.add(
        present.map((name) => orderStatisticsInterval(all, PROBABILITY[name])),
        truth,
      );
    }
    console.log(`${shape}, ${blocks} blocks`);
    console.log(`  used                       ${tallies.used.text()}`);
    console.log(`  hierarchical, percentile   ${tallies.percentile.text()}`);
    console.log(`  hierarchical, Student's t  ${tallies.student.text()}`);
    console.log(`  order statistics           ${tallies.order.text()}`);
    for (const addedUs of ADDED_US) {
      const overheads = Array.from({ length: RUNS }, (_, run) => simulateOverhead(law, random, blocks, addedUs, run));
      const share = (is) =>
        NAMES.map((name) => {
          const known = overheads.flatMap((/** @type {any} */ { [name]: overhead }) =>
            overhead === undefined ? [] : [overhead],
          );
          return ((100 * known.filter(is).length) / known.length).toFixed(1);
        }).join(' / ');
      const held = share(({ low, high }) => low <= addedUs + 0.5 && high >= addedUs - 0.5);
      const different = share(({ verdict }) => verdict !== 'within-noise');
      console.log(`  overhead of ${addedUs} µs`.padEnd(29) + `${held}, called different ${different}`);
    }
  }
}
