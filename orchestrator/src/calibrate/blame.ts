import type { TrialRecord } from '../record/trial.js';

/** Who is stopped. */
export type Victim = 'gateway' | 'mock' | 'driver';

/** How it is stopped: for so long, again after so long (from beginning to beginning; null: once). */
export interface Rhythm {
  readonly frozenMs: number;
  readonly everyMs: number | null;
}

/** One trial of the experiment. */
export interface Freeze {
  readonly driver: 'native' | 'oha';
  readonly victim: Victim;
  readonly rhythm: Rhythm;
  readonly rps: number;
}

/** What became of it. `recovered`: blamed on whom it was; `false-blame`: on somebody else; `hushed-up`: on nobody. */
export interface BlameRow extends Freeze {
  readonly outcome: 'recovered' | 'false-blame' | 'hushed-up';
  readonly plantedMs: number;
  /** Pauses that were found of the target. */
  readonly pausesMs: number;
  readonly p50Us: number | null;
  /** State of the trial, and its reason. */
  readonly told: string;
}

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

/** Whether a trial blames whom it has to: mock and driver by being void for them, the gateway by pauses of a trial that is not. */
export function judgeFreeze(
  freeze: Freeze,
  plantedMs: number,
  { state, reason, load }: Pick<TrialRecord, 'state' | 'reason' | 'load'>,
): BlameRow {
  const pausesMs = Math.round((load?.pauses?.totalUs ?? 0) / 1000);
  const blamed = state === 'void' ? (reason?.code ?? 'void') : pausesMs >= LEAST_FOUND * plantedMs ? 'gateway' : null;
  const due = { gateway: 'gateway', mock: 'mock-stopped', driver: 'driver-stopped' }[freeze.victim];
  return {
    ...freeze,
    outcome: blamed === due ? 'recovered' : blamed === null ? 'hushed-up' : 'false-blame',
    plantedMs,
    pausesMs,
    p50Us: load?.latencyUs.quantiles.p50 ?? null,
    told: reason === null ? state : `${state}: ${reason.message}`,
  };
}

/** The freeze table, for a person. */
export function renderBlame(rows: readonly BlameRow[]): string {
  const lines = rows.map(({ driver, victim, rhythm, rps, outcome, plantedMs, pausesMs, p50Us, told }) =>
    [
      driver.padEnd(6),
      victim.padEnd(7),
      describeRhythm(rhythm).padEnd(15),
      `${rps}/s`.padStart(6),
      outcome.padEnd(11),
      `planted ${plantedMs} ms, pauses found ${pausesMs} ms, p50 ${p50Us === null ? '–' : (p50Us / 1000).toFixed(2)} ms; ${told}`,
    ].join('  '),
  );
  const good = rows.filter(({ outcome }) => outcome === 'recovered').length;
  return `${lines.join('\n')}\n${good} of ${rows.length} stops were blamed on whom they were planted in.\n`;
}

/** For example `0.4 s every 2 s`. */
export function describeRhythm({ frozenMs, everyMs }: Rhythm): string {
  return `${frozenMs / 1000} s${everyMs === null ? ' once' : ` every ${everyMs / 1000} s`}`;
}
