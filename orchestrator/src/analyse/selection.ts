import { type CellId, cellKey, formatLevel } from '../record/cell.js';
import type { CellSummary, Finding } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';
import { groupBy } from '../grouping.js';

/** Probability of a share of void trials as far from the others' by chance, below which it is called another one. */
const BY_CHANCE = 0.05;

/** Of each cell that has any: its void trials, by {@link cellKey}. */
export function voidsByCell(trials: readonly TrialRecord[]): Map<string, NonNullable<CellSummary['voidTrials']>> {
  const cells = [...groupBy(trials, cellKey)].flatMap(([key, own]) => {
    const voids = own.filter(isVoid);
    return voids.length === 0
      ? []
      : [[key, { trials: voids.length, of: own.length, reasons: countBy(voids, codeOf) }] as const];
  });
  return new Map(cells);
}

/**
 * What the trials say that no figure rests on. A void trial may be measured again, and then the second one counts; that is no reason to be
 * silent about the first: were a target's slow trials void more often than its quick ones, what is left would flatter it.
 * @param trials as they were measured, those that others took the place of among them
 */
export function voidTrials(trials: readonly TrialRecord[]): Finding[] {
  return [...perCell(trials, trials.filter(isVoid)), ...selection(trials)];
}

/** Who is measured beside a second chance. */
function beside(trials: readonly TrialRecord[]): string {
  return trials.some(({ paired }) => paired !== undefined) ? 'the other side' : 'direct';
}

function perCell(trials: readonly TrialRecord[], voids: readonly TrialRecord[]): Finding[] {
  if (voids.length === 0) return [];
  const again = trials.filter(({ repeats }) => repeats !== undefined).length;
  const cells = [...groupBy(voids, nameOf)].map(([cell, group]) => ({
    cell,
    void: group.length,
    of: trials.filter((trial) => nameOf(trial) === cell).length,
    why: countBy(group, codeOf),
    figures: group.map((trial) => ({
      block: trial.block,
      ...(trial.repeats === undefined ? {} : { repeats: trial.repeats }),
      code: codeOf(trial),
      p50Us: trial.load?.latencyUs.quantiles.p50 ?? null,
      p99Us: trial.load?.latencyUs.quantiles.p99 ?? null,
      achievedRps: trial.load?.achievedRps ?? null,
    })),
  }));
  const why = Object.entries(countBy(voids, codeOf)).map(([code, count]) => `${count} × ${code}`);
  const which = cells.map((each) => `${each.cell} ${each.void} of ${each.of}`);
  const message =
    `${voids.length} of ${trials.length} trials were void (${why.join(', ')}) and are in no figure: ${which.join('; ')}. ` +
    `${again === 0 ? 'None was' : again === 1 ? 'One was' : `${again} were`} measured again in a later block, with ${beside(trials)} beside.`;
  return [
    { code: 'void-trials', severity: 'info', target: null, scenario: null, level: null, message, evidence: { cells } },
  ];
}

/** A target of whose trials another share was void than of everybody else's: then what counts was chosen by something that it has to do with. */
function selection(trials: readonly TrialRecord[]): Finding[] {
  const first = trials.filter(
    ({ repeats, state }) => repeats === undefined && state !== 'absent' && state !== 'skipped',
  );
  const all = { void: first.filter(isVoid).length, of: first.length };
  return [...groupBy(first, ({ target }) => target)].flatMap(([target, own]): Finding[] => {
    const mine = { void: own.filter(isVoid).length, of: own.length };
    const others = { void: all.void - mine.void, of: all.of - mine.of };
    if (others.of === 0 || mine.void / mine.of <= others.void / others.of) return [];
    const chance = probabilityOfMore(mine, all);
    if (chance >= BY_CHANCE) return [];
    const message =
      `Of ${target}'s trials ${mine.void} of ${mine.of} were void, of the others' ${others.void} of ${others.of}, which chance alone does in ` +
      `${(chance * 100).toFixed(1)} % of the runs: its figures rest on a selection of its trials, and may flatter it or wrong it.`;
    return [
      {
        code: 'selection',
        severity: 'warning',
        target,
        scenario: null,
        level: null,
        message,
        evidence: { ...mine, others, chance },
      },
    ];
  });
}

function codeOf({ reason }: TrialRecord): string {
  return reason?.code ?? 'unknown';
}

function isVoid({ state }: TrialRecord): boolean {
  return state === 'void';
}

interface Share {
  readonly void: number;
  readonly of: number;
}

/**
 * The probability that of so many trials at least so many are void, were it not for which target they are: the upper tail of the
 * hypergeometric distribution (Fisher's exact test, one-sided).
 */
function probabilityOfMore(mine: Share, all: Share): number {
  let probability = 0;
  const most = Math.min(mine.of, all.void);
  for (let k = mine.void; k <= most; k++)
    probability += Math.exp(
      logChoose(all.void, k) + logChoose(all.of - all.void, mine.of - k) - logChoose(all.of, mine.of),
    );
  return probability;
}

/** Logarithm of the number of ways to choose k of n; minus infinity where there is none. */
function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  return Object.fromEntries([...groupBy(items, keyOf)].map(([key, group]) => [key, group.length]));
}

function nameOf({ target, scenario, level }: CellId): string {
  return `${target} ${scenario} at ${formatLevel(level)}`;
}
