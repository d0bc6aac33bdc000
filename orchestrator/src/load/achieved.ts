/** Answered requests of a trial, of any status, in any order: when each was due and when its answer was whole, microseconds of one clock. */
export interface AnsweredRequests {
  readonly dueUs: ArrayLike<number>;
  readonly endUs: ArrayLike<number>;
}

/** The measured window of an open loop on the same clock. */
export interface AchievedWindow {
  readonly startUs: number;
  readonly endUs: number;
  /** Requests that were due in it. */
  readonly scheduled: number;
  /** Whether requests came at their own times, as in a replayed trace: then the load at the end need not be that of the beginning. */
  readonly uneven: boolean;
}

/**
 * Answers a second of an open loop's window, as the rows say them. Never more than were due: what the warm-up left behind and the
 * window worked off is no load beyond the level. And not less because some are under way when it ends:
 *
 * - Where each answer to what was due in the window came no later behind its end than the longest wait that the window began with (of an
 *   uneven load: the longest before its last tenth), all of them count. A target that does not keep up lets the last ones wait longest.
 *   Of an even load that wait is no more than a tenth of the window beyond the shortest one: a window that begins with a queue as long as
 *   itself would else take whatever comes behind its end.
 * - Else the target gave what ended in the window, whenever it was due; or in a time as long, later by the median wait that the window began
 *   with, for answers that take as long as the window. Of an uneven load, which may end with a burst: what came in time as above.
 */
export function achievedRps(answers: AnsweredRequests, window: AchievedWindow): number {
  const { startUs, endUs, scheduled, uneven } = window;
  const lengthUs = endUs - startUs;
  const early = waitsOf(answers, startUs, startUs + lengthUs / 10);
  const longestUs = uneven
    ? longest(waitsOf(answers, startUs, endUs - lengthUs / 10))
    : Math.min(longest(early), shortest(waitsOf(answers, startUs, endUs)) + lengthUs / 10);
  const due = count(answers, (at) => at >= startUs);
  const inTime = count(answers, (at, end) => at >= startUs && end <= endUs + longestUs);
  const shiftUs = median(early);
  const shifted = endedWithin(answers, { startUs: startUs + shiftUs, endUs: endUs + shiftUs });
  const given = Math.max(endedWithin(answers, window), uneven ? inTime : shifted);
  return (Math.min(inTime === due ? due : given, scheduled) * 1e6) / lengthUs;
}

/** Answers a second of a closed loop's window, in which nothing was due: those that ended in it. */
export function completedRps(answers: AnsweredRequests, window: Pick<AchievedWindow, 'startUs' | 'endUs'>): number {
  return (endedWithin(answers, window) * 1e6) / (window.endUs - window.startUs);
}

function endedWithin(answers: AnsweredRequests, { startUs, endUs }: Pick<AchievedWindow, 'startUs' | 'endUs'>): number {
  return count(answers, (_due, end) => end >= startUs && end < endUs);
}

function count({ dueUs, endUs }: AnsweredRequests, counts: (due: number, end: number) => boolean): number {
  let n = 0;
  for (let i = 0; i < dueUs.length; i++) if (counts(dueUs[i] as number, endUs[i] as number)) n += 1;
  return n;
}

/** Of those due between two moments. */
function waitsOf({ dueUs, endUs }: AnsweredRequests, fromUs: number, untilUs: number): number[] {
  const waits: number[] = [];
  for (let i = 0; i < dueUs.length; i++) {
    const due = dueUs[i] as number;
    if (due >= fromUs && due <= untilUs) waits.push((endUs[i] as number) - due);
  }
  return waits;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function shortest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}

function longest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
