import { z } from 'zod';
import type { Distribution, TrialRecord } from './trial.js';
import { keptUp, offeredRps } from './validity.js';

/** One condition of a service level objective. Times µs, shares 0 to 1. */
export const objectiveSchema = z.strictObject({
  /** As it was written, for a person. */
  text: z.string(),
  of: z.enum(['latency', 'ttft', 'gap', 'errors']),
  /** Null for errors, which are a share. */
  quantile: z.enum(['p50', 'p90', 'p99', 'p999']).nullable(),
  /** The figure has to be below. */
  below: z.number().positive(),
});
export type Objective = z.infer<typeof objectiveSchema>;

/** Reasons for which a trial speaks of the instrument or the machine and not of its target. */
const INSTRUMENT = ['mock-lost', 'mock-bottleneck', 'mock-late', 'driver-busy', 'driver-failed'];
/** Latency counts from the intended time: this share of its tail and more being the driver's own, the tail is not the target's. */
const DRIVER_SHARE = 0.25;

/** What one window says of its rate. */
export interface WindowVerdict {
  /** `instrument`: the objective did not hold, and driver or mock were not up to it. `unusable`: the surroundings spoilt it. */
  readonly outcome: 'holds' | 'breaks' | 'instrument' | 'unusable';
  /** What broke, with its figure; empty where it holds. */
  readonly broken: readonly string[];
}

/**
 * Whether all conditions held together in a window. Requests that failed, were given up or never answered are errors, and a target that
 * did not keep up with what was offered, as for any trial, does not hold any objective at that rate.
 */
export function judgeWindow(trial: TrialRecord, objectives: readonly Objective[]): WindowVerdict {
  const { load } = trial;
  const blame = [
    ...(trial.reason !== null && [...INSTRUMENT, 'driver-late'].includes(trial.reason.code) ? [trial.reason] : []),
    ...trial.warnings.filter(
      ({ code }) => INSTRUMENT.includes(code) || (code === 'driver-late' && driverShare(trial) >= DRIVER_SHARE),
    ),
  ];
  if (load === null)
    return blame.length > 0 || trial.state === 'void'
      ? { outcome: 'unusable', broken: [trial.reason?.message ?? 'nothing was measured'] }
      : { outcome: 'breaks', broken: [trial.reason?.message ?? 'nothing was measured'] };
  const offered = offeredRps(load, trial.level).toFixed(0);
  const broken = [
    ...(keptUp(load, trial.level) ? [] : [`answered ${load.achievedRps.toFixed(0)} of ${offered} rps`]),
    ...objectives.flatMap((objective) => brokenBy(trial, objective) ?? []),
  ];
  const spoilt = { outcome: 'unusable', broken: [trial.reason?.message ?? 'void'] } as const;
  // What spoils a window makes it look worse than it is: when it holds all the same, it holds. A clock that jumps may do either.
  if (broken.length === 0) return trial.reason?.code === 'clock-jump' ? spoilt : { outcome: 'holds', broken };
  if (blame.length > 0) return { outcome: 'instrument', broken: [...broken, ...blame.map(({ message }) => message)] };
  return trial.state === 'void' ? spoilt : { outcome: 'breaks', broken };
}

function driverShare({ load }: TrialRecord): number {
  const [late, latency] = [load?.latenessUs?.quantiles.p99 ?? 0, load?.latencyUs.quantiles.p99 ?? null];
  return latency === null || latency === 0 ? 0 : late / latency;
}

function brokenBy({ load, level }: TrialRecord, { of, quantile, below, text }: Objective): string | null {
  if (load === null) return null;
  if (of === 'errors') {
    const share = load.scheduled === 0 ? 0 : 1 - load.ok / load.scheduled;
    return share < below ? null : `${text}: ${(100 * share).toFixed(2)} % of ${load.scheduled} requests`;
  }
  const distribution: Distribution | null = { latency: load.latencyUs, ttft: load.ttftUs, gap: load.gapUs }[of];
  const value = quantile === null ? null : (distribution?.quantiles[quantile] ?? null);
  if (value === null) return `${text}: no figure at ${level.value} rps`;
  return value < below ? null : `${text}: ${(value / 1000).toFixed(value < 10_000 ? 2 : 0)} ms`;
}
