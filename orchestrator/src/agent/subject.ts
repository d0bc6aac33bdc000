import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readKernelFile } from '../kernel-file.js';
import type { Reason } from '../record/reason.js';
import { type CgroupFiles, sampleCgroup } from '../runtime/docker/cgroup.js';
import { ProcFs } from '../runtime/process/procfs.js';
import { ProcessTree } from '../runtime/process/process-tree.js';
import type { ResourceSample, SampleDepth } from '../runtime/runtime.js';
import { OtherProcesses } from './other-processes.js';
import type { WatchSubject } from './wire.js';

/** How something is looked at. */
export interface Look {
  /** Null when it is not there (any more). @param atMs of a clock of the sampler's own */
  readonly look: (depth: SampleDepth, atMs: number) => ResourceSample | null;
  /** Which figures cannot be had, and why; to be asked behind the last look. */
  readonly unknown: () => readonly Reason[];
}

/** Where the folders of control groups are, and the processes; other than the default in tests only. */
export interface LookRoots {
  readonly cgroup?: string;
  readonly proc?: string;
}

/** The way to look at a subject. */
export function lookAt(subject: WatchSubject, { cgroup = '/sys/fs/cgroup', proc = '/proc' }: LookRoots = {}): Look {
  if (subject.of === 'cgroup') return lookAtGroup(groupFiles(subject.path, cgroup), subject.path);
  const processes = new ProcFs(proc);
  if (subject.of === 'others') return lookAtOthers(new OtherProcesses(processes, proc, process.pid));
  if (subject.of === 'process') return lookAtProcess(processes, subject.pid);
  return { look: () => null, unknown: () => [] };
}

function lookAtProcess(processes: ProcFs, pid: number): Look {
  const id = processes.identity(pid);
  const tree = id === null ? null : new ProcessTree(processes, id, 'none');
  return {
    look: (depth, atMs) => (depth === 'whole' ? tree?.sample(atMs) : tree?.lightSample(atMs)) ?? null,
    unknown: () => [
      ...(id === null ? [absent('cpu', `there is no process ${pid}`)] : []),
      absent('throttled', 'a process has no CPU quota of its own; its control group has'),
    ],
  };
}

function lookAtOthers(others: OtherProcesses): Look {
  return {
    look: (depth, atMs) => others.sample(depth, atMs),
    unknown: () => others.unknown(),
  };
}

function lookAtGroup(files: CgroupFiles | null, path: string): Look {
  const why = `there is no control group ${path} that may be read`;
  return {
    look: (depth) => (files === null ? null : sampleCgroup(files, depth)),
    unknown: () => (files === null ? [absent('cpu', why), absent('memory', why), absent('throttled', why)] : []),
  };
}

/** A folder with `cpu.stat` is of version 2; else the path is sought in the hierarchies of version 1. */
function groupFiles(path: string, root: string): CgroupFiles | null {
  if (readKernelFile(join(path, 'cpu.stat')) !== null) return { version: '2', directory: path };
  const of = (controller: string): string => join(root, controller, path);
  if (!existsSync(of('cpuacct'))) return null;
  return { version: '1', memory: of('memory'), cpu: of('cpu'), cpuacct: of('cpuacct') };
}

function absent(what: string, why: string): Reason {
  return { code: `no-${what}`, message: why };
}
