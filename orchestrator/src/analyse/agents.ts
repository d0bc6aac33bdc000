import { groupBy } from '../grouping.js';
import type { AgentSummary, Summary } from '../record/summary.js';
import type { AgentRecord, TrialRecord } from '../record/trial.js';

/** Each agent over all trials that it took part in; nothing where one driver made the load. */
export function agentsOf(trials: readonly TrialRecord[]): Pick<Summary, 'agents'> {
  const byIndex = groupBy(
    trials.flatMap(({ agents }) => agents ?? []),
    ({ index }) => index,
  );
  if (byIndex.size === 0) return {};
  return { agents: [...byIndex].sort(([a], [b]) => a - b).map(([index, records]) => summaryOf(index, records)) };
}

function summaryOf(index: number, records: readonly AgentRecord[]): AgentSummary {
  const offsets = records.flatMap(({ before, after }) => [before, after]);
  return {
    index,
    trials: records.length,
    cpus: Math.min(...records.map(({ cpus }) => cpus)),
    clockOffsetUs: {
      ...range(offsets.map(({ offsetUs }) => offsetUs)),
      boundUs: most(offsets.map(({ boundUs }) => boundUs)),
    },
    driftPpm: {
      ...range(records.map(({ drift }) => drift.ppm)),
      boundPpm: most(records.map(({ drift }) => drift.boundPpm)),
    },
    startSkewUs: {
      ...range(records.map(({ start }) => start.skewUs)),
      boundUs: most(records.map(({ start }) => start.boundUs)),
    },
    achievedRps: range(records.map(({ load }) => load.achievedRps)),
  };
}

function range(values: readonly number[]): { readonly low: number; readonly high: number } {
  return { low: Math.min(...values), high: most(values) };
}

function most(values: readonly number[]): number {
  return values.reduce((highest, value) => Math.max(highest, value), Number.NEGATIVE_INFINITY);
}
