import type { Stall } from '../../clock/heartbeat.js';

/** A waking later than this, and than two places of the schedule, is a pacer that did not run: its timer ticks in milliseconds. */
const LEAST_STALL_US = 50_000;

/**
 * How late oha's pacer woke for each answered request, against k / rate, microseconds. oha itself counts latency from the waking, so what it
 * sleeps through is in no figure of its own. Errors have no row, so the place k of a row is not known: each gets the latest that its waking
 * and the rows behind it leave, which is the true one where nothing is missing, and makes the lateness too small elsewhere, never too large.
 * @param wokenUs when the pacer woke for each, from the schedule's start, in any order
 */
export function scheduleLateness(wokenUs: Float64Array, ratePerSecond: number): Float64Array {
  const lateUs = new Float64Array(wokenUs.length);
  let place = Number.POSITIVE_INFINITY;
  for (const i of byTime(wokenUs).reverse()) {
    const woken = wokenUs[i] as number;
    // A nanosecond's grace: k / rate has no finite binary form.
    place = Math.min(place - 1, Math.floor(((woken + 1e-3) * ratePerSecond) / 1e6));
    lateUs[i] = Math.max(0, woken - (place * 1e6) / ratePerSecond);
  }
  return lateUs;
}

/** When the pacer stood still: from the first place of the schedule that it slept through to its waking. */
export function pacerStalls(wokenUs: Float64Array, lateUs: Float64Array, ratePerSecond: number): Stall[] {
  const stalls: Stall[] = [];
  const leastUs = Math.max(LEAST_STALL_US, 2e6 / ratePerSecond);
  let before = Number.NEGATIVE_INFINITY;
  for (const i of byTime(wokenUs)) {
    const woken = wokenUs[i] as number;
    const late = lateUs[i] as number;
    // Those behind it in the same waking are late by the same sleep.
    if (late >= leastUs && woken - before >= late / 2) stalls.push({ fromUs: woken - late, lengthUs: late });
    before = woken;
  }
  return stalls;
}

function byTime(timesUs: Float64Array): Uint32Array {
  return Uint32Array.from({ length: timesUs.length }, (_, i) => i).sort(
    (a, b) => (timesUs[a] as number) - (timesUs[b] as number),
  );
}
