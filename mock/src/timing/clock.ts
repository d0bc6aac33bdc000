/** What `performance.now()` must be raised by to be on the host's monotonic clock, in microseconds. */
const offsetUs = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;

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
