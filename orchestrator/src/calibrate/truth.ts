import { rankOf } from '../analyse/quantile.js';
import type { TrialRecord } from '../record/trial.js';
import type { PlantedRecord } from './planted-record.js';

/**
 * How long a relay really held the requests of a trial's measured window, microseconds, ascending; null when it did not see as
 * many as the driver says it sent. A relay's requests of a trial end with those of the window: warm-up comes before it.
 */
export function heldInWindow(trial: TrialRecord, record: PlantedRecord): number[] | null {
  if (trial.load === null) return null;
  const [from, to] = [Date.parse(trial.startedAt), Date.parse(trial.finishedAt) + 1];
  const held: (number | null)[] = [];
  for (const { relay, planted } of record) {
    if (relay !== trial.target) continue;
    for (const [i, atMs] of planted.receivedAtMs.entries())
      if (atMs >= from && atMs <= to) held.push(planted.heldUs[i] ?? null);
  }
  const wanted = trial.load.scheduled - trial.load.dropped;
  if (wanted === 0 || held.length < wanted) return null;
  const window = held.slice(-wanted);
  return window.every((us) => us !== null) ? window.sort((a, b) => a - b) : null;
}

/** The value of rank ⌈p·n⌉, as analyse defines quantiles. @param sorted ascending, not empty */
export function heldQuantile(sorted: readonly number[], p: number): number {
  return sorted[rankOf(sorted.length, p) - 1] as number;
}
