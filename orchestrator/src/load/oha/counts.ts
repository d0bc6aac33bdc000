import type { ErrorKind } from '../../record/trial.js';
import type { TrialLoad } from '../driver.js';

/** Number of errors by kind. */
export type ErrorCounts = Partial<Record<ErrorKind, number>>;

/** What is known of a whole run of oha, warm-up included. */
export interface RunCounts {
  /** Answers of any status to requests due before the window. */
  readonly answeredBefore: number;
  /** Answers of any status to requests due in the window. */
  readonly answeredWithin: number;
  /** Errors of the whole run: oha does not say when they happened. Without `status`, which are answers. */
  readonly errors: ErrorCounts;
}

/** `scheduled = answered + Σ errors + dropped`, all of the window. */
export interface WindowCounts {
  readonly scheduled: number;
  readonly errors: ErrorCounts;
  readonly dropped: number;
}

/** Divides what happened in a whole run between warm-up and window. */
export function windowCounts(load: Pick<TrialLoad, 'level' | 'warmupMs' | 'measureMs'>, run: RunCounts): WindowCounts {
  const { kind, value } = load.level;
  return kind === 'rps' ? openLoop(value, load, run) : closedLoop(load, run);
}

/**
 * oha's queue is first in, first out, and what is left of it at the deadline is thrown away in silence. So what was never sent is the
 * end of the schedule, and what the window then still lacks is errors: that dates the errors, although oha does not.
 *
 * The pacer wakes up to {@link PACER_LATE_MS} late, so an answer to a request due just before the window may count as one of the window
 * and fill the gap that an error left. When nothing is lacking, errors are therefore laid to the warm-up only as far as more is lacking
 * there than that explains: an error of the window is never explained away, at the price of now and then charging one too many to it.
 */
function openLoop(rate: number, { warmupMs, measureMs }: Durations, run: RunCounts): WindowCounts {
  const dueBefore = Math.round((rate * warmupMs) / 1000);
  const dueWithin = Math.round((rate * measureMs) / 1000);
  const failed = total(run.errors);
  const neverSent = Math.max(0, dueBefore + dueWithin - run.answeredBefore - run.answeredWithin - failed);
  const neverSentWithin = Math.min(neverSent, dueWithin);
  const lackingWithin = dueWithin - neverSentWithin - run.answeredWithin;
  const lackingBefore = dueBefore - (neverSent - neverSentWithin) - run.answeredBefore;
  const carriedOver = Math.ceil((rate * PACER_LATE_MS) / 1000);
  const surelyBefore = Math.max(0, lackingBefore - carriedOver);
  const failedWithin = lackingWithin > 0 ? Math.min(failed, lackingWithin) : Math.max(0, failed - surelyBefore);
  // More than the schedule asked for are only those few that the pacer's lateness carried into the window.
  const scheduled = Math.max(dueWithin, run.answeredWithin + failedWithin);
  return {
    scheduled,
    errors: share(run.errors, failedWithin),
    dropped: scheduled - run.answeredWithin - failedWithin,
  };
}

/** oha's timer has a resolution of one millisecond; one more for the thread to be scheduled. */
const PACER_LATE_MS = 2;

/**
 * Without a schedule nothing dates an error, so errors are divided by time, rounded up so that a single one is not lost. A closed loop
 * drops nothing: it sends when it is free to.
 */
function closedLoop({ warmupMs, measureMs }: Durations, run: RunCounts): WindowCounts {
  const failedWithin = Math.ceil((total(run.errors) * measureMs) / (warmupMs + measureMs));
  return { scheduled: run.answeredWithin + failedWithin, errors: share(run.errors, failedWithin), dropped: 0 };
}

type Durations = Pick<TrialLoad, 'warmupMs' | 'measureMs'>;

/** Takes `wanted` out of the errors in proportion to their kinds, whole numbers by the largest remainder. */
function share(errors: ErrorCounts, wanted: number): ErrorCounts {
  const all = total(errors);
  const parts = entries(errors).map(([kind, count]) => {
    const exact = (count * wanted) / all;
    return { kind, whole: Math.floor(exact), rest: exact - Math.floor(exact) };
  });
  const missing = wanted - parts.reduce((sum, { whole }) => sum + whole, 0);
  parts.sort((a, b) => b.rest - a.rest);
  return Object.fromEntries(
    parts.map(({ kind, whole }, rank) => [kind, whole + (rank < missing ? 1 : 0)] as const).filter(([, n]) => n > 0),
  );
}

function total(errors: ErrorCounts): number {
  return entries(errors).reduce((sum, [, count]) => sum + count, 0);
}

function entries(errors: ErrorCounts): [ErrorKind, number][] {
  return Object.entries(errors) as [ErrorKind, number][];
}
