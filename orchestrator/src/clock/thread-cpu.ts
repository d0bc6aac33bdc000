import { readFileSync } from 'node:fs';

/** Newer Node tells the CPU time of the calling thread; the types of the oldest supported one do not know it. */
const threadCpuUsage = (process as { threadCpuUsage?: () => { user: number; system: number } }).threadCpuUsage;

/**
 * CPU time that the calling thread has used, microseconds: from Node (23.9 and later) or from the kernel's scheduler statistics
 * (Linux; nanoseconds on the CPU are the first figure). Null where neither is to be had.
 */
export function threadCpuUs(): number | null {
  if (threadCpuUsage !== undefined) {
    const { user, system } = threadCpuUsage.call(process);
    return user + system;
  }
  try {
    const onCpuNs = Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ', 1)[0]);
    return Number.isFinite(onCpuNs) ? onCpuNs / 1000 : null;
  } catch {
    return null;
  }
}
