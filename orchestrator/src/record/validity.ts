import { type Level, formatLevel } from './cell.js';
import type { Reason } from './reason.js';
import type { LoadFigures, LoadRecord, TrialState } from './trial.js';

/** Achieved over offered load below which a target has not kept up, everywhere. */
export const LEAST_ACHIEVED_SHARE = 0.99;
/** Answers that may be under way when the window ends; in windows below 5 s this is more than the hundredth above. */
const UNDER_WAY_MS = 50;
/** Share of failed requests that a valid trial may have beyond what the scenario plays. */
const MAX_ERROR_SHARE = 0.001;

/** What a load by itself says of its trial. */
export interface Judgement {
  readonly state: Extract<TrialState, 'valid' | 'saturated' | 'failed'>;
  readonly reason: Reason | null;
}

/**
 * Whether what a driver saw may be used under the level's name. Errors come first: a target that answers quickly with errors
 * has not kept up, it has failed.
 * @param expectedErrorShare share of failures that the mock was asked to play, 0 to 1
 */
export function judgeLoad(load: LoadRecord, level: Level, expectedErrorShare: number): Judgement {
  // What this side lacked is nobody's error; the gate of record/exhaustion.ts says what becomes of such a trial.
  const failed = sum(load.errors) - (load.errors.open ?? 0) - (load.errors.exhausted ?? 0);
  const settled = load.ok + failed;
  // In a long backlog what is answered in the window was due before it: then the rate speaks, below.
  if (settled === 0 && load.achievedRps === 0) {
    return {
      state: 'failed',
      reason: {
        code: 'no-answers',
        message: `not one of ${load.scheduled} requests was answered`,
        evidence: { scheduled: load.scheduled, achievedRps: 0 },
      },
    };
  }
  const errorShare = settled === 0 ? 0 : failed / settled;
  const allowed =
    expectedErrorShare +
    MAX_ERROR_SHARE +
    4 * Math.sqrt((expectedErrorShare * (1 - expectedErrorShare)) / Math.max(1, settled));
  if (errorShare > allowed) {
    return {
      state: 'failed',
      reason: {
        code: 'errors',
        message: `${percent(errorShare)} of the requests failed: ${examples(load)}`,
        evidence: { errorShare, limit: allowed },
      },
    };
  }
  if (!keptUp(load, level)) {
    const at = `${Number(load.achievedRps.toFixed(load.achievedRps < 10 ? 1 : 0))}/${formatLevel(level)}`;
    const evidence = { achievedRps: load.achievedRps, limit: leastRps(load, level) };
    return { state: 'saturated', reason: { code: 'saturated', message: `saturated at ${at}`, evidence } };
  }
  return { state: 'valid', reason: null };
}

/** Whether a target answered what was due. A number of streams is not a rate and cannot be missed. */
export function keptUp(load: LoadFigures, level: Level): boolean {
  return level.kind !== 'rps' || load.achievedRps >= leastRps(load, level);
}

/**
 * What was due, where that is less than the level: a ramp reaches it at its end only, Poisson arrivals differ from it by chance, and who leaves
 * waits for no answer.
 */
export function offeredRps({ scheduled, left = 0, windowMs }: LoadFigures, { value }: Level): number {
  return scheduled === 0 ? value : Math.min(value, ((scheduled - left) * 1000) / windowMs);
}

/** The rate below which it has not kept up. */
function leastRps(load: LoadFigures, level: Level): number {
  return offeredRps(load, level) * Math.min(LEAST_ACHIEVED_SHARE, 1 - UNDER_WAY_MS / load.windowMs);
}

function examples(load: LoadRecord): string {
  const statuses = Object.entries(load.statuses).filter(([status]) => !status.startsWith('2'));
  const parts = [
    ...statuses.map(([status, n]) => [`status ${status}`, n] as const),
    ...Object.entries(load.errorExamples),
  ];
  // A part of a mix has no messages of its own.
  const shown = (parts.length > 0 ? parts : Object.entries(load.errors)).sort(([, a], [, b]) => b - a).slice(0, 3);
  return shown.map(([what, n]) => `${what} (${n}×)`).join(', ');
}

function sum(counts: LoadRecord['errors']): number {
  return Object.values(counts).reduce((total, n) => total + (n ?? 0), 0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.01 ? 2 : 0)} %`;
}
