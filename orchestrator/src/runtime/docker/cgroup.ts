import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { readKernelFile } from '../../kernel-file.js';
import type { ResourceSample, SampleDepth } from '../runtime.js';

/** Where the files of one container's cgroup are. */
export type CgroupFiles =
  | { readonly version: '2'; readonly directory: string }
  | { readonly version: '1'; readonly memory: string; readonly cpu: string; readonly cpuacct: string };

/** Which cgroup to look for. */
export interface CgroupQuery {
  readonly version: '1' | '2';
  readonly containerId: string;
  /** The container's first process as the engine's host numbers it. */
  readonly pid: number;
  /** Where cgroups and processes are mounted; other than the default in tests only. */
  readonly cgroupRoot?: string;
  readonly procRoot?: string;
}

/**
 * Finds the cgroup of a container; null when it cannot be read from here. Every candidate has the 64 digits of the
 * container's id in its path, so what exists is the right one, whatever host the engine runs on.
 */
export async function findCgroup(query: CgroupQuery): Promise<CgroupFiles | null> {
  const root = query.cgroupRoot ?? '/sys/fs/cgroup';
  for (const path of candidates(query)) {
    const files = query.version === '2' ? v2(join(root, path)) : v1(root, path);
    // oxlint-disable-next-line no-await-in-loop -- the first that exists wins, nearly always the first
    if (await isReadable(files)) return files;
  }
  return null;
}

/**
 * Reads one sample; null when the cgroup is gone, which is when its container ended. Synchronous: the kernel answers from memory, and a
 * detour over the thread pool would wake more than the read takes.
 * @param depth `light` leaves memory out
 */
export function sampleCgroup(files: CgroupFiles, depth: SampleDepth): ResourceSample | null {
  const atMs = performance.now();
  return files.version === '2' ? sampleV2(files.directory, atMs, depth) : sampleV1(files, atMs, depth);
}

/** Processes of the group that the kernel has killed for want of memory; null where it does not say (before Linux 4.13). */
export function memoryKillsOf(files: CgroupFiles): number | null {
  const path =
    files.version === '2' ? join(files.directory, 'memory.events') : join(files.memory, 'memory.oom_control');
  return fieldOf(readKernelFile(path), 'oom_kill');
}

function candidates(query: CgroupQuery): string[] {
  const { containerId: id } = query;
  const ofProcess = cgroupOfProcess(query);
  // A pid of another pid namespace may be somebody else's process: then its path lacks the id.
  return [...(ofProcess?.includes(id) ? [ofProcess] : []), `system.slice/docker-${id}.scope`, `docker/${id}`];
}

// proc_pid_cgroup(5): lines `hierarchy:controllers:path`; hierarchy 0 is v2.
function cgroupOfProcess(query: CgroupQuery): string | null {
  const table = readKernelFile(join(query.procRoot ?? '/proc', String(query.pid), 'cgroup'));
  for (const line of table?.split('\n') ?? []) {
    const [, controllers = '', path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const wanted = query.version === '2' ? controllers === '' : controllers.split(',').includes('memory');
    if (wanted && path !== undefined) return path;
  }
  return null;
}

function v2(directory: string): CgroupFiles {
  return { version: '2', directory };
}

function v1(root: string, path: string): CgroupFiles {
  return {
    version: '1',
    memory: join(root, 'memory', path),
    cpu: join(root, 'cpu', path),
    cpuacct: join(root, 'cpuacct', path),
  };
}

async function isReadable(files: CgroupFiles): Promise<boolean> {
  const witness = files.version === '2' ? join(files.directory, 'cpu.stat') : join(files.cpuacct, 'cpuacct.usage');
  return access(witness).then(
    () => true,
    () => false,
  );
}

function sampleV2(directory: string, atMs: number, depth: SampleDepth): ResourceSample | null {
  const cpuStat = readKernelFile(join(directory, 'cpu.stat'));
  if (cpuStat === null) return null;
  const memory = (name: string): string | null => (depth === 'light' ? null : readKernelFile(join(directory, name)));
  return {
    atMs,
    cpuUs: fieldOf(cpuStat, 'usage_usec'),
    memoryBytes: workingSet(numberIn(memory('memory.current')), fieldOf(memory('memory.stat'), 'inactive_file')),
    memoryPeakBytes: numberIn(memory('memory.peak')),
    throttledMs: scaled(fieldOf(cpuStat, 'throttled_usec'), 1e-3),
  };
}

function sampleV1(files: CgroupFiles & { version: '1' }, atMs: number, depth: SampleDepth): ResourceSample | null {
  const cpuUsage = readKernelFile(join(files.cpuacct, 'cpuacct.usage'));
  if (cpuUsage === null) return null;
  const memory = (name: string): string | null => (depth === 'light' ? null : readKernelFile(join(files.memory, name)));
  return {
    atMs,
    cpuUs: scaled(numberIn(cpuUsage), 1e-3),
    memoryBytes: workingSet(
      numberIn(memory('memory.usage_in_bytes')),
      fieldOf(memory('memory.stat'), 'total_inactive_file'),
    ),
    memoryPeakBytes: numberIn(memory('memory.max_usage_in_bytes')),
    throttledMs: scaled(fieldOf(readKernelFile(join(files.cpu, 'cpu.stat')), 'throttled_time'), 1e-6),
  };
}

/**
 * Memory that the kernel could not take back at once: usage without file pages that nobody has touched lately, the
 * figure of `docker stats`. Unknown when either part is.
 */
export function workingSet(usageBytes: number | null, inactiveFileBytes: number | null): number | null {
  if (usageBytes === null || inactiveFileBytes === null) return null;
  return Math.max(0, usageBytes - inactiveFileBytes);
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}

function fieldOf(table: string | null | undefined, key: string): number | null {
  const line = table?.split('\n').find((candidate) => candidate.startsWith(`${key} `));
  return numberIn(line?.slice(key.length + 1));
}

function numberIn(text: string | null | undefined): number | null {
  const trimmed = text?.trim() ?? '';
  return /^\d+$/.test(trimmed) ? Number(trimmed) : null;
}
