/**
 * Microseconds of the host's monotonic clock (CLOCK_MONOTONIC, the base of `process.hrtime`), equal in every thread and process
 * of the host, with a fraction. `performance.now()` reads the same clock without allocating but counts from the start of its thread,
 * so its offset is found once a thread.
 */
export function monotonicUs(): number {
  return performance.now() * 1000 + OFFSET_US;
}

const OFFSET_US = offsetUs();

/** The tightest of several bracketed readings: a thread may be preempted between two clock reads, but not each time. */
function offsetUs(): number {
  let best = 0;
  let narrowest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 50; i++) {
    const before = performance.now();
    const [seconds, nanoseconds] = process.hrtime();
    const width = performance.now() - before;
    if (width >= narrowest) continue;
    narrowest = width;
    best = seconds * 1e6 + nanoseconds / 1e3 - (before + width / 2) * 1000;
  }
  return best;
}
