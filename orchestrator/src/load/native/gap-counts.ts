import { bucketBounds } from '../../record/histogram.js';
import type { Distribution } from '../../record/trial.js';
import type { GapCounts } from './lane-task.js';

/** Adds histograms of gaps second by second; null when there is none. All are of one window. */
export function mergeGaps(all: readonly (GapCounts | null)[]): GapCounts | null {
  const counted = all.filter((gaps) => gaps !== null);
  const [first, ...rest] = counted;
  if (first === undefined || rest.length === 0) return first ?? null;
  return {
    seconds: first.seconds.map((_, second) => flattened(countsIn(counted.map(({ seconds }) => seconds[second] ?? [])))),
    maxUs: counted.reduce<number | null>(
      (most, { maxUs }) => (maxUs === null ? most : Math.max(most ?? 0, maxUs)),
      null,
    ),
  };
}

/** Gaps were counted into histograms while they came, so their quantiles are the middles of buckets (at most 0.4 % off). */
export function gapDistribution({ seconds, maxUs }: GapCounts): Distribution {
  const buckets = [...countsIn(seconds)].sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  const quantile = (p: number) => {
    let rest = Math.max(1, Math.ceil(p * total));
    for (const [bucket, count] of buckets) {
      rest -= count;
      if (rest > 0) continue;
      const { lowUs, widthUs } = bucketBounds(bucket);
      return lowUs + (widthUs - 1) / 2;
    }
    return null;
  };
  return {
    count: total,
    quantiles: { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), p999: quantile(0.999), max: maxUs },
    seconds: seconds.map((sparse) => [...sparse]),
  };
}

/** Number of gaps by bucket. */
function countsIn(all: readonly (readonly number[])[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const sparse of all) {
    for (let i = 0; i + 1 < sparse.length; i += 2) {
      counts.set(sparse[i] as number, (counts.get(sparse[i] as number) ?? 0) + (sparse[i + 1] as number));
    }
  }
  return counts;
}

function flattened(counts: ReadonlyMap<number, number>): number[] {
  return [...counts].sort(([a], [b]) => a - b).flat();
}
