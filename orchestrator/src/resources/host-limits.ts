// Nothing but node:fs is imported here, also not by way of another file: run.ts asks before it loads the rest of the program, which takes descriptors by itself.
import { readKernelFile } from '../kernel-file.js';

/** What a process may open; null where the system does not tell, or sets no limit. */
export interface HostLimits {
  /** File descriptors of this process, and of each that it starts (`ulimit -n`); Node has raised it to the hard limit already. */
  readonly descriptors: number | null;
  /** Local ports for connections to one address (`net.ipv4.ip_local_port_range`). */
  readonly ports: number | null;
  /** Whether a port that waits in TIME_WAIT may serve again for the loopback interface (`net.ipv4.tcp_tw_reuse` 1 or 2). */
  readonly reusesPorts: boolean | null;
}

/** Reads the limits of this process and of its network namespace. */
export function hostLimits(): HostLimits {
  const reuse = readKernelFile('/proc/sys/net/ipv4/tcp_tw_reuse');
  return {
    descriptors: descriptorLimit(readKernelFile('/proc/self/limits') ?? ''),
    ports: portCount(readKernelFile('/proc/sys/net/ipv4/ip_local_port_range') ?? ''),
    reusesPorts: reuse === null ? null : Number(reuse) > 0,
  };
}

/** The soft limit of open files in `/proc/PID/limits` (proc_pid_limits(5)); null when there is none, or nothing is said. */
export function descriptorLimit(limits: string): number | null {
  const soft = /^Max open files +(\d+) /m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}

/** How many ports lie in a range as `/proc/sys/net/ipv4/ip_local_port_range` says it: the first and the last. */
export function portCount(range: string): number | null {
  const [first, last] = range.trim().split(/\s+/).map(Number);
  return first === undefined || last === undefined || !(last >= first) ? null : last - first + 1;
}
