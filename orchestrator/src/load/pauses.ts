import type { Pause, Pauses } from '../record/trial.js';
import type { Stall } from '../clock/heartbeat.js';

/** Requests of a trial in any order, microseconds of one clock. */
export interface WaitingRequests {
  readonly dueUs: ArrayLike<number>;
  /** When the first of an answer came (where only the end is known, that), or the request was given up. */
  readonly untilUs: ArrayLike<number>;
  /** Whether what came then was an answer; the giving up of a request is no sign of life. */
  readonly answered: (index: number) => boolean;
}

/** A silence is a pause when it is this many times the median wait, at least this long, and held up so many requests. */
const PAUSE = { timesMedian: 5, leastUs: 3000, requests: 3 } as const;

/** Pauses of a trial that are written down each by itself. */
const MOST_KEPT = 100;

/**
 * The times within a window in which a target gave no answer at all although requests waited for one: as a garbage collection, a fork or
 * a frozen process makes them. A single slow request is none, because others are answered meanwhile; and neither is a slow target, whose
 * silences are as long as its answers take. A pause counts from the moment at which the first of those that it held up was due.
 *
 * @param stalls when the driver itself stood still: what lies in those for the greater part is not the target's
 */
export function pausesOf(
  requests: WaitingRequests,
  window: { readonly startUs: number; readonly endUs: number },
  stalls: readonly Stall[],
): Pauses {
  const found = silences(requests, window).filter((pause) => !isOwn(pause, stalls));
  const longest = [...found].sort((a, b) => b.lengthUs - a.lengthUs).slice(0, MOST_KEPT);
  return {
    count: found.length,
    totalUs: found.reduce((sum, { lengthUs }) => sum + lengthUs, 0),
    longest: longest
      .sort((a, b) => a.fromUs - b.fromUs)
      .map(({ fromUs, ...pause }) => ({ ...pause, fromUs: fromUs - window.startUs })),
  };
}

function silences({ dueUs, untilUs, answered }: WaitingRequests, window: { startUs: number; endUs: number }): Pause[] {
  const order = Uint32Array.from({ length: dueUs.length }, (_, i) => i).sort(
    (a, b) => (dueUs[a] as number) - (dueUs[b] as number),
  );
  const signs = Float64Array.from(order.filter(answered), (i) => untilUs[i] as number).sort();
  const waits = Float64Array.from(order.filter(answered), (i) => (untilUs[i] as number) - (dueUs[i] as number)).sort();
  const medianUs = waits[waits.length >> 1] ?? 0;
  const leastUs = Math.max(PAUSE.leastUs, PAUSE.timesMedian * medianUs);
  const found: Pause[] = [];
  let first = 0;
  for (let sign = 0; sign <= signs.length; sign++) {
    const fromUs = sign === 0 ? Number.NEGATIVE_INFINITY : (signs[sign - 1] as number);
    const untilSignUs = signs[sign] ?? Number.POSITIVE_INFINITY;
    if (untilSignUs - fromUs < leastUs) continue;
    // Those in flight when it began were sent not long before; what is older was slow already.
    while (first < order.length && (dueUs[order[first] as number] as number) < fromUs - leastUs) first += 1;
    const pause = heldUp(first, fromUs, untilSignUs);
    if (pause !== null) found.push(pause);
  }
  return found;

  /** What waited between two signs of life, counted from the first that was due and not yet answered. */
  function heldUp(from: number, fromUs: number, untilSignUs: number): Pause | null {
    let beganUs = Number.NaN;
    let givenUpUs = Number.NEGATIVE_INFINITY;
    let count = 0;
    for (let at = from; at < order.length; at++) {
      const i = order[at] as number;
      const due = dueUs[i] as number;
      const until = untilUs[i] as number;
      // One that was due just before the end waited no longer than usual.
      if (due > untilSignUs - 2 * medianUs) break;
      if (until <= fromUs) continue;
      if (count++ === 0) beganUs = Math.max(due, fromUs);
      givenUpUs = Math.max(givenUpUs, until);
    }
    // Where no answer came any more, the silence lasts until the last of them was given up.
    const lengthUs = Math.min(untilSignUs, givenUpUs) - beganUs;
    const within = beganUs < window.endUs && beganUs + lengthUs > window.startUs;
    return count >= PAUSE.requests && lengthUs >= leastUs && within
      ? { fromUs: beganUs, lengthUs, requests: count }
      : null;
  }
}

function isOwn({ fromUs, lengthUs }: Pause, stalls: readonly Stall[]): boolean {
  const shared = stalls.reduce(
    (sum, stall) =>
      sum + Math.max(0, Math.min(fromUs + lengthUs, stall.fromUs + stall.lengthUs) - Math.max(fromUs, stall.fromUs)),
    0,
  );
  return shared >= lengthUs / 2;
}
