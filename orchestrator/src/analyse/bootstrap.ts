import type { SparseHistogram } from '../record/histogram.js';
import { rankOf, withinBucket } from './quantile.js';
import { seededIndices } from './random.js';

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
  const rows: Float64Array[] = [];
  const drawn: number[][] = probabilities.map(() => []);
  for (let draw = 0; draw < DRAWS; draw += 1) {
    for (let i = 0; i < units.length; i += 1) rows[i] = table.cumulative[random(units.length)] as Float64Array;
    const count = upTo(rows, table.buckets.length - 1);
    for (const [i, p] of probabilities.entries()) drawn[i]?.push(valueAt(table.buckets, rows, rankOf(count, p)));
  }
  return drawn;
}

/** Histograms side by side over the buckets that any of them uses, ascending; each as how many values lie up to the end of a bucket. */
interface AlignedUnits {
  readonly buckets: readonly number[];
  readonly cumulative: readonly Float64Array[];
}

function align(units: readonly SparseHistogram[]): AlignedUnits {
  const used = new Set<number>();
  for (const unit of units) for (let i = 0; i < unit.length; i += 2) used.add(unit[i] as number);
  const buckets = [...used].sort((a, b) => a - b);
  const columnOf = new Map(buckets.map((bucket, column) => [bucket, column]));
  const cumulative = units.map((unit) => {
    const row = new Float64Array(buckets.length);
    for (let i = 0; i + 1 < unit.length; i += 2) row[columnOf.get(unit[i] as number) as number] = unit[i + 1] as number;
    for (let column = 1; column < row.length; column += 1) (row[column] as number) += row[column - 1] as number;
    return row;
  });
  return { buckets, cumulative };
}

/** How many values of all rows lie up to the end of a column. */
function upTo(rows: readonly Float64Array[], column: number): number {
  if (column < 0) return 0;
  let count = 0;
  for (const row of rows) count += row[column] as number;
  return count;
}

/** The value of a rank among all rows: a search by halves, so that no draw has to be merged. */
function valueAt(buckets: readonly number[], rows: readonly Float64Array[], rank: number): number {
  let [low, high] = [0, buckets.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (upTo(rows, middle) >= rank) high = middle;
    else low = middle + 1;
  }
  const before = upTo(rows, low - 1);
  return withinBucket(buckets[low] as number, upTo(rows, low) - before, rank - before);
}
