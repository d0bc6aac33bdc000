import type { GroupLimits, ServiceGroup } from './service-group.js';
import { fieldIn, pidsIn, removeGroup, writeSetting } from './group-files.js';

/** The kernel's own period, microseconds, which Docker takes too. */
const PERIOD_US = 100_000;
const WEIGHT_OF_A_TASK = 100;

/** A service's group on v2. */
export class GroupV2 implements ServiceGroup {
  readonly #directory: string;
  readonly #limits: GroupLimits;

  constructor(directory: string, limits: GroupLimits) {
    this.#directory = directory;
    this.#limits = limits;
    const { cpus, memoryBytes } = limits;
    if (cpus !== null) writeSetting(directory, 'cpu.max', `${Math.round(cpus * PERIOD_US)} ${PERIOD_US}`);
    // Under the cpu controller a group weighs like one task whatever is in it: this one like as many as it may keep running.
    if (cpus !== null) writeSetting(directory, 'cpu.weight', String(Math.round(Math.max(1, cpus) * WEIGHT_OF_A_TASK)));
    if (memoryBytes !== null) {
      writeSetting(directory, 'memory.max', String(memoryBytes));
      writeSetting(directory, 'memory.swap.max', '0');
    }
  }

  join(pid: number): void {
    writeSetting(this.#directory, 'cgroup.procs', String(pid));
  }

  cpuUs(): number | null {
    return fieldIn(this.#directory, 'cpu.stat', 'usage_usec');
  }

  throttledMs(): number | null {
    const us = this.#limits.cpus === null ? null : fieldIn(this.#directory, 'cpu.stat', 'throttled_usec');
    return us === null ? null : us / 1000;
  }

  memoryKills(): number | null {
    return this.#limits.memoryBytes === null ? null : fieldIn(this.#directory, 'memory.events', 'oom_kill');
  }

  pids(): number[] {
    return pidsIn(this.#directory);
  }

  remove(): void {
    removeGroup(this.#directory);
  }
}
