import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessTree } from './process-tree.js';
import { isAlive, type ProcFs } from './procfs.js';
import type { RunRecord, RunRecords } from './run-record.js';
import { stopAll, type StopTimes } from './stop.js';

/**
 * Ends services and tools whose owner is gone. A process is touched only if it is provably the one: the same pid with the same start
 * time in the same boot, or the service's own mark in its environment.
 * @returns how many of them were still running
 */
export async function sweepServices(records: RunRecords, proc: ProcFs, times: StopTimes): Promise<number> {
  // Without /proc nothing can be proven, and no records are written.
  if (!proc.available) return 0;
  let swept = 0;
  for (const [token, record] of records.list()) {
    if (record !== null && isOwned(record, proc)) continue;
    const tree = new ProcessTree(proc, rootOf(record, proc), token);
    if (!tree.isGone()) {
      swept += 1;
      if (!(await stopAll(tree, times))) continue;
    }
    if (record?.directory.startsWith(join(tmpdir(), 'crabllm-bench-')) === true) {
      await rm(record.directory, { recursive: true, force: true });
    }
    records.remove(token);
  }
  return swept;
}

function isOwned(record: RunRecord, proc: ProcFs): boolean {
  const owner = record.bootId === proc.bootId() ? proc.statOf(record.owner) : null;
  // A killed owner that nobody has waited for yet is still listed; it will do nothing more.
  return owner !== null && isAlive(owner);
}

/** Null when that process is gone: its pid, its group and its session may since be a stranger's. */
function rootOf(record: RunRecord | null, proc: ProcFs): RunRecord['root'] {
  const root = record?.root ?? null;
  return root === null || record?.bootId !== proc.bootId() || proc.statOf(root) === null ? null : root;
}
