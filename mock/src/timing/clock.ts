/** What `performance.now()` must be raised by to be on the host's monotonic clock, in microseconds. */
const offsetUs = findOffsetUs();

/** The tightest of several bracketed readings: one pair of first calls is tens of microseconds apart, and a process may be preempted between. */
function findOffsetUs(): number {
  let best = 0;
  let narrowestMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 50; i++) {
    const beforeMs = performance.now();
    const [seconds, nanoseconds] = process.hrtime();
    const widthMs = performance.now() - beforeMs;
    if (widthMs >= narrowestMs) continue;
    narrowestMs = widthMs;
    best = seconds * 1e6 + nanoseconds / 1e3 - (beforeMs + widthMs / 2) * 1000;
  }
  return best;
}

/**
 * A time of `performance.now()` as microseconds of the host's monotonic clock (CLOCK_MONOTONIC), which is the same in every
 * process of the host, so that the records of mock, workers and load can be laid side by side.
 */
export function toHostUs(nowMs: number): number {
  return nowMs * 1000 + offsetUs;
}

/** The opposite: a time of the host's clock on the clock of this process's `performance.now()`, in milliseconds. */
export function toLocalMs(hostUs: number): number {
  return (hostUs - offsetUs) / 1000;
}
