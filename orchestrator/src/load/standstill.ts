import type { Stall } from '../clock/heartbeat.js';
import type { Standstill } from '../record/trial.js';

/** Stalls of a trial that are written down each by itself. */
const MOST_KEPT = 100;

/**
 * What several witnesses noticed of a driver that did not run. Times that overlap are one.
 * @param stalls and the window, microseconds of one clock
 */
export function standstillOf(
  stalls: readonly Stall[],
  window: { readonly startUs: number; readonly endUs: number },
  witnesses: Standstill['witnesses'],
  runQueueWaitUs: number | null,
): Standstill {
  const merged = mergeStalls(stalls).flatMap(({ fromUs, lengthUs }): Stall[] => {
    const from = Math.max(fromUs, window.startUs);
    const until = Math.min(fromUs + lengthUs, window.endUs);
    return until > from ? [{ fromUs: from, lengthUs: until - from }] : [];
  });
  const longest = [...merged].sort((a, b) => b.lengthUs - a.lengthUs).slice(0, MOST_KEPT);
  return {
    stalls: longest
      .sort((a, b) => a.fromUs - b.fromUs)
      .map(({ fromUs, lengthUs }) => ({ fromUs: Math.round(fromUs - window.startUs), lengthUs: Math.round(lengthUs) })),
    totalUs: Math.round(merged.reduce((sum, { lengthUs }) => sum + lengthUs, 0)),
    witnesses,
    runQueueWaitUs: runQueueWaitUs === null ? null : Math.round(runQueueWaitUs),
  };
}

/** The same times, in order, with those that overlap as one. */
export function mergeStalls(stalls: readonly Stall[]): Stall[] {
  const merged: { fromUs: number; lengthUs: number }[] = [];
  for (const { fromUs, lengthUs } of [...stalls].sort((a, b) => a.fromUs - b.fromUs)) {
    const last = merged.at(-1);
    const until = fromUs + lengthUs;
    if (last === undefined || fromUs > last.fromUs + last.lengthUs) merged.push({ fromUs, lengthUs });
    else last.lengthUs = Math.max(last.lengthUs, until - last.fromUs);
  }
  return merged;
}
