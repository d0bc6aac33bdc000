import { type Fate, isServed } from './fate.js';
import { type ConductRow, nothingSeen, shareRow, statisticRow } from './row.js';

/** What the outage of one model does to another one of the same gateway, whose provider is well. */
export interface IsolationRows {
  /** Right answers of the requests for the other model while the fault lasted. */
  readonly asideServedShare: ConductRow;
  /** Their p99 while the fault lasted less that before; one that had no answer took as long as its client waited. */
  readonly asideAddedUs: ConductRow;
}

const QUANTILE = 0.99;

/** @param fates of the requests for the other model */
export function isolationRows(fates: readonly Fate[]): IsolationRows {
  const [before, during] = (['before', 'fault'] as const).map((name) =>
    fates.filter(({ phase }) => phase === name),
  ) as [Fate[], Fate[]];
  const about = 'requests for another model';
  const usual = before.map(lengthUs);
  return {
    asideServedShare: shareRow(during.filter(isServed).length, during.length, `${about} while the fault lasted`),
    asideAddedUs:
      usual.length === 0
        ? nothingSeen(`there were no ${about} before the fault`)
        : statisticRow(during.map(lengthUs), (lengths) => Math.max(0, highOf(lengths) - highOf(usual)), about),
  };
}

/** How long a client waited. */
export function lengthUs({ request: { dueUs, endUs } }: Fate): number {
  return (endUs ?? dueUs) - dueUs;
}

/** The least value that 99 % are not above. */
function highOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * QUANTILE) - 1] ?? 0;
}
