import { join } from 'node:path';
import { readKernelFile } from '../kernel-file.js';
import type { Reason } from '../record/reason.js';
import { sampleCgroup } from '../runtime/docker/cgroup.js';
import { isAlive, type ProcessStat, type ProcFs, TICK_US } from '../runtime/process/procfs.js';
import { TreeMemory } from '../runtime/process/tree-memory.js';
import type { ResourceSample, SampleDepth } from '../runtime/runtime.js';

/** What Kubernetes starts first in a Pod, to hold its namespaces: it sleeps. */
const HOLDER = 'pause';

/**
 * All processes that can be seen but this one and what it started: in a Pod whose containers share their processes, the target. Their CPU
 * time is that of the processes; the quota's throttling is read through the root of one of them, where the kernel lets a process of the same
 * user look, because a container sees no control group but its own.
 */
export class OtherProcesses {
  readonly #proc: ProcFs;
  readonly #procRoot: string;
  readonly #self: number;
  readonly #memory: TreeMemory;
  /** CPU time of each as last seen, and of those that have ended. */
  readonly #cpuUs = new Map<string, number>();
  #throttlingSeen = false;
  #seen = false;

  /** @param self the pid of this process */
  constructor(proc: ProcFs, procRoot: string, self: number) {
    this.#proc = proc;
    this.#procRoot = procRoot;
    this.#self = self;
    this.#memory = new TreeMemory(proc);
  }

  /** Null where nobody else is seen. */
  sample(depth: SampleDepth, atMs: number): ResourceSample | null {
    const others = this.#others();
    if (others.length === 0) return null;
    this.#seen = true;
    for (const other of others) {
      const own = Math.max(other.cpuTicks * TICK_US, this.#proc.liveThreadsCpuUs(other.pid) ?? 0);
      const key = `${other.pid} ${other.startTicks}`;
      this.#cpuUs.set(key, Math.max(this.#cpuUs.get(key) ?? 0, own));
    }
    return {
      atMs,
      cpuUs: [...this.#cpuUs.values()].reduce((sum, us) => sum + us, 0),
      memoryBytes: depth === 'whole' ? this.#memory.exact(others) : this.#memory.light(atMs),
      memoryPeakBytes: this.#memory.peakBytes,
      throttledMs: this.#throttledMs(others, atMs),
    };
  }

  /** Which figures were in no sample, and why. */
  unknown(): Reason[] {
    if (!this.#seen)
      return [{ code: 'no-cpu', message: 'no other process can be seen: the Pod does not share its processes' }];
    if (this.#throttlingSeen) return [];
    return [
      {
        code: 'no-throttled',
        message:
          'the control group of the target may not be read from beside it: its processes are of another user, or its kernel has version 1',
      },
    ];
  }

  #others(): ProcessStat[] {
    const all = this.#proc.pids().flatMap((pid) => this.#proc.stat(pid) ?? []);
    const own = new Set([this.#self]);
    // Parents come before their children, by and large; a second pass finds what does not.
    for (let pass = 0; pass < 2; pass++) for (const { pid, parentPid } of all) if (own.has(parentPid)) own.add(pid);
    return all.filter((stat) => !own.has(stat.pid) && isAlive(stat) && !(stat.pid === 1 && stat.name === HOLDER));
  }

  /** Of all the containers together: each distinct group once, told by what its counters say. */
  #throttledMs(others: readonly ProcessStat[], _atMs: number): number | null {
    const groups = new Map<string, number>();
    for (const { pid } of others) {
      const directory = join(this.#procRoot, String(pid), 'root/sys/fs/cgroup');
      const stat = readKernelFile(join(directory, 'cpu.stat'));
      if (stat === null) continue;
      const namespace = readKernelFile(join(this.#procRoot, String(pid), 'cgroup')) ?? '';
      const throttledMs = sampleCgroup({ version: '2', directory }, 'light')?.throttledMs ?? null;
      if (throttledMs !== null) groups.set(namespace, throttledMs);
    }
    if (groups.size === 0) return null;
    this.#throttlingSeen = true;
    return [...groups.values()].reduce((sum, ms) => sum + ms, 0);
  }
}
