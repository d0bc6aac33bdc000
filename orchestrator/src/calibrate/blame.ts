import type { BlameRow, Rhythm } from '../certificate/blame-rows.js';
import type { Outcome } from '../certificate/certificate.js';
import type { TrialRecord } from '../record/trial.js';

/** One trial of the experiment: who is stopped, how, and under which load. */
export type Freeze = Pick<BlameRow, 'driver' | 'victim' | 'rhythm' | 'rps'>;

const RHYTHMS: readonly Rhythm[] = [
  { frozenMs: 5000, everyMs: null },
  { frozenMs: 1000, everyMs: 5000 },
  { frozenMs: 400, everyMs: 2000 },
];
const RATES = [20, 200, 2000];

/** Of what was planted in the gateway, so much has to be found as pauses: one that begins between two requests is seen from the second on. */
const LEAST_FOUND = 0.6;

/** Every driver in front of every victim, rhythm and rate; quick: the shortest rhythm at one rate. */
export function freezesOf(quick: boolean): Freeze[] {
  const rhythms = quick ? RHYTHMS.slice(-1) : RHYTHMS;
  const rates = quick ? [200] : RATES;
  return (['native', 'oha'] as const).flatMap((driver) =>
    (['gateway', 'mock', 'driver'] as const).flatMap((victim) =>
      rhythms.flatMap((rhythm) => rates.map((rps) => ({ driver, victim, rhythm, rps }))),
    ),
  );
}

/** When the victim is stopped within a window, milliseconds from its beginning, each for the rhythm's time. */
export function momentsOf({ frozenMs, everyMs }: Rhythm, windowMs: number): number[] {
  const moments: number[] = [];
  for (let at = Math.min(1000, windowMs / 5); at + frozenMs <= windowMs * 0.9; at += everyMs ?? windowMs)
    moments.push(at);
  return moments;
}

/**
 * Whether a trial blames whom it has to: mock and driver by being void for them, the gateway by pauses of a trial that is not.
 * @param hindrance what the machine itself did meanwhile: then a trial that did not recover the stop shows nothing
 */
export function judgeFreeze(
  freeze: Freeze,
  plantedMs: number,
  { state, reason, load }: Pick<TrialRecord, 'state' | 'reason' | 'load'>,
  hindrance: string | null,
): BlameRow {
  const pausesMs = Math.round((load?.pauses?.totalUs ?? 0) / 1000);
  const blamed = state === 'void' ? (reason?.code ?? 'void') : pausesMs >= LEAST_FOUND * plantedMs ? 'gateway' : null;
  const due = { gateway: 'gateway', mock: 'mock-stopped', driver: 'driver-stopped' }[freeze.victim];
  const missed = hindrance !== null ? 'not-judged' : blamed === null ? 'hushed-up' : 'false-blame';
  const { p50 = null, p99 = null, max = null } = load?.latencyUs.quantiles ?? {};
  return {
    ...freeze,
    outcome: blamed === due ? 'recovered' : missed,
    plantedMs,
    pausesMs,
    scheduled: load?.scheduled ?? 0,
    ok: load?.ok ?? 0,
    latencyUs: { p50, p99, max },
    told: reason === null ? state : `${state}: ${reason.message}`,
    hindrance,
  };
}

/** A stop that was not planted, because there was nothing to do it with. */
export function notTried(freeze: Freeze, why: string): BlameRow {
  return {
    ...freeze,
    outcome: 'not-judged',
    plantedMs: 0,
    pausesMs: 0,
    scheduled: 0,
    ok: 0,
    latencyUs: { p50: null, p99: null, max: null },
    told: 'not tried',
    hindrance: why,
  };
}

/** How the whole experiment ended: one stop on whom it was not, or on nobody, is a miss; one that could not be judged leaves it open. */
export function outcomeOfBlame(rows: readonly BlameRow[]): Outcome {
  if (rows.some(isWrong)) return 'missed';
  return rows.length > 0 && rows.every(({ outcome }) => outcome === 'recovered') ? 'passed' : 'too-few';
}

/** Whether a stop was blamed on whom it was not, or on nobody. */
export function isWrong({ outcome }: BlameRow): boolean {
  return outcome === 'false-blame' || outcome === 'hushed-up';
}
