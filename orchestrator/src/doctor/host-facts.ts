import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { readKernelFile } from '../kernel-file.js';
import type { HostRecord } from '../record/trial.js';
import { type HostLimits, hostLimits } from '../resources/host-limits.js';
import type { PeerFigures } from './peers.js';
import type { Spread } from './timers.js';

/** What is known of the machine; null where it does not say. */
export interface HostFacts {
  /** CPUs that this process may use, and that the host has. */
  readonly usableCpus: number;
  readonly cpus: number;
  readonly cpuModel: string | null;
  /** The kernel's rule for the CPU's frequency. */
  readonly governor: string | null;
  readonly clockSource: string | null;
  readonly isVirtual: boolean | null;
  /** Whether the load driver may run before others (root, or CAP_SYS_NICE). */
  readonly mayRunFirst: boolean;
  readonly cgroup: 'v1' | 'v2' | null;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  /** File descriptors a process, and local ports for one address. */
  readonly limits: HostLimits;
}

/** All that a diagnosis is made of. */
export interface Findings {
  readonly host: HostFacts;
  /** Before anything was started: what others do here. */
  readonly idle: Pick<HostRecord, 'stealShare' | 'busyShare' | 'swappedBytes' | 'clockJumpMs'>;
  readonly clockStepUs: number;
  readonly oversleep: Spread;
  readonly loopback: Spread;
  /** Those elsewhere who were asked for the time. */
  readonly peers: readonly PeerFigures[];
  /** The runtime that a run would take, what it says of itself (engine, cgroup), and whether it bounds CPU and memory. */
  readonly runtime: {
    readonly kind: string;
    readonly versions: Readonly<Record<string, string>>;
    readonly enforcesLimits: boolean;
  };
  /** What `--pin auto` would do here. */
  readonly placing: { readonly pins: boolean; readonly text: string };
  /** Null: left out as asked. */
  readonly selfTest: SelfTest | null;
}

/** What direct against direct showed. */
export interface SelfTest {
  readonly driver: string;
  readonly blocks: number;
  readonly levels: readonly {
    readonly scenario: string;
    readonly level: string;
    readonly direct: { readonly p50Us: number | null; readonly p99Us: number | null };
    readonly floor: { readonly p50Us: number | null; readonly p99Us: number | null };
  }[];
}

/** @param mayRunFirst is found by trying, which is for who measures */
export function readHostFacts(mayRunFirst: boolean): HostFacts {
  const cpuInfo = readKernelFile('/proc/cpuinfo');
  return {
    usableCpus: availableParallelism(),
    cpus: cpus().length,
    cpuModel: cpus()[0]?.model ?? null,
    governor: readKernelFile('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor')?.trim() ?? null,
    clockSource: readKernelFile('/sys/devices/system/clocksource/clocksource0/current_clocksource')?.trim() ?? null,
    isVirtual: cpuInfo === null ? null : /^flags\s*:.*\bhypervisor\b/m.test(cpuInfo),
    mayRunFirst,
    cgroup: cgroupOf(readKernelFile('/proc/self/cgroup')),
    memoryBytes: totalmem(),
    freeMemoryBytes: availableBytes(readKernelFile('/proc/meminfo')) ?? freemem(),
    limits: hostLimits(),
  };
}

/** `MemAvailable` of /proc/meminfo: what can be had without swapping, caches included. @internal exported for tests */
export function availableBytes(memInfo: string | null): number | null {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(memInfo ?? '')?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}

/** The control groups that this process is in: version 2 alone has the hierarchy 0. @internal exported for tests */
export function cgroupOf(ownCgroup: string | null): HostFacts['cgroup'] {
  if (ownCgroup === null) return null;
  return /^[1-9]\d*:\w/m.test(ownCgroup) ? 'v1' : 'v2';
}
