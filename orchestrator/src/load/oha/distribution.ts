import { Histogram } from '../../record/histogram.js';
import type { Distribution } from '../../record/trial.js';
import type { OhaPercentiles } from './output.js';

/** Durations with the second of the window that each belongs to. */
export interface TimedDurations {
  readonly valuesUs: Float64Array;
  readonly seconds: Uint32Array;
  /** How many seconds the window has. */
  readonly secondCount: number;
}

/**
 * Exact quantiles and a histogram a second. The quantile is the nearest rank, the smallest value that at least the share p of the
 * sample does not exceed (Hyndman and Fan's type 1): no interpolation, and always a value that was seen.
 */
export function distributionOf({ valuesUs, seconds, secondCount }: TimedDurations): Distribution {
  const histograms = Array.from({ length: secondCount }, () => new Histogram());
  for (let i = 0; i < valuesUs.length; i++) histograms[seconds[i] as number]?.record(valuesUs[i] as number);
  const sorted = Float64Array.from(valuesUs).sort();
  return {
    count: sorted.length,
    quantiles: {
      p50: nearestRank(sorted, 0.5),
      p90: nearestRank(sorted, 0.9),
      p99: nearestRank(sorted, 0.99),
      p999: nearestRank(sorted, 0.999),
      max: nearestRank(sorted, 1),
    },
    seconds: histograms.map((histogram) => histogram.toSparse()),
  };
}

/** oha's own percentiles, of whatever it took them from; they cannot be merged. */
export function distributionOfPercentiles(
  count: number,
  percentiles: OhaPercentiles | null,
  maxSeconds: number | null,
): Distribution {
  return {
    count,
    quantiles: {
      p50: fromSeconds(percentiles?.p50),
      p90: fromSeconds(percentiles?.p90),
      p99: fromSeconds(percentiles?.p99),
      p999: fromSeconds(percentiles?.['p99.9']),
      max: fromSeconds(maxSeconds),
    },
    seconds: null,
  };
}

function nearestRank(sorted: Float64Array, p: number): number | null {
  // 1e-9, because p · n may come out a hair above a whole number.
  const value = sorted[Math.max(0, Math.ceil(p * sorted.length - 1e-9) - 1)];
  return value === undefined ? null : roundToNanoseconds(value);
}

function fromSeconds(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : roundToNanoseconds(value * 1e6);
}

/** oha's clock; the digits behind it come from its figures being seconds. */
function roundToNanoseconds(valueUs: number): number {
  return Math.round(valueUs * 1000) / 1000;
}
