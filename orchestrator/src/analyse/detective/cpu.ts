import type { Finding } from '../../record/summary.js';
import { coresOf, THROTTLED_SHARE_LIMIT, throttlingOf } from '../../record/target-cpu.js';
import { meanOf } from '../student.js';
import { type Case, found, percent } from './case.js';

/** One worker that is busy all the time uses about one CPU: what it waits for, and a helper thread, are the room on either side. */
const ONE_WORKER = { from: 0.85, to: 1.15 } as const;
/** With less than this at its disposal, a target at one CPU is at its limit, not at its worker's. */
const ROOM_CPUS = 1.5;
/** A queue shows in a median that is this many times the one at the lowest level. */
const QUEUED = 2;

/** What the target's CPU tells: time lost to its quota, or one worker that all requests queue for. */
export function cpuHabits(suspect: Case): Finding[] {
  return [...throttling(suspect), ...singleWorker(suspect)];
}

function throttling(suspect: Case): Finding[] {
  const known = suspect.cell.standing.trials.flatMap((trial) => {
    const cost = throttlingOf(trial);
    return cost === null ? [] : [{ block: trial.block, ...cost }];
  });
  const held = known.filter(({ share }) => share > THROTTLED_SHARE_LIMIT);
  if (held.length === 0) return [];
  const share = meanOf(held.map((trial) => trial.share));
  const { cpus } = suspect.cell.target.limits;
  const message =
    `In ${held.length} of ${known.length} trials the kernel held the target’s CPUs up for ${percent(share)} of the time, added up over them, because it had used up ` +
    `its quota${cpus === null ? '' : ` of ${cpus} CPU${cpus === 1 ? '' : 's'}`} (CFS throttling): each stop lasts up to 100 ms and is in its tail.`;
  return [
    found(suspect, 'cfs-throttling', 'warning', message, {
      trials: held,
      of: known.length,
      limit: THROTTLED_SHARE_LIMIT,
    }),
  ];
}

function singleWorker(suspect: Case): Finding[] {
  const { cell, row, lowest } = suspect;
  const available = cell.target.limits.cpus ?? Number.POSITIVE_INFINITY;
  if (suspect.direct === null || available < ROOM_CPUS) return [];
  const cores = cell.standing.trials.flatMap((trial) => coresOf(trial.resources) ?? []);
  if (cores.length === 0 || !cores.every((used) => used >= ONE_WORKER.from && used <= ONE_WORKER.to)) return [];
  const [own, least] = [row.latencyUs.p50?.value, lowest?.latencyUs.p50?.value];
  const queued = own !== undefined && least !== undefined && own >= QUEUED * least;
  if (row.state !== 'saturated' && !queued) return [];
  const used = meanOf(cores);
  const sign = queued ? `its median is ${(own / least).toFixed(1)} × that at the lowest level` : 'it did not keep up';
  const message =
    `The target used ${used.toFixed(2)} CPUs${Number.isFinite(available) ? ` of ${available}` : ''} and ${sign}: ` +
    'requests queue in front of one worker (a single-threaded process). More workers, not more CPU, would help.';
  return [
    found(suspect, 'single-worker', 'info', message, {
      cpusUsed: used,
      ...(queued ? { p50Us: own, lowestP50Us: least } : {}),
    }),
  ];
}
