import { Histogram, type SparseHistogram } from '../record/histogram.js';
import type { Estimate, QuantileName, Quantiles } from '../record/summary.js';
import type { Distribution } from '../record/trial.js';
import { drawQuantiles } from './bootstrap.js';
import { carries, countOf, PROBABILITY, QUANTILE_NAMES, quantileOf, valueAtRank } from './quantile.js';
import { medianOf, standardDeviation, studentT975 } from './student.js';

/** The distributions of one block: one a trial, so two for `direct`. */
export type BlockSample = readonly Distribution[];

/** From here on both sources of a quantile's error are added up: in simulations the larger alone covers 89 to 96 % where 95 % are promised. */
const FAR_TAIL = 0.99;

/** A whole microsecond is the resolution of a record; half of one is the least that a logarithm is taken of. */
const LEAST_US = 0.5;

/**
 * Quantiles with 95 % intervals over the blocks of a cell.
 *
 * The value is the quantile of all trials merged. The interval is Student's t on the logarithm, because a machine that is slower in
 * one block is so by a factor: value · exp(± t · s), s being the standard error from whole blocks drawn with replacement, or what the blocks' own
 * quantiles differ by where that is more (in the far tail both together). Blocks
 * are the unit since requests and seconds within a start of the target are alike; seconds are not drawn beside them, for the
 * variation between blocks already holds that within them (Davison and Hinkley 1997, section 3.8), and t with blocks − 1
 * degrees of freedom is what keeps the promise of 95 % with few blocks. With one block its seconds take the place of blocks, which
 * says nothing about other runs; with one second it is the distribution-free interval of order statistics.
 *
 * Where a driver gives no histograms, nothing can be merged: the value is the median of the blocks' quantiles, with the same
 * interval from their spread; with one block there is none, and low = value = high.
 *
 * A quantile that the sample does not carry (n(1 − p) < 10) is left out.
 */
export function estimateQuantiles(blocks: readonly BlockSample[], seed: number): Quantiles {
  const trials = blocks.flat();
  const names = QUANTILE_NAMES.filter((name) => carries(sumOfCounts(trials), PROBABILITY[name]));
  if (trials.length === 0 || names.length === 0) return {};
  const histograms = blocks.map((block) => mergeBlock(block));
  return histograms.every((histogram) => histogram !== null)
    ? fromHistograms(blocks, histograms, names, seed)
    : fromQuantiles(blocks, names);
}

/** Everything a block's trials saw, in one histogram; null when a driver gave none. */
export function mergeBlock(block: BlockSample): SparseHistogram | null {
  const merged = new Histogram();
  for (const { seconds } of block) {
    if (seconds === null) return null;
    for (const second of seconds) merged.merge(second);
  }
  return merged.toSparse();
}

/** The quantile of one trial, microseconds: from its histograms, else what the driver says; null where the driver saw nothing. */
export function trialQuantile(trial: Distribution, name: QuantileName): number | null {
  const histogram = mergeBlock([trial]);
  if (histogram === null) return trial.quantiles[name];
  return histogram.length === 0 ? null : quantileOf(histogram, PROBABILITY[name]);
}

/** The seconds of some trials that hold anything. */
export function busySeconds(trials: BlockSample): SparseHistogram[] {
  return trials.flatMap(({ seconds }) => seconds ?? []).filter((second) => second.length > 0);
}

function sumOfCounts(trials: BlockSample): number {
  return trials.reduce((sum, { count }) => sum + count, 0);
}

