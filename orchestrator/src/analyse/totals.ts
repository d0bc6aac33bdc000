import type { CellSummary } from '../record/summary.js';
import { coresOf } from '../record/target-cpu.js';
import type { LoadRecord, TrialRecord } from '../record/trial.js';

/** The figures of a row that are sums, shares and peaks, not quantiles. */
export type Totals = Pick<
  CellSummary,
  | 'requests'
  | 'achievedRps'
  | 'offeredRps'
  | 'successRate'
  | 'staleConnections'
  | 'memoryPeakBytes'
  | 'cpuUsPerRequest'
  | 'throttledMs'
>;

/** Over the trials that a row rests on; null where nobody could know. */
export function totalsOf(trials: readonly TrialRecord[]): Totals {
  const loads = loadsOf(trials);
  const scheduled = sum(loads.map((load) => load.scheduled));
  // Who left of himself was not failed.
  const waited = scheduled - sum(loads.map(({ left = 0 }) => left));
  const stale = sum(loads.map(({ staleConnections = 0 }) => staleConnections));
  const peaks = trials.flatMap(({ resources }) => resources?.memoryPeakBytes ?? []);
  const throttled = trials.flatMap(({ resources }) => resources?.throttledMs ?? []);
  return {
    requests: scheduled,
    achievedRps: achievedRps(trials),
    offeredRps: offeredRps(trials),
    successRate: waited === 0 ? null : sum(loads.map((load) => load.ok)) / waited,
    ...(stale === 0 ? {} : { staleConnections: stale }),
    memoryPeakBytes: peaks.length === 0 ? null : Math.max(...peaks),
    cpuUsPerRequest: cpuUsPerRequest(trials),
    throttledMs: throttled.length === 0 ? null : round(sum(throttled), 10),
  };
}

/** Answers per second over the windows of all trials, to a hundredth; null when none was driven. */
export function achievedRps(trials: readonly TrialRecord[]): number | null {
  const loads = loadsOf(trials);
  const windowMs = sum(loads.map((load) => load.windowMs));
  return windowMs === 0 ? null : round(sum(loads.map((load) => load.achievedRps * load.windowMs)) / windowMs, 100);
}

/** What was due in a second of the windows of all trials, to a hundredth. */
function offeredRps(trials: readonly TrialRecord[]): number | null {
  const loads = loadsOf(trials.filter(({ level }) => level.kind === 'rps'));
  const windowMs = sum(loads.map((load) => load.windowMs));
  return windowMs === 0 ? null : round((1000 * sum(loads.map((load) => load.scheduled))) / windowMs, 100);
}

/**
 * CPU time over requests answered. The CPU samples of a trial hardly ever span its window exactly (an engine's samples come once a second),
 * so each trial's CPU while it was loaded is scaled to the window before it is shared out.
 */
function cpuUsPerRequest(trials: readonly TrialRecord[]): number | null {
  const known = trials.flatMap(({ load, resources }) => {
    const cores = coresOf(resources);
    if (load === null || cores === null) return [];
    return [{ cpuUs: cores * 1000 * load.windowMs, answered: sum(Object.values(load.statuses)) }];
  });
  const answered = sum(known.map((trial) => trial.answered));
  return answered === 0 ? null : round(sum(known.map((trial) => trial.cpuUs)) / answered, 10);
}

function loadsOf(trials: readonly TrialRecord[]): LoadRecord[] {
  return trials.flatMap(({ load }) => load ?? []);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
