import { join } from 'node:path';
import { readKernelFile } from '../kernel-file.js';
import type { Reason } from '../record/reason.js';
import { type CgroupFiles, memoryKillsOf, sampleCgroup } from '../runtime/docker/cgroup.js';
import { isAlive, type ProcessStat, type ProcFs, TICK_US } from '../runtime/process/procfs.js';
import { TreeMemory } from '../runtime/process/tree-memory.js';
import type { ResourceSample, SampleDepth } from '../runtime/runtime.js';
import { sumIfKnown } from '../sum-if-known.js';

/** What Kubernetes starts first in a Pod, to hold its namespaces: it sleeps. */
const HOLDER = 'pause';
/** Within a window memory is read no more often; looks that are a second apart come a little early now and then. */
const MEMORY_INTERVAL_MS = 900;

/**
 * All processes that can be seen but this one and what it started: in a Pod whose containers share their processes, the target. Their
 * control groups are read through the root of one of the processes each, where the kernel lets a process of the same user and group look
 * (ptrace(2), PTRACE_MODE_READ), because a container sees no control group but its own. Where it does not, CPU time and memory are those of
 * the processes, and what the quota cost is not known.
 */
export class OtherProcesses {
  readonly #proc: ProcFs;
  readonly #procRoot: string;
  readonly #self: number;
  readonly #memory: TreeMemory;
  /** CPU time of each as last seen, and of those that have ended. */
  readonly #cpuUs = new Map<string, number>();
  /** Those of the last whole look; null: there was none, or one of them may not be read. */
  #groups: readonly CgroupFiles[] | null = null;
  #memoryAtMs = Number.NEGATIVE_INFINITY;
  #throttlingSeen = false;
  #seen = false;

  /** @param self the pid of this process */
  constructor(proc: ProcFs, procRoot: string, self: number) {
    this.#proc = proc;
    this.#procRoot = procRoot;
    this.#self = self;
    this.#memory = new TreeMemory(proc);
  }

  /** Null where nobody else is seen. @param depth `light`: no look at who is there, as long as the groups that are known can be read */
  sample(depth: SampleDepth, atMs: number): ResourceSample | null {
    const known = depth === 'light' ? this.#ofGroups(atMs, depth) : null;
    if (known !== null) return known;
    const others = this.#others();
    if (others.length === 0) return null;
    this.#seen = true;
    this.#groups = this.#groupsOf(others);
    const grouped = this.#ofGroups(atMs, 'whole');
    if (grouped !== null && grouped.memoryBytes !== null) return grouped;
    const memoryBytes = depth === 'whole' ? this.#memory.exact(others) : this.#memory.light(atMs);
    const memoryPeakBytes = this.#memory.peakBytes;
    if (grouped !== null) return { ...grouped, memoryBytes, memoryPeakBytes };
    return { atMs, cpuUs: this.#ownCpuUs(others), memoryBytes, memoryPeakBytes, throttledMs: null };
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
          'what the CPU quota cost the target is not known: its control group may not be read from beside it, because its processes are of another user or group than the watch, or hide themselves',
      },
    ];
  }

  /** Of all groups together; null where one of them is not there (any more). */
  #ofGroups(atMs: number, depth: SampleDepth): ResourceSample | null {
    if (this.#groups === null || this.#groups.length === 0) return null;
    const weigh = depth === 'whole' || atMs - this.#memoryAtMs >= MEMORY_INTERVAL_MS;
    if (weigh) this.#memoryAtMs = atMs;
    const read = this.#groups.flatMap((files) => sampleCgroup(files, weigh ? 'whole' : 'light') ?? []);
    if (read.length < this.#groups.length) return null;
    const kills = depth === 'whole' ? sumIfKnown(this.#groups.map((files) => memoryKillsOf(files))) : undefined;
    const throttledMs = sumIfKnown(read.map((sample) => sample.throttledMs));
    this.#throttlingSeen ||= throttledMs !== null;
    return {
      atMs,
      cpuUs: sumIfKnown(read.map(({ cpuUs }) => cpuUs)),
      memoryBytes: sumIfKnown(read.map(({ memoryBytes }) => memoryBytes)),
      // Of several the highest at one time is not known: each has had its own.
      memoryPeakBytes: read.length === 1 ? (read[0]?.memoryPeakBytes ?? null) : null,
      throttledMs,
      ...(kills === undefined ? {} : { memoryKills: kills }),
    };
  }

  #ownCpuUs(others: readonly ProcessStat[]): number {
    for (const other of others) {
      const own = Math.max(other.cpuTicks * TICK_US, this.#proc.liveThreadsCpuUs(other.pid) ?? 0);
      const key = `${other.pid} ${other.startTicks}`;
      this.#cpuUs.set(key, Math.max(this.#cpuUs.get(key) ?? 0, own));
    }
    return [...this.#cpuUs.values()].reduce((sum, us) => sum + us, 0);
  }

  #others(): ProcessStat[] {
    const all = this.#proc.pids().flatMap((pid) => this.#proc.stat(pid) ?? []);
    const own = new Set([this.#self]);
    // Parents come before their children, by and large; a second pass finds what does not.
    for (let pass = 0; pass < 2; pass++) for (const { pid, parentPid } of all) if (own.has(parentPid)) own.add(pid);
    return all.filter((stat) => !own.has(stat.pid) && isAlive(stat) && !(stat.pid === 1 && stat.name === HOLDER));
  }

  /** Each distinct group once, told by what the kernel says of its processes; null where one of them may not be read. */
  #groupsOf(others: readonly ProcessStat[]): CgroupFiles[] | null {
    const groups = new Map<string, CgroupFiles>();
    for (const { pid } of others) {
      const name = readKernelFile(join(this.#procRoot, String(pid), 'cgroup')) ?? '';
      if (groups.has(name)) continue;
      const files = groupSeenBy(join(this.#procRoot, String(pid)), pid);
      // One that has ended since it was listed is nobody's group.
      if (files === null && this.#proc.stat(pid) !== null) return null;
      if (files !== null) groups.set(name, files);
    }
    return [...groups.values()];
  }
}

/**
 * The control group of a process as it sees it itself: a container has its own one mounted, of version 2 or with a folder for each controller
 * of version 1. Null where that may not be read, and where the process is not in it: a container that has the groups of its whole node
 * mounted would be taken for that.
 */
function groupSeenBy(process: string, pid: number): CgroupFiles | null {
  const mounted = join(process, 'root/sys/fs/cgroup');
  const of = (controller: string): string => join(mounted, controller);
  const files: CgroupFiles =
    readKernelFile(of('cpu.stat')) === null
      ? { version: '1', memory: of('memory'), cpu: of('cpu'), cpuacct: of('cpuacct') }
      : { version: '2', directory: mounted };
  const members = readKernelFile(join(files.version === '2' ? mounted : files.cpuacct, 'cgroup.procs'));
  return members?.split('\n').includes(String(pid)) === true ? files : null;
}
