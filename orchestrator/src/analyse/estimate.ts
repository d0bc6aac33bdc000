import type { SparseHistogram } from '../record/histogram.js';
import type { Estimate, Interval, QuantileName, Quantiles } from '../record/summary.js';
import { blockQuantile, LEAST_US } from './block-figures.js';
import { drawQuantiles } from './bootstrap.js';
import { type Contrast, contrastOf } from './judge/contrast.js';
import type { Spread } from './judge/spread.js';
import { type BlockSample, busySeconds, mergeBlock } from './merged.js';
import { carries, countOf, PROBABILITY, QUANTILE_NAMES, quantileOf, valueAtRank } from './quantile.js';
import { standardDeviation, studentT975 } from './student.js';

/** The spread that a quantile of a cell is lent by the other cells of the run; null where there is none, and the cell's own counts. */
export type LentSpread = (quantile: QuantileName) => Spread | null;

/** Nothing is lent: each cell for itself. */
export const NOTHING_LENT: LentSpread = () => null;

/**
 * Quantiles with 95 % intervals over the blocks of a cell.
 *
 * The value is that of the typical block: the geometric mean of the blocks' own quantiles. The interval is Student's t on the logarithm,
 * because a machine that is slower in one block is so by a factor, and because a target that is erratic by orders of magnitude has a
 * logarithm that is not: value · exp(± t · s/√blocks). The spread s is moderated by the other cells of the run where they lend one; what the
 * cell's own blocks say by themselves is then beside it (`own`). Blocks are the unit since requests and seconds within a start of the target
 * are alike. Where a difference is not above 0 in some block, the same is done without the logarithm, and nothing is lent.
 *
 * With one block its seconds take the place of blocks, which says nothing about other runs; with one second it is the distribution-free
 * interval of order statistics; of a driver that gives no histograms there is then none, and low = value = high.
 *
 * A quantile that the sample does not carry (n(1 − p) < 10 over all blocks, or less than one beyond it in a block) is left out.
 */
export function estimateQuantiles(
  blocks: readonly BlockSample[],
  seed: number,
  lent: LentSpread = NOTHING_LENT,
): Quantiles {
  const names = QUANTILE_NAMES.filter((name) => carries(sumOfCounts(blocks.flat()), PROBABILITY[name]));
  const quantiles: Quantiles = {};
  for (const name of names) {
    const values = blocks.map((block) => blockQuantile(block, name)).filter((value) => value !== null);
    const [only] = values;
    if (only === undefined) continue;
    quantiles[name] = rounded(
      values.length > 1 ? overBlocks(values, lent(name)) : withinBlock(blocks.flat(), name, only, seed),
    );
  }
  return quantiles;
}

function overBlocks(values: readonly number[], lent: Spread | null): Estimate {
  if (!values.every((value) => value > 0)) return estimateOf(contrastOf(values) as Contrast, (mean) => mean);
  const logs = values.map(Math.log);
  const own = estimateOf(contrastOf(logs) as Contrast, Math.exp);
  return lent === null ? own : withOwn(estimateOf(contrastOf(logs, lent) as Contrast, Math.exp), own);
}

/** A contrast in the quantity's own unit. */
export function estimateOf(
  { mean, low, high }: Pick<Contrast, 'mean' | 'low' | 'high'>,
  back: (at: number) => number,
): Interval {
  return { value: back(mean), low: back(low), high: back(high) };
}

/** An estimate with the interval of the cell's own blocks beside it, where the two differ. */
function withOwn(estimate: Interval, own: Interval): Estimate {
  if (own.low === estimate.low && own.high === estimate.high) return estimate;
  return { ...estimate, own: { low: own.low, high: own.high } };
}

/** From the seconds of one block. */
function withinBlock(trials: BlockSample, name: QuantileName, value: number, seed: number): Estimate {
  const whole = mergeBlock(trials);
  if (whole === null || whole.length === 0) return { value, low: value, high: value };
  const seconds = busySeconds(trials);
  const pooled = quantileOf(whole, PROBABILITY[name]);
  if (seconds.length < 2) return orderStatisticsInterval(whole, PROBABILITY[name]);
  const error = secondsError(seconds, name, seed, pooled > 0);
  const reach = studentT975(seconds.length - 1) * error;
  return pooled > 0
    ? { value: pooled, low: pooled * Math.exp(-reach), high: pooled * Math.exp(reach) }
    : { value: pooled, low: pooled - reach, high: pooled + reach };
}

/** The standard error of a quantile from the seconds of a trial, of its logarithm where that is wanted. */
export function secondsError(
  seconds: readonly SparseHistogram[],
  name: QuantileName,
  seed: number,
  logarithmic = true,
): number {
  const [draws = []] = drawQuantiles(seconds, [PROBABILITY[name]], seed);
  const scaled = logarithmic ? draws.map((valueUs) => Math.log(Math.max(LEAST_US, valueUs))) : draws;
  return drawnError(scaled, seconds.length);
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

/** To a tenth of a microsecond: no clock here resolves more, and the last bit of a logarithm may differ between engines. */
export function rounded<T extends Interval & { readonly own?: Omit<Interval, 'value'> | undefined }>(estimate: T): T {
  const { value, low, high, own } = estimate;
  return {
    ...estimate,
    value: tenths(value),
    low: tenths(low),
    high: tenths(high),
    ...(own === undefined ? {} : { own: { ...own, low: tenths(own.low), high: tenths(own.high) } }),
  };
}

function tenths(valueUs: number): number {
  // Never −0, which JSON would not give back.
  return Math.round(valueUs * 10) / 10 + 0;
}

function sumOfCounts(trials: BlockSample): number {
  return trials.reduce((sum, { count }) => sum + count, 0);
}
