import { readFileSync } from 'node:fs';

/** Newer Node tells the CPU time of the calling thread; the types of the oldest supported one do not know it. */
const threadCpuUsage = (process as { threadCpuUsage?: () => { user: number; system: number } }).threadCpuUsage;

/**
 * For how long the calling thread has been ready to run and has waited for a CPU, microseconds: the second figure of the kernel's scheduler
 * statistics. Null where they are not to be had.
 */
export function threadRunQueueUs(): number | null {
  return schedulerFigureUs(1);
}

/**
 * CPU time that the calling thread has used, microseconds: from Node (23.9 and later) or from the kernel's scheduler statistics
 * (Linux; nanoseconds on the CPU are the first figure). Null where neither is to be had.
 */
export function threadCpuUs(): number | null {
  if (threadCpuUsage !== undefined) {
    const { user, system } = threadCpuUsage.call(process);
    return user + system;
  }
  return schedulerFigureUs(0);
}

function schedulerFigureUs(index: 0 | 1): number | null {
  try {
    const ns = Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[index]);
    return Number.isFinite(ns) ? ns / 1000 : null;
  } catch {
    return null;
  }
}
