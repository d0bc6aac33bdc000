import { Histogram, type SparseHistogram } from '../record/histogram.js';
import type { Estimate, QuantileName, Quantiles } from '../record/summary.js';
import type { Distribution } from '../record/trial.js';
import { drawQuantiles } from './bootstrap.js';
import { carries, countOf, PROBABILITY, QUANTILE_NAMES, quantileOf, valueAtRank } from './quantile.js';
import { medianOf, standardDeviation, studentT975 } from './student.js';

/** The distributions of one block: one a trial, so two for `direct`. */
export type BlockSample = readonly Distribution[];

/** From here on what makes blocks differ is added to the spread of the draws: in simulations the larger alone covers 89 to 96 % where 95 % are promised. */
const FAR_TAIL = 0.99;

/** A whole microsecond is the resolution of a record; half of one is the least that a logarithm is taken of. */
const LEAST_US = 0.5;

/** How blocks differ from each other: on which scale Student's t is taken, and back. */
interface Scale {
  readonly of: (valueUs: number) => number;
  readonly around: (value: number, error: number, units: number) => Estimate;
}

/** Durations: a machine that is slower in one block is so by a factor. */
const BY_FACTOR: Scale = {
  of: (valueUs) => Math.log(Math.max(LEAST_US, valueUs)),
  around: (value, error, units) => {
    const factor = Math.exp(studentT975(units - 1) * error);
    return { value, low: value / factor, high: value * factor };
  },
};

/** Differences, which may be near 0 or below it, where a factor means nothing. */
export const BY_SUM: Scale = {
  of: (valueUs) => valueUs,
  around: (value, error, units) => {
    const reach = studentT975(units - 1) * error;
    return { value, low: value - reach, high: value + reach };
  },
};

/**
 * Quantiles with 95 % intervals over the blocks of a cell.
 *
 * The value is the quantile of all trials merged. The interval is Student's t on the logarithm, because a machine that is slower in
 * one block is so by a factor: value · exp(± t · s), s being the standard error from whole blocks drawn with replacement, or what the blocks' own
 * quantiles differ by where that is more (in the far tail see {@link farTailError}). Blocks
 * are the unit since requests and seconds within a start of the target are alike; seconds are not drawn beside them, for the
 * variation between blocks already holds that within them (Davison and Hinkley 1997, section 3.8), and t with blocks − 1
 * degrees of freedom is what keeps the promise of 95 % with few blocks. With one block its seconds take the place of blocks, which
 * says nothing about other runs; with one second it is the distribution-free interval of order statistics.
 *
 * Where a driver gives no histograms, nothing can be merged: the value is the median of the blocks' quantiles, with the same
 * interval from their spread; with one block there is none, and low = value = high.
 *
 * Of differences ({@link BY_SUM}) the same is done without the logarithm.
 *
 * A quantile that the sample does not carry (n(1 − p) < 10) is left out.
 */
export function estimateQuantiles(blocks: readonly BlockSample[], seed: number, scale: Scale = BY_FACTOR): Quantiles {
  const trials = blocks.flat();
  const names = QUANTILE_NAMES.filter((name) => carries(sumOfCounts(trials), PROBABILITY[name]));
  if (trials.length === 0 || names.length === 0) return {};
  const histograms = blocks.map((block) => mergeBlock(block));
  return histograms.every((histogram) => histogram !== null)
    ? fromHistograms(blocks, histograms, names, seed, scale)
    : fromQuantiles(blocks, names, scale);
}

/** Everything a block's trials saw, in one histogram; null when a driver gave none. */
export function mergeBlock(block: BlockSample): SparseHistogram | null {
  const [only, ...others] = block;
  if (only !== undefined && others.length === 0) return mergeTrial(only);
  const merged = new Histogram();
  for (const trial of block) {
    const histogram = mergeTrial(trial);
    if (histogram === null) return null;
    merged.merge(histogram);
  }
  return merged.toSparse();
}

/** Kept as long as the trials are: each quantile and each comparison with `direct` asks again, and merging was most of analysis' time. */
const mergedTrials = new WeakMap<Distribution, SparseHistogram>();

function mergeTrial(trial: Distribution): SparseHistogram | null {
  if (trial.seconds === null) return null;
  const known = mergedTrials.get(trial);
  if (known !== undefined) return known;
  const merged = new Histogram();
  for (const second of trial.seconds) merged.merge(second);
  const sparse = merged.toSparse();
  mergedTrials.set(trial, sparse);
  return sparse;
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
  scale: Scale,
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
    const [byDraws, byBlocks] = [drawnError(drawn.map(scale.of), units.length), spreadOfBlocks(busy, name, scale)];
    const error =
      PROBABILITY[name] >= FAR_TAIL
        ? farTailError(byDraws, byBlocks, errorWithinBlocks(busy, PROBABILITY[name], scale))
        : Math.max(byDraws, byBlocks);
    return scale.around(value, error, units.length);
  });
}

/**
 * The standard error of a far quantile. It rests on the slowest blocks alone, so that drawing blocks sees its sampling and too little of
 * what the blocks differ by. That is added as a component of variance: what the blocks' own quantiles vary by, less what each varies by
 * because it is small, which the draws hold already (analysis of variance; Searle, Casella and McCulloch 1992, chapter 3).
 */
function farTailError(byDraws: number, byBlocks: number, within: number): number {
  const between = Math.max(0, byBlocks ** 2 - within ** 2);
  return Math.max(byBlocks, Math.sqrt(byDraws ** 2 + between));
}

/** What the mean of the blocks' own quantiles would err by if the blocks were alike: ranks n·p ± √(n·p(1−p)), one standard error each way. */
function errorWithinBlocks(blocks: readonly SparseHistogram[], p: number, scale: Scale): number {
  const squares = blocks.map((block) => {
    const count = countOf(block);
    const reach = Math.sqrt(count * p * (1 - p));
    const at = (rank: number): number => scale.of(valueAtRank(block, Math.min(count, Math.max(1, Math.round(rank)))));
    return ((at(count * p + reach) - at(count * p - reach)) / 2) ** 2;
  });
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0)) / blocks.length;
}

/**
 * The standard error that the blocks' own quantiles show. A tail of everything merged rests on the slowest blocks alone, so that drawing
 * blocks sees too little of it spread; what the blocks differ by is there all the same. 0 where blocks are too small for the quantile.
 */
function spreadOfBlocks(blocks: readonly SparseHistogram[], name: QuantileName, scale: Scale): number {
  const p = PROBABILITY[name];
  if (blocks.length < 2 || blocks.some((block) => countOf(block) * (1 - p) < 1)) return 0;
  return standardDeviation(blocks.map((block) => scale.of(quantileOf(block, p)))) / Math.sqrt(blocks.length);
}

function fromQuantiles(blocks: readonly BlockSample[], names: readonly QuantileName[], scale: Scale): Quantiles {
  return collect(names, (name) => {
    const values = blocks
      .map((block) => block.map((trial) => trial.quantiles[name]).filter((value) => value !== null))
      .filter((trials) => trials.length > 0)
      .map((trials) => medianOf(trials));
    if (values.length === 0) return null;
    const value = medianOf(values);
    if (values.length === 1) return { value, low: value, high: value };
    return scale.around(value, standardDeviation(values.map(scale.of)) / Math.sqrt(values.length), values.length);
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
