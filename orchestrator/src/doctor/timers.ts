import { monotonicUs } from '../clock/clock.js';
import { wakeExactly } from '../clock/thread-scheduling.js';

/** A few values of a distribution, microseconds. */
export interface Spread {
  readonly p50Us: number;
  readonly p99Us: number;
}

const SLEEPS = 400;
const SLEEP_MS = 1;
const TICKS = 2000;

/** How late the kernel wakes a thread that asked for 1 ms, asked as the load driver asks. Blocks the thread for half a second. */
export function measureOversleep(): Spread {
  wakeExactly();
  const never = new Int32Array(new SharedArrayBuffer(4));
  const late = Array.from({ length: SLEEPS }, () => {
    const dueUs = monotonicUs() + SLEEP_MS * 1000;
    Atomics.wait(never, 0, 0, SLEEP_MS);
    return monotonicUs() - dueUs;
  });
  return spreadOf(late);
}

/** The smallest step that the monotonic clock is seen to make, microseconds. */
export function measureClockStep(): number {
  let smallest = Number.POSITIVE_INFINITY;
  let last = monotonicUs();
  for (let i = 0; i < TICKS; ) {
    const now = monotonicUs();
    if (now === last) continue;
    smallest = Math.min(smallest, now - last);
    last = now;
    i += 1;
  }
  return smallest;
}

/** @param values not empty */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (p: number): number => sorted[Math.ceil(p * sorted.length) - 1] as number;
  return { p50Us: at(0.5), p99Us: at(0.99) };
}
