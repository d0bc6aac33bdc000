import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PREFIX = 'crabllm-bench-';

/**
 * Control groups that only count: the CPU time of a service and of everything it starts, exactly and for one small read, however many
 * processes and threads it has.
 *
 * None is made where the group would fall under the `cpu` controller: a group weighs like one task there, so that a service in one would
 * race against the driver on other terms than without. On v1 that is a hierarchy of `cpuacct` alone, on v2 a parent that hands no `cpu`
 * down (`cpu.stat` counts in every group; cgroups(7), Documentation/admin-guide/cgroup-v2.rst).
 */
export class CpuAccounts {
  readonly #parent: string;
  readonly #usage: (directory: string) => number | null;

  private constructor(parent: string, usage: (directory: string) => number | null) {
    this.#parent = parent;
    this.#usage = usage;
  }

  /** Null where there is no such place, or none that may be written to: containers and users without rights. */
  static open(cgroupRoot = '/sys/fs/cgroup', procRoot = '/proc'): CpuAccounts | null {
    const table = readText(join(procRoot, 'self/cgroup')) ?? '';
    const pathOf = (wanted: (controllers: string) => boolean): string | null => {
      const rows = table.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
      return rows.find((row) => row !== null && wanted(row[1] ?? ''))?.[2] ?? null;
    };
    const alone = pathOf((controllers) => controllers === 'cpuacct');
    if (alone !== null) {
      const parent = join(cgroupRoot, 'cpuacct', alone);
      if (readText(join(parent, 'cpuacct.usage')) !== null) return new CpuAccounts(parent, usageV1);
    }
    const unified = pathOf((controllers) => controllers === '');
    if (unified === null) return null;
    const parent = join(cgroupRoot, unified);
    const handedDown = readText(join(parent, 'cgroup.subtree_control'));
    if (handedDown === null || handedDown.split(/\s+/).includes('cpu')) return null;
    return new CpuAccounts(parent, usageV2);
  }

  /** A group of its own for what carries this token; null where it cannot be made. */
  create(token: string): CpuAccount | null {
    const directory = join(this.#parent, PREFIX + token);
    try {
      mkdirSync(directory);
    } catch {
      return null;
    }
    return new CpuAccount(directory, this.#usage);
  }

  /** Removes the groups of services that are gone, but for those that still run: the kernel keeps a group with a process in it. */
  sweep(): void {
    for (const name of listed(this.#parent)) if (name.startsWith(PREFIX)) removeGroup(join(this.#parent, name));
  }
}

/** The account of one service. */
export class CpuAccount {
  readonly #directory: string;
  readonly #usage: (directory: string) => number | null;

  /** Made by {@link CpuAccounts.create}. */
  constructor(directory: string, usage: (directory: string) => number | null) {
    this.#directory = directory;
    this.#usage = usage;
  }

  /** Counts a process from now on, and what it will start; one that has gone is passed over. */
  join(pid: number): void {
    try {
      writeFileSync(join(this.#directory, 'cgroup.procs'), String(pid));
    } catch {
      // Gone, or a thread group that may not be moved: its time is missing, and the walk over processes still has it.
    }
  }

  /** CPU time of all that was ever counted here, microseconds; null once the group is gone. */
  cpuUs(): number | null {
    return this.#usage(this.#directory);
  }

  /** Removes the group; one with a process in it stays for a later sweep. */
  remove(): void {
    removeGroup(this.#directory);
  }
}

function usageV1(directory: string): number | null {
  const text = readText(join(directory, 'cpuacct.usage'));
  return text === null ? null : Number(text) / 1000;
}

function usageV2(directory: string): number | null {
  const usage = /^usage_usec (\d+)$/m.exec(readText(join(directory, 'cpu.stat')) ?? '')?.[1];
  return usage === undefined ? null : Number(usage);
}

function removeGroup(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Gone already, or not empty yet.
  }
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
