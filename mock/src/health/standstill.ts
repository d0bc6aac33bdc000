import { readFileSync } from 'node:fs';

/** How often a worker looks whether it has run: two system calls and a read of `/proc`, some 20 µs. */
const BEAT_MS = 100;

/** Shorter ones are what a machine with other work does all the time. */
const LEAST_MS = 50;

/** How long a worker stood still since the last mark although it had nothing to do and need not wait for a CPU, in milliseconds. */
export interface Frozen {
  readonly longestMs: number;
  readonly totalMs: number;
}

/**
 * Notices when its process did not run: it was stopped, or waited for the disk. What it worked in that time (a collection of garbage, a
 * burst of requests) and what it waited for a CPU that others had is not counted: whoever sends requests can cause that.
 */
export class StandstillWatch {
  #longestMs = 0;
  #totalMs = 0;
  #before = reading();

  readonly #timer = setInterval(() => this.#beat(), BEAT_MS).unref();

  /** Notices no more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Since the last {@link clear}; null where the kernel does not say how long a process waits for a CPU. */
  get frozen(): Frozen | null {
    return this.#before.waitedMs === null ? null : { longestMs: this.#longestMs, totalMs: this.#totalMs };
  }

  clear(): void {
    this.#longestMs = 0;
    this.#totalMs = 0;
    this.#before = reading();
  }

  #beat(): void {
    const before = this.#before;
    const now = reading();
    this.#before = now;
    const frozenMs = frozenBetween(before, now);
    if (frozenMs < LEAST_MS) return;
    this.#longestMs = Math.max(this.#longestMs, frozenMs);
    this.#totalMs += frozenMs;
  }
}

/** What is known of a process at one moment, in milliseconds. */
export interface Reading {
  readonly atMs: number;
  /** CPU time used so far, and time spent waiting for a CPU; null where the kernel does not say. */
  readonly workedMs: number;
  readonly waitedMs: number | null;
}

/** How much longer than a beat it took from one to the other that was neither work nor waiting for a CPU. */
export function frozenBetween(before: Reading, now: Reading): number {
  if (before.waitedMs === null || now.waitedMs === null) return 0;
  const busyMs = now.workedMs - before.workedMs + (now.waitedMs - before.waitedMs);
  return Math.max(0, now.atMs - before.atMs - BEAT_MS - busyMs);
}

function reading(): Reading {
  const { user, system } = process.cpuUsage();
  return { atMs: performance.now(), workedMs: (user + system) / 1000, waitedMs: runQueueMs() };
}

/** The second figure of the kernel's scheduler statistics of the main thread, nanoseconds (sched-stats.rst). */
function runQueueMs(): number | null {
  try {
    const waited = Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1]);
    return Number.isFinite(waited) ? waited / 1e6 : null;
  } catch {
    return null;
  }
}
