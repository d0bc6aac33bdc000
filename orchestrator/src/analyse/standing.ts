import { busyShareBeside } from '../record/awake.js';
import { type CellId, formatLevel, type Level } from '../record/cell.js';
import type { TargetRecord } from '../record/manifest.js';
import type { Reason } from '../record/reason.js';
import type { CellSummary } from '../record/summary.js';
import type { TrialRecord, TrialState } from '../record/trial.js';
import { groupBy } from '../grouping.js';
import { achievedRps } from './totals.js';

/** A window below this holds few answers, of which those under way at its end are many. */
const SHORT_WINDOW_MS = 5000;

/** What the trials of a cell say together. */
export interface Standing {
  readonly state: CellSummary['state'];
  /** Null when the state is `ok`. */
  readonly reason: Reason | null;
  /** The trials that the row's figures rest on. */
  readonly trials: readonly TrialRecord[];
  /** In words, when the trials do not agree: `4 valid, 2 saturated`. */
  readonly mixture: string | null;
}

/** A planned cell with its target, its trials and what they say together. */
export interface AnalysedCell {
  readonly id: CellId;
  readonly target: TargetRecord;
  readonly streaming: boolean;
  /** Every trial of the cell, also those that its figures do not rest on. */
  readonly trials: readonly TrialRecord[];
  readonly standing: Standing;
}

/**
 * The states by which a trial says something, in the order in which a tie is decided: the least flattering first, but that a target that kept up as
 * often as not is not called saturated.
 */
const SPEAKING = ['failed', 'saturated', 'void', 'valid'] as const;
type Speaking = (typeof SPEAKING)[number];

const CELL_STATE: Readonly<Record<Speaking, CellSummary['state']>> = {
  failed: 'failed',
  saturated: 'saturated',
  void: 'invalid',
  valid: 'ok',
};

/**
 * The state of a cell: what most of its trials say, the worse of two that are level (but valid before saturated). A trial that did not take place (`absent`) says
 * nothing as long as another did; one that was left out because a lower level was too much already (`skipped`) counts as saturated.
 * @param trials of one cell, one for each block and replica
 * @param ifNone what the cell is when there is no trial at all
 */
export function standingOf(trials: readonly TrialRecord[], level: Level, ifNone: Reason): Standing {
  const speaking = trials.filter(({ state }) => state !== 'absent');
  if (speaking.length === 0)
    return { state: 'absent', reason: mainReason(trials) ?? ifNone, trials: [], mixture: null };
  const counts = SPEAKING.map((state) => ({
    state,
    trials: speaking.filter((trial) => speaksAs(trial.state) === state),
  }));
  const most = Math.max(...counts.map((group) => group.trials.length));
  const tied = counts.filter((candidate) => candidate.trials.length === most);
  const keptUp = tied.find(({ state }) => state === 'valid');
  const worst = tied[0] as (typeof counts)[number];
  const group = worst.state === 'saturated' && keptUp !== undefined ? keptUp : worst;
  const mixture = group.trials.length === trials.length ? null : describeMixture(trials);
  const state = CELL_STATE[group.state];
  if (state === 'ok') return { state, reason: null, trials: group.trials, mixture };
  const reason = group.state === 'saturated' ? saturation(group.trials, level) : mainReason(group.trials);
  const message = reason?.message ?? `every trial ended as ${group.state}`;
  return {
    state,
    reason: {
      code: reason?.code ?? group.state,
      message: mixture === null ? message : `${message} (trials: ${mixture})`,
    },
    trials: group.trials,
    mixture,
  };
}

function speaksAs(state: TrialState): Speaking | null {
  if (state === 'skipped') return 'saturated';
  return state === 'absent' ? null : state;
}

/** The reason that most of these trials give, the earliest of equals. */
function mainReason(trials: readonly TrialRecord[]): Reason | null {
  const byCode = groupBy(
    trials.flatMap(({ reason }) => reason ?? []),
    ({ code }) => code,
  );
  const [most] = [...byCode.values()].sort((a, b) => b.length - a.length);
  return most?.[0] ?? null;
}

/** Where the target stood, over all trials that were really driven; a cell that was only skipped keeps the reason for that. */
function saturation(trials: readonly TrialRecord[], level: Level): Reason | null {
  const rate = achievedRps(trials);
  if (rate === null || level.kind !== 'rps') return mainReason(trials);
  return {
    code: 'saturated',
    message: `saturated at ${rate.toFixed(rate < 100 ? 1 : 0)}/${formatLevel(level)}${surroundings(trials)}`,
  };
}

/** From this share of the host's CPU time on, what did not keep up may be the machine. */
const BUSY = 0.95;

/** What speaks for looking twice: one short window, a machine that had nothing left to give. */
function surroundings(trials: readonly TrialRecord[]): string {
  const windows = trials.flatMap(({ load }) => load?.windowMs ?? []);
  const busy = trials.flatMap(({ host }) => (host === null ? null : busyShareBeside(host)) ?? []);
  const [only] = windows;
  return [
    ...(windows.length === 1 && only !== undefined && only < SHORT_WINDOW_MS
      ? [` in one window of ${(only / 1000).toFixed(1)} s`]
      : []),
    ...(busy.length > 0 && Math.min(...busy) >= BUSY
      ? [`, with the host ${(100 * Math.min(...busy)).toFixed(0)} % busy`]
      : []),
  ].join('');
}

function describeMixture(trials: readonly TrialRecord[]): string {
  const counts = groupBy(trials, ({ state }) => state);
  return [...counts].map(([state, group]) => `${group.length} ${state}`).join(', ');
}
