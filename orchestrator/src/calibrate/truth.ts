import { countOf, rankOf, valueAtRank } from '../analyse/quantile.js';
import type { SparseHistogram } from '../record/histogram.js';
import type { TrialRecord } from '../record/trial.js';
import type { PlantedRecord } from './planted-record.js';

/** What a relay says of the requests of a trial's measured window, in the order of their arrival, microseconds. */
export interface PlantedWindow {
  /** The delay of each. */
  readonly meantUs: readonly number[];
  /** How long each was held. */
  readonly heldUs: readonly number[];
}

/**
 * What was planted in a trial's measured window; null when the relay did not see as many requests as the driver says it sent. A
 * relay's requests of a trial end with those of the window: warm-up comes before it.
 */
export function plantedInWindow(trial: TrialRecord, record: PlantedRecord): PlantedWindow | null {
  if (trial.load === null) return null;
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
  const each = Array.from({ length: count }, (_, i) => valueAtRank(values, i + 1));
  const sums = new Float64Array(count * delaysUs.length);
  for (const [i, delayUs] of delaysUs.entries())
    for (const [j, value] of each.entries()) sums[i * count + j] = value + delayUs;
  sums.sort();
  return (sums[rankOf(sums.length, p) - 1] as number) - (each[rankOf(count, p) - 1] as number);
}
