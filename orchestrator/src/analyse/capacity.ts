import { type Capacity, type CapacityAnswer, MOST_WINDOWS, type Rest, settledBy } from '../record/capacity.js';
import type { Manifest, TargetRecord } from '../record/manifest.js';
import { judgeWindow, type Objective, type WindowVerdict } from '../record/objective.js';
import type { TrialRecord } from '../record/trial.js';
import { groupBy } from './grouping.js';
import { totalsOf } from './totals.js';
import { limitOf } from './what-gave-way.js';

/** Reads the capacities off the windows of a search; the same records give the same answers. */
export function analyseCapacity(
  manifest: Manifest,
  trials: readonly TrialRecord[],
  rest: Rest,
  objectives: readonly Objective[],
): Capacity {
  const answers = manifest.targets.flatMap((target) =>
    manifest.scenarios.map(({ name: scenario }) => {
      const own = trials.filter((trial) => trial.target === target.name && trial.scenario === scenario);
      return {
        ...answerOf(target, own, objectives, hostCpus(manifest)),
        target: target.name,
        scenario,
        ...restOf(target.name, rest),
      };
    }),
  );
  return { schemaVersion: 1, run: manifest.id, objectives: [...objectives], answers };
}

interface Judged {
  readonly trial: TrialRecord;
  readonly verdict: WindowVerdict;
}

type Found = Omit<CapacityAnswer, 'target' | 'scenario' | 'restMemoryBytes' | 'restCpuShare'>;

function answerOf(
  target: TargetRecord,
  trials: readonly TrialRecord[],
  objectives: readonly Objective[],
  cpus: number | null,
): Found {
  const windows = trials
    .filter(({ load }) => load !== null)
    .map((trial): Judged => ({ trial, verdict: judgeWindow(trial, objectives) }));
  if (windows.length === 0) {
    const reason = target.absent?.message ?? trials.at(-1)?.reason?.message ?? 'the run ended before it was measured';
    return { ...nothing(0), state: 'failed', reason };
  }
  const byRate = [
    ...groupBy(
      windows.filter(({ verdict }) => verdict.outcome !== 'unusable'),
      ({ trial }) => trial.level.value,
    ),
  ]
    .map(([rate, all]) => ({ rate, last: all.slice(-MOST_WINDOWS), settled: settledBy(all.map(isHeld)) }))
    .toSorted((a, b) => a.rate - b.rate);
  const low = byRate.filter(({ settled }) => settled === true).at(-1) ?? null;
  const high = byRate.find(({ rate, settled }) => rate > (low?.rate ?? 0) && settled === false) ?? null;
  const broken = (high?.last ?? []).filter((window) => !isHeld(window));
  const limit = high === null ? null : limitOf(broken, target, cpus);
  const totals = low === null ? null : totalsOf(low.last.filter(isHeld).map(({ trial }) => trial));
  return {
    state: stateOf(low !== null, high !== null, limit?.limit ?? null),
    low: low?.rate ?? null,
    high: high?.rate ?? null,
    windows: windows.length,
    broken: [...(broken.at(-1)?.verdict.broken ?? [])],
    limit: limit?.limit ?? null,
    limitMessage: limit?.message ?? null,
    cpuUsPerRequest: totals?.cpuUsPerRequest ?? null,
    memoryPeakBytes: totals?.memoryPeakBytes ?? null,
    reason: null,
  };
}

function isHeld({ verdict }: Judged): boolean {
  return verdict.outcome === 'holds';
}

function stateOf(low: boolean, high: boolean, limit: CapacityAnswer['limit']): CapacityAnswer['state'] {
  if (low && limit === 'instrument') return 'at-least';
  if (low && high) return 'found';
  if (low) return 'at-least';
  return high ? 'none' : 'unsettled';
}

function nothing(windows: number): Omit<Found, 'state' | 'reason'> {
  return {
    low: null,
    high: null,
    windows,
    broken: [],
    limit: null,
    limitMessage: null,
    cpuUsPerRequest: null,
    memoryPeakBytes: null,
  };
}

function restOf(target: string, rest: Rest): Pick<CapacityAnswer, 'restMemoryBytes' | 'restCpuShare'> {
  const resources = rest.find((entry) => entry.target === target)?.resources;
  const { cpuUs = null, cpuWindowMs = null } = resources ?? {};
  return {
    restMemoryBytes: resources?.memoryEndBytes ?? null,
    restCpuShare:
      cpuUs === null || cpuWindowMs === null || cpuWindowMs === 0 ? null : Math.round(cpuUs / cpuWindowMs) / 1000,
  };
}

function hostCpus({ host }: Manifest): number | null {
  return typeof host['cpus'] === 'number' ? host['cpus'] : null;
}
