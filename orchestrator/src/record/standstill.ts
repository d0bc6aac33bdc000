import type { Gate } from './surroundings.js';
import type { LoadRecord, Standstill } from './trial.js';

/**
 * What a driver may stand still: of the window, and at a time. Shorter or rarer it is in the lateness of single requests, which is judged by
 * what it does to the quantiles; beyond, what the target did in that time is not known.
 */
const LIMIT = { share: 0.01, leastUs: 100_000 } as const;

const WITNESS: Readonly<Record<Standstill['witnesses'][number], string>> = {
  heartbeat: 'its own heartbeat',
  schedule: 'its schedule',
  process: 'a look at its process',
};

/**
 * Whether the driver itself stood still for so long that the trial shows it and not the target: it was stopped, or got no CPU. The target's
 * own stalls never are: while it answers nothing, the driver's loop runs.
 */
export function standstillGates({ standstill, windowMs }: LoadRecord): Gate[] {
  if (standstill === undefined) return [];
  const longestUs = standstill.stalls.reduce((longest, { lengthUs }) => Math.max(longest, lengthUs), 0);
  const share = standstill.totalUs / (windowMs * 1000);
  if (!outlasts(standstill.totalUs, longestUs, windowMs)) return [];
  const { stalls, runQueueWaitUs } = standstill;
  const first = seconds(stalls[0]?.fromUs ?? 0);
  const often =
    stalls.length === 1
      ? ` at ${first} s`
      : ` in ${stalls.length} pieces from ${first} s on, the longest ${seconds(longestUs)} s`;
  const waited = runQueueWaitUs === null ? '' : `; its threads waited ${seconds(runQueueWaitUs)} s for a CPU`;
  const by = standstill.witnesses.map((witness) => WITNESS[witness]).join(' and ');
  const message = `the driver stood still for ${seconds(standstill.totalUs)} s${often}, by ${by}${waited}`;
  return [
    {
      effect: 'void',
      reason: {
        code: 'driver-stopped',
        message,
        evidence: { totalUs: standstill.totalUs, longestUs, stalls: stalls.length, share, limit: LIMIT.share },
      },
    },
  ];
}

/** Whether somebody stood still for longer than a trial of this length carries. */
export function outlasts(totalUs: number, longestUs: number, windowMs: number): boolean {
  return longestUs >= LIMIT.leastUs && totalUs > LIMIT.share * windowMs * 1000;
}

function seconds(us: number): string {
  return (us / 1e6).toFixed(us < 1e6 ? 2 : 1);
}
