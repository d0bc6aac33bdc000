import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/**
 * The process that a container belongs to, told apart from every other one: a pid alone is reused, and means
 * something else in each pid namespace and on each machine.
 */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Boot and pid namespace within which the pid means anything. */
  readonly space: string;
  /** Start of the process in clock ticks since boot; empty where the system does not tell. */
  readonly started: string;
  /** The container on this engine in which the process runs; null on a plain host. */
  readonly container: string | null;
}

/** This process as an owner. */
export async function describeSelf(container: string | null): Promise<Owner> {
  return {
    pid: process.pid,
    host: hostname(),
    space: await currentSpace(),
    started: (await startedAt(process.pid)) ?? '',
    container,
  };
}

/**
 * Whether the owner of a container still runs.
 * @param containerRuns asks the engine about the container in which the owner ran.
 */
export async function ownerState(
  owner: Owner,
  self: Owner,
  containerRuns: (id: string) => Promise<boolean>,
): Promise<'alive' | 'gone' | 'unknown'> {
  if (owner.space === self.space) return (await sameProcessRuns(owner)) ? 'alive' : 'gone';
  if (owner.container === null) return 'unknown';
  // Same container, other pid namespace: it was restarted since.
  if (owner.container === self.container) return 'gone';
  return (await containerRuns(owner.container)) ? 'alive' : 'gone';
}

async function sameProcessRuns(owner: Owner): Promise<boolean> {
  if (owner.started !== '') return (await startedAt(owner.pid)) === owner.started;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    // A process of another user may not be signalled, and exists.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function currentSpace(): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()} ${await readlink('/proc/self/ns/pid')}`;
  } catch {
    return `${process.platform} ${hostname()}`;
  }
}

// proc(5): field 22 of stat; the second field is a name in parentheses that may itself hold spaces and parentheses.
async function startedAt(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Killed and not yet waited for: still listed, and gone all the same.
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
