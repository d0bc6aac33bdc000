import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readKernelFile } from '../../kernel-file.js';
import { listed, makeGroup, removeGroup } from './group-files.js';
import { GroupV1 } from './group-v1.js';
import { GroupV2 } from './group-v2.js';
import type { GroupLimits, ServiceGroup } from './service-group.js';

/** What the directories of services' groups are called, before their tokens. */
const PREFIX = 'crabllm-bench-';

/** Where groups can be made, by version and controller; null where they cannot. */
interface Places {
  readonly v1: { readonly cpuacct: string | null; readonly cpu: string | null; readonly memory: string | null } | null;
  /** Below the own group for counting, and below the root for limits: a group with processes hands no controllers down. */
  readonly v2: { readonly counting: string | null; readonly limiting: string | null } | null;
}

/**
 * Control groups for services that run as plain processes, made where the machine allows it.
 *
 * Counting costs one small read however many processes and threads a service has. It must not change how the service races against the
 * driver: under the `cpu` controller a group weighs like one task. So a group that only counts is made where no `cpu` controller is: on
 * v1 in a hierarchy of `cpuacct` alone, on v2 below a group that hands no `cpu` down (`cpu.stat` counts in every group). See cgroups(7)
 * and Documentation/admin-guide/cgroup-v2.rst of the kernel.
 */
export class ControlGroups {
  readonly #places: Places;
  readonly #hostCpus: number;

  private constructor(places: Places, hostCpus: number) {
    this.#places = places;
    this.#hostCpus = hostCpus;
  }

  /** Looks where groups can be made; what cannot be written to (containers, users without rights) is no place. */
  static open(cgroupRoot = '/sys/fs/cgroup', procRoot = '/proc', hostCpus = availableParallelism()): ControlGroups {
    const rows = (readKernelFile(join(procRoot, 'self/cgroup')) ?? '').split('\n').flatMap((line) => {
      const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      return controllers === undefined || path === undefined ? [] : [{ controllers, path }];
    });
    return new ControlGroups({ v1: placesV1(rows, cgroupRoot), v2: placesV2(rows, cgroupRoot) }, hostCpus);
  }

  /** Whether these limits can be enforced here. A quota of all CPUs that there are bounds nothing and needs nothing. */
  canEnforce({ cpus, memoryBytes }: GroupLimits): boolean {
    const quota = this.#quota(cpus);
    const { v1, v2 } = this.#places;
    if (v1 !== null && (quota === null || v1.cpu !== null) && (memoryBytes === null || v1.memory !== null)) return true;
    return (v2?.limiting ?? null) !== null || (quota === null && memoryBytes === null);
  }

  /**
   * A group of its own for what carries this token; null where none can be made.
   * @param limits enforced where {@link canEnforce} says so, else left out
   */
  create(token: string, limits: GroupLimits): ServiceGroup | null {
    const name = PREFIX + token;
    const bounds = this.canEnforce(limits)
      ? { cpus: this.#quota(limits.cpus), memoryBytes: limits.memoryBytes }
      : { cpus: null, memoryBytes: null };
    const { v1, v2 } = this.#places;
    if (v1 !== null) {
      const within = (parent: string | null): string | null => (parent === null ? null : makeGroup(join(parent, name)));
      const [cpuacct, cpu, memory] = [
        within(v1.cpuacct),
        bounds.cpus === null ? null : within(v1.cpu),
        bounds.memoryBytes === null ? null : within(v1.memory),
      ];
      if (cpuacct !== null || cpu !== null || memory !== null) return new GroupV1({ cpuacct, cpu, memory }, bounds);
    }
    const bounded = bounds.cpus !== null || bounds.memoryBytes !== null;
    const parent = (bounded ? v2?.limiting : v2?.counting) ?? null;
    const directory = parent === null ? null : makeGroup(join(parent, name));
    return directory === null ? null : new GroupV2(directory, bounds);
  }

  /** Removes the groups of services that are gone, but for those that still run: the kernel keeps a group with a process in it. */
  sweep(): void {
    const { v1, v2 } = this.#places;
    for (const parent of [v1?.cpuacct, v1?.cpu, v1?.memory, v2?.counting, v2?.limiting]) {
      if (parent === null || parent === undefined) continue;
      for (const name of listed(parent)) if (name.startsWith(PREFIX)) removeGroup(join(parent, name));
    }
  }

  #quota(cpus: number | null): number | null {
    return cpus === null || cpus >= this.#hostCpus ? null : cpus;
  }
}

interface Row {
  readonly controllers: string;
  readonly path: string;
}

function placesV1(rows: readonly Row[], root: string): Places['v1'] {
  const parentOf = (controller: string, alone: boolean): string | null => {
    const row = rows.find(({ controllers }) =>
      alone ? controllers === controller : controllers.split(',').includes(controller),
    );
    if (row === undefined) return null;
    const parent = join(root, row.controllers, row.path);
    return listed(parent).length === 0 ? null : parent;
  };
  const places = { cpuacct: parentOf('cpuacct', true), cpu: parentOf('cpu', false), memory: parentOf('memory', false) };
  return Object.values(places).every((place) => place === null) ? null : places;
}

function placesV2(rows: readonly Row[], root: string): Places['v2'] {
  const own = rows.find(({ controllers }) => controllers === '')?.path;
  if (own === undefined) return null;
  const handedDown = (directory: string): string[] | null =>
    readKernelFile(join(directory, 'cgroup.subtree_control'))?.split(/\s+/) ?? null;
  const counting = handedDown(join(root, own))?.includes('cpu') === false ? join(root, own) : null;
  const all = handedDown(root) ?? [];
  return { counting, limiting: all.includes('cpu') && all.includes('memory') ? root : null };
}