function fromHistograms(
  blocks: readonly BlockSample[],
  histograms: readonly SparseHistogram[],
  names: readonly QuantileName[],
  seed: number,
): Quantiles {
  const busy = histograms.filter((histogram) => histogram.length > 0);
  const pooled = new Histogram();
  for (const histogram of busy) pooled.merge(histogram);
  const all = pooled.toSparse();
  const units = busy.length > 1 ? busy : busySeconds(blocks.flat());
  const probabilities = names.map((name) => PROBABILITY[name]);
  const draws = units.length > 1 ? drawQuantiles(units, probabilities, seed) : null;
  return collect(names, (name, i) => {
    const value = quantileOf(all, PROBABILITY[name]);
    const drawn = draws?.[i];
    if (drawn === undefined) return orderStatisticsInterval(all, PROBABILITY[name]);
    const [byDraws, byBlocks] = [drawnError(drawn.map(logOf), units.length), spreadOfBlocks(busy, name)];
    // Either sees too little of a far tail: the draws because it rests on the slowest blocks alone, the blocks because each is small.
    const error = PROBABILITY[name] >= FAR_TAIL ? Math.hypot(byDraws, byBlocks) : Math.max(byDraws, byBlocks);
    return aroundByFactor(value, error, units.length);
  });
}

/**
 * The standard error that the blocks' own quantiles show. A tail of everything merged rests on the slowest blocks alone, so that drawing
 * blocks sees too little of it spread; what the blocks differ by is there all the same. 0 where blocks are too small for the quantile.
 */
function spreadOfBlocks(blocks: readonly SparseHistogram[], name: QuantileName): number {
  const p = PROBABILITY[name];
  if (blocks.length < 2 || blocks.some((block) => countOf(block) * (1 - p) < 1)) return 0;
  return standardDeviation(blocks.map((block) => logOf(quantileOf(block, p)))) / Math.sqrt(blocks.length);
}

function fromQuantiles(blocks: readonly BlockSample[], names: readonly QuantileName[]): Quantiles {
  return collect(names, (name) => {
    const values = blocks
      .map((block) => block.map((trial) => trial.quantiles[name]).filter((value) => value !== null))
      .filter((trials) => trials.length > 0)
      .map((trials) => medianOf(trials));
    if (values.length === 0) return null;
    const value = medianOf(values);
    if (values.length === 1) return { value, low: value, high: value };
    return aroundByFactor(value, standardDeviation(values.map(logOf)) / Math.sqrt(values.length), values.length);
  });
}

/**
 * The standard error behind bootstrap draws of `units` units. Drawing with replacement sees the spread about the sample's own mean,
 * which is too small by (units − 1)/units.
 */
export function drawnError(draws: readonly number[], units: number): number {
  return standardDeviation(draws) * Math.sqrt(units / (units - 1));
}

/** The distribution-free 95 % interval from ranks n·p ± 1.96·√(n·p(1−p)); it takes the values as independent, as seconds are not. */
export function orderStatisticsInterval(histogram: SparseHistogram, p: number): Estimate {
  const count = countOf(histogram);
  const reach = 1.96 * Math.sqrt(count * p * (1 - p));
  const rank = (at: number): number => Math.min(count, Math.max(1, at));
  return {
    value: quantileOf(histogram, p),
    low: valueAtRank(histogram, rank(Math.floor(count * p - reach))),
    high: valueAtRank(histogram, rank(Math.ceil(count * p + reach) + 1)),
  };
}

function logOf(valueUs: number): number {
  return Math.log(Math.max(LEAST_US, valueUs));
}

function aroundByFactor(value: number, logError: number, units: number): Estimate {
  const factor = Math.exp(studentT975(units - 1) * logError);
  return { value, low: value / factor, high: value * factor };
}

function collect(
  names: readonly QuantileName[],
  estimate: (name: QuantileName, i: number) => Estimate | null,
): Quantiles {
  const quantiles: Quantiles = {};
  for (const [i, name] of names.entries()) {
    const found = estimate(name, i);
    if (found !== null) quantiles[name] = rounded(found);
  }
  return quantiles;
}

/** To a tenth of a microsecond: no clock here resolves more, and the last bit of a logarithm may differ between engines. */
export function rounded<T extends Estimate>(estimate: T): T {
  return { ...estimate, value: tenths(estimate.value), low: tenths(estimate.low), high: tenths(estimate.high) };
}

function tenths(valueUs: number): number {
  return Math.round(valueUs * 10) / 10;
}
