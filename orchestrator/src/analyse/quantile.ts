import { bucketBounds, type SparseHistogram } from '../record/histogram.js';
import type { QuantileName } from '../record/summary.js';

/** The quantiles that are reported, with their probabilities. */
export const PROBABILITY: Readonly<Record<QuantileName, number>> = { p50: 0.5, p90: 0.9, p99: 0.99, p999: 0.999 };

/** Their names, ascending. */
export const QUANTILE_NAMES: readonly QuantileName[] = ['p50', 'p90', 'p99', 'p999'];

/** Values that must lie beyond a quantile before it is printed: with fewer, it is little more than the maximum. */
export const LEAST_BEYOND = 10;

/** Whether a sample of `count` values carries the quantile `p`: count × (1 − p) ≥ 10. */
export function carries(count: number, p: number): boolean {
  return count * (1 - p) >= LEAST_BEYOND - 1e-9;
}

/** How many values a histogram holds. */
export function countOf(histogram: SparseHistogram): number {
  let count = 0;
  for (let i = 1; i < histogram.length; i += 2) count += histogram[i] as number;
  return count;
}

/** The rank, from 1, of the quantile `p` among `count` values: the inverse of the empirical distribution, Hyndman and Fan's type 1. */
export function rankOf(count: number, p: number): number {
  // 0.07 × 100 is 7.000000000000001: without the allowance, rounding up would take the next value.
  return Math.min(count, Math.max(1, Math.ceil(p * count - 1e-9)));
}

/**
 * The quantile `p` (0 to 1) of a histogram, in microseconds: the value of rank ⌈p·n⌉ (Hyndman–Fan type 1), the values of a bucket
 * being thought to lie evenly in it. The error is below the width of a bucket, 0.8 % of the value.
 * @throws RangeError when the histogram is empty.
 */
export function quantileOf(histogram: SparseHistogram, p: number): number {
  return valueAtRank(histogram, rankOf(countOf(histogram), p));
}

/**
 * The value of a rank, from 1, in microseconds.
 * @throws RangeError when the histogram holds no value of that rank.
 */
export function valueAtRank(histogram: SparseHistogram, rank: number): number {
  let before = 0;
  for (let i = 0; i + 1 < histogram.length; i += 2) {
    const count = histogram[i + 1] as number;
    if (before + count >= rank) return withinBucket(histogram[i] as number, count, rank - before);
    before += count;
  }
  throw new RangeError(`a histogram of ${before} values has no value of rank ${rank}`);
}

/** The `position`-th (from 1) of `count` values that lie evenly in a bucket. */
export function withinBucket(bucket: number, count: number, position: number): number {
  const { lowUs, widthUs } = bucketBounds(bucket);
  return lowUs + (widthUs * (position - 0.5)) / count;
}
