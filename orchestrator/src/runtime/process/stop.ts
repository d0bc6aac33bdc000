import { setTimeout as delay } from 'node:timers/promises';

/** Some processes that can be ended together. */
export interface Stoppable {
  signal(signal: NodeJS.Signals): void;
  isGone(): boolean;
}

/** How long each signal gets. */
export interface StopTimes {
  readonly termMs: number;
  readonly killMs: number;
}

/** How long a service may take to end in order, and to be gone when it is killed, milliseconds. */
export const STOP_TIMES: StopTimes = { termMs: 5_000, killMs: 5_000 };

const POLL_MS = 25;

/**
 * Ends processes: SIGTERM, wait, SIGKILL. New children that appear meanwhile are ended as well.
 * @returns whether nothing is left; a process that the kernel cannot end (a hung disk) is the only reason for false
 */
export async function stopAll(processes: Stoppable, times: StopTimes): Promise<boolean> {
  processes.signal('SIGTERM');
  if (await gone(processes, times.termMs)) return true;
  const deadline = performance.now() + times.killMs;
  do {
    // Again and again: a process may have been forked between the look and the signal.
    processes.signal('SIGKILL');
    if (await gone(processes, POLL_MS)) return true;
  } while (performance.now() < deadline);
  return false;
}

/** Signals a process, or with a negative id its group; false when there is none or it may not be signalled. */
export function trySignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** All that can be reached where there is no `/proc`: the members of a process group, as long as they stay in it. */
export function processGroup(leaderPid: number): Stoppable {
  return {
    signal: (signal) => void trySignal(-leaderPid, signal),
    isGone: () => !trySignal(-leaderPid, 0),
  };
}

async function gone(processes: Stoppable, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!processes.isGone()) {
    if (performance.now() >= deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
