import { readdirSync, readFileSync } from 'node:fs';

/** File descriptors that are kept for everything but connections, beyond those that are open at the start. */
const RESERVE = 16;

/** How many connections a process may have. */
export interface ConnectionLimit {
  readonly connections: number;
  /** File descriptors that it may have in all (`ulimit -n`). */
  readonly descriptors: number;
}

/**
 * The limit of this process. Without one of its own it would not notice: libuv accepts and closes what it has no descriptor for, and says
 * nothing. Null where the system does not tell.
 */
export function connectionLimit(): ConnectionLimit | null {
  try {
    const descriptors = descriptorLimit(readFileSync('/proc/self/limits', 'latin1'));
    const open = readdirSync('/proc/self/fd').length;
    return descriptors === null ? null : { connections: Math.max(0, descriptors - open - RESERVE), descriptors };
  } catch {
    return null;
  }
}

/** The soft limit of open files in `/proc/PID/limits` (proc_pid_limits(5)); null when there is none, or nothing is said. */
export function descriptorLimit(limits: string): number | null {
  const soft = /^Max open files +(\d+) /m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}
