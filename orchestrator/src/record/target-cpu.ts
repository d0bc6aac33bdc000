import type { TrialRecord } from './trial.js';

/** Share of the measured window that a quota has to cost a target to be worth telling. */
export const THROTTLED_SHARE_LIMIT = 0.01;

/** CPUs that a target used while it was loaded, 1 being one all of the time; null where that is not known. */
export function coresOf(resources: TrialRecord['resources']): number | null {
  const { cpuUs = null, cpuWindowMs = null } = resources ?? {};
  return cpuUs === null || cpuWindowMs === null || cpuWindowMs === 0 ? null : cpuUs / 1000 / cpuWindowMs;
}

/** What the CPU quota cost a target. */
export interface Throttling {
  readonly throttledMs: number;
  readonly windowMs: number;
  /** Of the window; above 1 when several CPUs stood still at once. */
  readonly share: number;
}

/** Null where the runtime does not know, or nothing was loaded. */
export function throttlingOf({ load, resources }: Pick<TrialRecord, 'load' | 'resources'>): Throttling | null {
  const throttledMs = resources?.throttledMs ?? null;
  if (load === null || throttledMs === null) return null;
  return { throttledMs, windowMs: load.windowMs, share: throttledMs / load.windowMs };
}
