import { Histogram } from '../../record/histogram.js';
import type { Distribution } from '../../record/trial.js';
import { exactQuantiles } from '../exact-quantiles.js';
import type { OhaPercentiles } from './output.js';

/** oha's clock ticks in nanoseconds. */
const CLOCK_DIGITS = 3;

/** Durations with the second of the window that each belongs to. */
export interface TimedDurations {
  readonly valuesUs: Float64Array;
  readonly seconds: Uint32Array;
  /** How many seconds the window has. */
  readonly secondCount: number;
}

/** Exact quantiles and a histogram a second. */
export function distributionOf({ valuesUs, seconds, secondCount }: TimedDurations): Distribution {
  const histograms = Array.from({ length: secondCount }, () => new Histogram());
  for (let i = 0; i < valuesUs.length; i++) histograms[seconds[i] as number]?.record(valuesUs[i] as number);
  return {
    count: valuesUs.length,
    quantiles: exactQuantiles(valuesUs, CLOCK_DIGITS),
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

function fromSeconds(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : roundToNanoseconds(value * 1e6);
}

/** The digits behind come from its figures being seconds. */
function roundToNanoseconds(valueUs: number): number {
  return Math.round(valueUs * 10 ** CLOCK_DIGITS) / 10 ** CLOCK_DIGITS;
}
