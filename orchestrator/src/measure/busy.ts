import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 250;
/** Share of all CPUs in use from which on a reader should know: the limit of a trial's own gate for other load. */
const BUSY_SHARE = 0.25;

/** Says, before anything of ours runs, that the machine is busy already; null when it is not. */
export async function busyAlready(): Promise<string | null> {
  const before = times();
  await sleep(LOOK_MS);
  const after = times();
  const totalMs = after.totalMs - before.totalMs;
  const share = totalMs <= 0 ? 0 : 1 - (after.idleMs - before.idleMs) / totalMs;
  return share < BUSY_SHARE ? null : busyText(share, cpus().length);
}

/** @internal exported for tests */
export function busyText(share: number, count: number): string {
  return `the machine is busy already: others use ${(share * count).toFixed(1)} of its ${count} CPUs`;
}

function times(): { readonly idleMs: number; readonly totalMs: number } {
  const each = cpus().map(({ times: of }) => of);
  const idleMs = each.reduce((sum, { idle }) => sum + idle, 0);
  return {
    idleMs,
    totalMs: each.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0),
  };
}
