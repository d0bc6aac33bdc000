import type { Distribution } from '../record/trial.js';

/**
 * The quantiles of a sample, exactly: the nearest rank, the smallest value that at least the share p of the sample does not exceed
 * (Hyndman and Fan's type 1). No interpolation, and always a value that was seen; null without values.
 * @param digits behind the point of a microsecond that the driver's clock carries
 */
export function exactQuantiles(valuesUs: ArrayLike<number>, digits: number): Distribution['quantiles'] {
  const sorted = Float64Array.from(valuesUs).sort();
  const scale = 10 ** digits;
  const nearestRank = (p: number): number | null => {
    // 1e-9, because p · n may come out a hair above a whole number.
    const value = sorted[Math.max(0, Math.ceil(p * sorted.length - 1e-9) - 1)];
    return value === undefined ? null : Math.round(value * scale) / scale;
  };
  return {
    p50: nearestRank(0.5),
    p90: nearestRank(0.9),
    p99: nearestRank(0.99),
    p999: nearestRank(0.999),
    max: nearestRank(1),
  };
}
