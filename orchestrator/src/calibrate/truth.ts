import { countOf, rankOf, valueAtRank } from '../analyse/quantile.js';
import type { SparseHistogram } from '../record/histogram.js';
import type { ErrorKind, TrialRecord } from '../record/trial.js';
import type { PlantedRecord } from './planted-record.js';

/** What a relay says of the requests of a trial's measured window, in the order of their arrival, microseconds. */
export interface PlantedWindow {
  /** The delay of each. */
  readonly meantUs: readonly number[];
  /** How long each was held. */
  readonly heldUs: readonly number[];
}

/** Outcomes of requests of which nobody can say whether the relay saw them: never connected, or cut off before an answer. */
const PERHAPS_UNSEEN: readonly ErrorKind[] = ['connect', 'reset', 'timeout', 'open', 'other'];

/**
 * What was planted in a trial's measured window. A relay's requests of a trial end with those of the window, as warm-up comes before
 * it: the window's are the last ones, as many as the driver sent. Null when the relay did not see as many, and when some may not have
 * reached it: those are missing from the end, and warm-up would take their place.
 */
export function plantedInWindow(trial: TrialRecord, record: PlantedRecord): PlantedWindow | null {
  if (trial.load === null || PERHAPS_UNSEEN.some((kind) => (trial.load?.errors[kind] ?? 0) > 0)) return null;
  const [from, to] = [Date.parse(trial.startedAt), Date.parse(trial.finishedAt) + 1];
  const rows: { meantUs: number; heldUs: number | null }[] = [];
  for (const { relay, planted } of record) {
    if (relay !== trial.target) continue;
    for (const [i, atMs] of planted.receivedAtMs.entries())
      if (atMs >= from && atMs <= to)
        rows.push({ meantUs: planted.meantUs[i] as number, heldUs: planted.heldUs[i] ?? null });
  }
  const wanted = trial.load.scheduled - trial.load.dropped;
  if (wanted === 0 || rows.length < wanted) return null;
  const window = rows.slice(-wanted);
  const heldUs = window.flatMap((row) => row.heldUs ?? []);
  return heldUs.length < wanted ? null : { meantUs: window.map(({ meantUs }) => meantUs), heldUs };
}

/**
 * How far a quantile moves when delays are added that do not depend on what is there already: the quantile of every value with every
 * delay, less that of the values. It is not the quantile of the delays, unless they or the values are all alike.
 * @param values without a delay, not empty
 * @param delaysUs not empty
 */
export function quantileShift(values: SparseHistogram, delaysUs: readonly number[], p: number): number {
  const count = countOf(values);
  const each = Float64Array.from({ length: count }, (_, i) => valueAtRank(values, i + 1));
  const delays = Float64Array.from(delaysUs).sort();
  const moved = sumOfRank(each, delays, rankOf(count * delays.length, p));
  return moved - (each[rankOf(count, p) - 1] as number);
}

/** Sums that lie closer than this are one; no clock here tells as little. */
const SAME_SUM_US = 1e-6;

/**
 * The sum of a rank, from 1, among those of every value of one list with every value of the other, by halving: a million of sums are
 * counted sooner than sorted.
 * @param a ascending, not empty
 * @param b likewise
 */
function sumOfRank(a: Float64Array, b: Float64Array, rank: number): number {
  let low = (a[0] as number) + (b[0] as number) - 1;
  let high = (a.at(-1) as number) + (b.at(-1) as number);
  while (high - low > SAME_SUM_US) {
    const middle = (low + high) / 2;
    if (sumsUpTo(a, b, middle).count >= rank) high = middle;
    else low = middle;
  }
  return sumsUpTo(a, b, high).largest;
}

/** How many sums are no larger than a limit, and the largest of them. */
function sumsUpTo(
  a: Float64Array,
  b: Float64Array,
  limit: number,
): { readonly count: number; readonly largest: number } {
  let count = 0;
  let largest = Number.NEGATIVE_INFINITY;
  let fitting = b.length;
  for (const value of a) {
    while (fitting > 0 && value + (b[fitting - 1] as number) > limit) fitting -= 1;
    if (fitting === 0) break;
    count += fitting;
    largest = Math.max(largest, value + (b[fitting - 1] as number));
  }
  return { count, largest };
}
