import { join } from 'node:path';
import { readKernelFile } from '../../kernel-file.js';
import type { GroupLimits, ServiceGroup } from './service-group.js';
import { fieldIn, pidsIn, removeGroup, writeSetting } from './group-files.js';

/** The kernel's own period, microseconds, which Docker takes too. */
const PERIOD_US = 100_000;
const SHARES_OF_A_TASK = 1024;

/** Directories of one service, one a hierarchy; null where it has no group. */
interface Hierarchies {
  readonly cpuacct: string | null;
  readonly cpu: string | null;
  readonly memory: string | null;
}

/** A service's groups in the hierarchies of v1. */
export class GroupV1 implements ServiceGroup {
  readonly #in: Hierarchies;

  constructor(hierarchies: Hierarchies, { cpus, memoryBytes }: GroupLimits) {
    this.#in = hierarchies;
    const { cpu, memory } = hierarchies;
    if (cpu !== null && cpus !== null) {
      writeSetting(cpu, 'cpu.cfs_period_us', String(PERIOD_US));
      writeSetting(cpu, 'cpu.cfs_quota_us', String(Math.round(cpus * PERIOD_US)));
      // A group weighs like one task whatever is in it: this one like as many as it may keep running.
      writeSetting(cpu, 'cpu.shares', String(Math.max(2, Math.round(Math.max(1, cpus) * SHARES_OF_A_TASK))));
    }
    if (memory !== null && memoryBytes !== null) {
      writeSetting(memory, 'memory.limit_in_bytes', String(memoryBytes));
      // Memory and swap together, so that the limit is not evaded into swap; absent where swap is not accounted.
      writeSetting(memory, 'memory.memsw.limit_in_bytes', String(memoryBytes));
    }
  }

  join(pid: number): void {
    for (const directory of this.#directories()) writeSetting(directory, 'cgroup.procs', String(pid));
  }

  cpuUs(): number | null {
    const text = this.#in.cpuacct === null ? null : readKernelFile(join(this.#in.cpuacct, 'cpuacct.usage'));
    return text === null ? null : Number(text) / 1000;
  }

  throttledMs(): number | null {
    const ns = this.#in.cpu === null ? null : fieldIn(this.#in.cpu, 'cpu.stat', 'throttled_time');
    return ns === null ? null : ns / 1e6;
  }

  memoryKills(): number | null {
    return this.#in.memory === null ? null : fieldIn(this.#in.memory, 'memory.oom_control', 'oom_kill');
  }

  pids(): number[] {
    const [any] = this.#directories();
    return any === undefined ? [] : pidsIn(any);
  }

  remove(): void {
    for (const directory of this.#directories()) removeGroup(directory);
  }

  #directories(): string[] {
    return Object.values(this.#in).filter((directory): directory is string => directory !== null);
  }
}
