import type { SparseHistogram } from '../record/histogram.js';
import { rankOf, withinBucket } from './quantile.js';
import { type RandomIndex, seededIndices } from './random.js';

/** Enough for a standard error that is itself right to 2 to 3 % (1/√(2·draws)). */
const DRAWS = 1000;

/**
 * What the pooled quantiles might as well have been: in each draw, as many units as there are, taken with replacement, are
 * merged and their quantiles read. A unit (a block, or a second of one) is drawn whole, so whatever makes the requests within it
 * alike stays together.
 * @param units histograms, none empty, two or more
 * @returns for each probability its value in each draw, microseconds
 */
export function drawQuantiles(
  units: readonly SparseHistogram[],
  probabilities: readonly number[],
  seed: number,
): number[][] {
  const table = align(units);
  const random = seededIndices(seed);
  const merged = new Float64Array(table.buckets.length);
  const drawn: number[][] = probabilities.map(() => []);
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const count = mergeDrawn(table, merged, random);
    for (const [i, p] of probabilities.entries()) drawn[i]?.push(valueAt(table.buckets, merged, rankOf(count, p)));
  }
  return drawn;
}

/** Histograms side by side over the buckets that any of them uses, ascending. */
interface AlignedUnits {
  readonly buckets: readonly number[];
  readonly rows: readonly Float64Array[];
  readonly counts: readonly number[];
}

function align(units: readonly SparseHistogram[]): AlignedUnits {
  const used = new Set<number>();
  for (const unit of units) for (let i = 0; i < unit.length; i += 2) used.add(unit[i] as number);
  const buckets = [...used].sort((a, b) => a - b);
  const columnOf = new Map(buckets.map((bucket, column) => [bucket, column]));
  const rows = units.map((unit) => {
    const row = new Float64Array(buckets.length);
    for (let i = 0; i + 1 < unit.length; i += 2) row[columnOf.get(unit[i] as number) as number] = unit[i + 1] as number;
    return row;
  });
  return { buckets, rows, counts: rows.map((row) => row.reduce((sum, count) => sum + count, 0)) };
}

/** Fills `merged` with the sum of randomly drawn rows and returns how many values that is. */
function mergeDrawn(table: AlignedUnits, merged: Float64Array, random: RandomIndex): number {
  merged.fill(0);
  let count = 0;
  for (let i = 0; i < table.rows.length; i += 1) {
    const drawn = random(table.rows.length);
    const row = table.rows[drawn] as Float64Array;
    for (let column = 0; column < row.length; column += 1) (merged[column] as number) += row[column] as number;
    count += table.counts[drawn] as number;
  }
  return count;
}

function valueAt(buckets: readonly number[], counts: Float64Array, rank: number): number {
  let before = 0;
  for (let column = 0; column < counts.length; column += 1) {
    const count = counts[column] as number;
    if (before + count >= rank) return withinBucket(buckets[column] as number, count, rank - before);
    before += count;
  }
  throw new RangeError(`no value of rank ${rank} among ${before}`);
}
