import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Reason } from '../record/reason.js';
import { type CgroupFiles, memoryKillsOf, sampleCgroup } from '../runtime/docker/cgroup.js';
import type { ResourceSample, SampleDepth } from '../runtime/runtime.js';
import { sumIfKnown } from '../sum-if-known.js';
import type { Look } from './subject.js';

/** Folders that are looked into for the group of a Pod: a node has a few for each of its Pods. */
const MOST_FOLDERS = 20_000;

/** The groups of a Pod: its own, and those of its containers within. */
interface PodGroup {
  readonly own: CgroupFiles;
  readonly containers: readonly CgroupFiles[];
}

/**
 * Looks at the control groups of a node's Pods, which are found by the Pods' UIDs in the names that kubelets give them: `podUID` with the
 * driver cgroupfs, `…-podUID.slice` with systemd, whose UID has underscores. Somebody has to have mounted the node's groups.
 */
export class PodGroups {
  readonly #root: string;
  readonly #known = new Map<string, PodGroup>();
  readonly #missing = new Set<string>();

  /** @param root where the node's `/sys/fs/cgroup` is */
  constructor(root: string) {
    this.#root = root;
  }

  /** The way to look at some Pods of the node, all of them together. @param pods their UIDs */
  of(pods: readonly string[]): Look {
    return {
      look: (depth, atMs) => this.#look(pods, depth, atMs),
      unknown: () => this.#unknown(pods),
    };
  }

  #look(pods: readonly string[], depth: SampleDepth, atMs: number): ResourceSample | null {
    // Who is there is asked before a window and behind it; what is known is read within.
    if (depth === 'whole') for (const uid of pods) this.#find(uid);
    const groups = pods.flatMap((uid) => this.#known.get(uid) ?? []);
    if (groups.length < pods.length || groups.length === 0) return null;
    const samples = groups.flatMap((group) => sampleOf(group, depth) ?? []);
    if (samples.length < groups.length) return null;
    const kills = depth === 'whole' ? { memoryKills: sumIfKnown(groups.map(killsOf)) } : {};
    return {
      atMs,
      cpuUs: sumIfKnown(samples.map(({ cpuUs }) => cpuUs)),
      memoryBytes: sumIfKnown(samples.map(({ memoryBytes }) => memoryBytes)),
      // Of several the highest at one time is not known: each has had its own.
      memoryPeakBytes: samples.length === 1 ? (samples[0]?.memoryPeakBytes ?? null) : null,
      throttledMs: sumIfKnown(samples.map(({ throttledMs }) => throttledMs)),
      ...kills,
    };
  }

  /** Containers may have been started anew since it was looked at last. */
  #find(uid: string): void {
    const found = podGroup(this.#root, uid);
    if (found === null) {
      this.#known.delete(uid);
      this.#missing.add(uid);
    } else {
      this.#known.set(uid, found);
      this.#missing.delete(uid);
    }
  }

  #unknown(pods: readonly string[]): readonly Reason[] {
    const missing = pods.filter((uid) => this.#missing.has(uid));
    if (missing.length === 0) return [];
    const message = `under ${this.#root} there is no control group of the Pod ${missing.join(', ')}: CPU, memory and throttled time of the target are not known`;
    return [{ code: 'no-cpu', message }];
  }
}

function sampleOf({ own, containers }: PodGroup, depth: SampleDepth): ResourceSample | null {
  const sample = sampleCgroup(own, depth);
  if (sample === null) return null;
  // CPU time and memory of a group are those of all within; what a quota cost is told of the group alone that has it. Where all containers
  // of a Pod have one, its own group has their sum as well, and both stand still at the same time: together they would count it twice.
  const within = sumIfKnown(containers.map((files) => sampleCgroup(files, 'light')?.throttledMs ?? null));
  const known = sample.throttledMs !== null && within !== null;
  return { ...sample, throttledMs: known ? Math.max(sample.throttledMs, within) : null };
}

function killsOf({ own, containers }: PodGroup): number | null {
  // `memory.events` counts those of all within, `memory.oom_control` does not.
  return own.version === '2'
    ? memoryKillsOf(own)
    : sumIfKnown([own, ...containers].map((files) => memoryKillsOf(files)));
}

/** Null where there is none of that Pod. */
function podGroup(root: string, uid: string): PodGroup | null {
  const isUnified = existsSync(join(root, 'cgroup.controllers'));
  const tree = isUnified ? root : join(root, 'cpuacct');
  const folder = folderOf(tree, uid);
  if (folder === null) return null;
  const path = relative(tree, folder);
  const filesOf = (within: string): CgroupFiles =>
    isUnified
      ? { version: '2', directory: join(root, within) }
      : {
          version: '1',
          memory: join(root, 'memory', within),
          cpu: join(root, 'cpu', within),
          cpuacct: join(root, 'cpuacct', within),
        };
  return { own: filesOf(path), containers: foldersIn(folder).map((name) => filesOf(join(path, name))) };
}

/** The folder of a Pod, wherever under a node's groups its kubelet has them. */
function folderOf(tree: string, uid: string): string | null {
  const names = [`pod${uid}`, `pod${uid.replaceAll('-', '_')}.slice`];
  const waiting = [tree];
  for (let seen = 0; seen < MOST_FOLDERS; seen += 1) {
    const folder = waiting.shift();
    if (folder === undefined) return null;
    for (const name of foldersIn(folder)) {
      if (names.some((wanted) => name === wanted || name.endsWith(`-${wanted}`))) return join(folder, name);
      waiting.push(join(folder, name));
    }
  }
  return null;
}

/** Those that may be read, of a folder that may have gone. */
function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []));
  } catch {
    return [];
  }
}
