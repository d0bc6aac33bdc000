/** On either side of a change point there are so many runs, so that one odd run is none. */
export const LEAST_ASIDE = 3;

/** What the values of a series are away from each other, computed once for all orders of them. */
export interface Distances {
  readonly values: readonly number[];
  /** From 1, each its own; equal values in any order. */
  readonly ranks: readonly number[];
  /** For each value the sum of what it is away from all. */
  readonly sums: readonly number[];
  /** Over all pairs, each once. */
  readonly total: number;
}

/** The best place to part an order of values: how many are before it, and how much speaks for it, as a share of their mean distance. */
interface Split {
  readonly at: number;
  readonly statistic: number;
}

/** The distances of values on any scale. */
export function distancesOf(values: readonly number[]): Distances {
  const ranks = values.map(() => 0);
  const ascending = values.map((value, i) => ({ value, i })).toSorted((a, b) => a.value - b.value);
  for (const [rank, { i }] of ascending.entries()) ranks[i] = rank + 1;
  const sums = values.map((value) => values.reduce((sum, other) => sum + Math.abs(value - other), 0));
  return { values, ranks, sums, total: sums.reduce((sum, one) => sum + one, 0) / 2 };
}

/**
 * Where an order of values is best parted in two: the place τ with the largest nm/(n + m) · Ê, Ê being the energy distance of what is before
 * and behind (Matteson and James 2014, equations 5 and 6, α = 1, with everything to the end of the segment behind):
 * 2/nm · Σ|xᵢ − yⱼ| − (n choose 2)⁻¹ · Σ|xᵢ − xₖ| − (m choose 2)⁻¹ · Σ|yⱼ − yₖ|. Divided by the mean distance of all pairs, so that series
 * of different units can be held beside each other.
 *
 * In one dimension what a value is away from those before it follows from how many of them are below it and from their sum, which two trees
 * of partial sums (Fenwick 1994) keep: n log n instead of n² for each of the many orders of a permutation test.
 * @param order indices of the values, each once
 * @returns `at` 0 where there are too few to part, or all are equal
 */
export function bestSplit({ values, ranks, sums, total }: Distances, order: readonly number[]): Split {
  const n = order.length;
  let best: Split = { at: 0, statistic: 0 };
  if (total === 0 || n < 2 * LEAST_ASIDE) return best;
  const [countTree, sumTree] = [new Float64Array(n + 1), new Float64Array(n + 1)];
  let [within, between, sumBefore] = [0, 0, 0];
  for (let i = 0; i < n; i += 1) {
    const index = order[i] as number;
    const [value, rank] = [values[index] as number, ranks[index] as number];
    let [below, sumBelow] = [0, 0];
    for (let at = rank; at > 0; at -= at & -at) {
      below += countTree[at] as number;
      sumBelow += sumTree[at] as number;
    }
    const toBefore = value * (below - (i - below)) - sumBelow + (sumBefore - sumBelow);
    within += toBefore;
    between += (sums[index] as number) - 2 * toBefore;
    sumBefore += value;
    for (let at = rank; at <= n; at += at & -at) {
      countTree[at] = (countTree[at] as number) + 1;
      sumTree[at] = (sumTree[at] as number) + value;
    }
    const [here, there] = [i + 1, n - i - 1];
    if (here < LEAST_ASIDE || there < LEAST_ASIDE) continue;
    const energy =
      (2 * between) / (here * there) -
      (2 * within) / (here * (here - 1)) -
      (2 * (total - within - between)) / (there * (there - 1));
    const statistic = ((here * there) / n) * energy;
    if (statistic > best.statistic) best = { at: here, statistic };
  }
  return { at: best.at, statistic: best.statistic / (total / ((n * (n - 1)) / 2)) };
}
