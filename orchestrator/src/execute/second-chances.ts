import { groupBy } from '../grouping.js';
import { type Block, blockMs, type Pair, type Plan, type Visit } from '../plan/plan.js';
import { cellKey } from '../record/cell.js';
import type { TrialRecord } from '../record/trial.js';

/** A visit that may stand in for void trials of an earlier block. */
export interface RepeatedVisit extends Visit {
  /** The blocks of those that it stands in for: the target's own, and that of who is measured beside it. */
  readonly cells: readonly (Visit['cells'][number] & { readonly repeats?: number; readonly besideRepeats?: number })[];
}

/** What is measured once more behind a plan, as far as its void trials are known. */
export interface SecondChances {
  readonly blocks: readonly Block<RepeatedVisit>[];
  /** Trials of these blocks, those of direct beside included, and how long they are thought to take. */
  readonly trials: number;
  readonly estimatedMs: number;
  /** Void trials for which no time is left. */
  readonly without: readonly TrialRecord[];
  /** What is left for them, and what one block of the next of them would take; null: none waits. */
  readonly short: { readonly leftMs: number; readonly neededMs: number } | null;
}

/**
 * The blocks behind all others in which void trials are measured once more: each of them once and never again, also when it is void again;
 * direct beside, before and after, because a cell can only be compared within a block, and what is beside has no second chance of its own.
 * Of a pair both sides are measured again, though only one of them was void.
 * Of several void trials of a cell each takes a block. On a machine that is never quiet nearly all are void, so they may take only a share
 * of the plan's own time; cells with the fewest valid trials come first.
 * @param share of {@link Plan.estimatedMs}, those that were measured already counted
 */
export function secondChances(plan: Plan, trials: readonly TrialRecord[], share: number): SecondChances {
  let leftMs = share * plan.estimatedMs - spentMs(plan, trials);
  let number = Math.max(plan.blocks.length, ...trials.map(({ block }) => block));
  let waiting = byNeed(unrepeated(plan, trials), trials);
  const blocks: Block<RepeatedVisit>[] = [];
  while (waiting.length > 0) {
    const chosen: TrialRecord[] = [];
    for (const trial of waiting) {
      if (chosen.some((other) => slotOf(other) === slotOf(trial))) continue;
      if (blockMs(plan, blockOf(plan, number + 1, [...chosen, trial])) <= leftMs) chosen.push(trial);
    }
    if (chosen.length === 0) break;
    number += 1;
    const block = blockOf(plan, number, chosen);
    leftMs -= blockMs(plan, block);
    blocks.push(block);
    waiting = waiting.filter((trial) => !chosen.includes(trial));
  }
  return {
    blocks,
    trials: blocks.reduce((sum, { visits }) => sum + visits.reduce((n, visit) => n + trialsIn(visit), 0), 0),
    estimatedMs: blocks.reduce((sum, block) => sum + blockMs(plan, block), 0),
    without: waiting,
    short: shortOf(waiting[0]),
  };

  function shortOf(next: TrialRecord | undefined): SecondChances['short'] {
    return next === undefined
      ? null
      : { leftMs: Math.max(0, leftMs), neededMs: blockMs(plan, blockOf(plan, number + 1, [next])) };
  }
}

function trialsIn({ beside, cells }: RepeatedVisit): number {
  return cells.length * (beside === undefined ? 1 : 2);
}

function blockOf(plan: Plan, number: number, again: readonly TrialRecord[]): Block<RepeatedVisit> {
  if (plan.pair !== null) return { number, visits: [pairAgain(plan, number, plan.pair, again)] };
  const cellsOf = (wanted: (trial: TrialRecord) => boolean): RepeatedVisit['cells'] =>
    again.filter(wanted).flatMap((trial) => {
      const planned = plan.scenarios.find(({ scenario }) => scenario.name === trial.scenario);
      return planned === undefined ? [] : [{ scenario: planned.scenario, level: trial.level, repeats: trial.block }];
    });
  const beside = (target: string, replica: 1 | 2): RepeatedVisit => {
    const own = cellsOf((trial) => trial.target === target && trial.replica === replica);
    const others = cellsOf(() => true).map(({ scenario, level }) => ({ scenario, level }));
    return { target, replica, cells: [...new Map([...others, ...own].map((cell) => [keyOf(cell), cell])).values()] };
  };
  const [before, after] = plan.targets
    .filter(({ kind }) => kind === 'direct')
    .flatMap(({ name }) => [beside(name, 1), beside(name, 2)]);
  const between = plan.targets
    .filter(({ kind }) => kind !== 'direct')
    .map(({ name }): RepeatedVisit => ({ target: name, replica: 1, cells: cellsOf(({ target }) => target === name) }));
  return {
    number,
    visits: [before, ...between, after].filter(
      (visit) => visit !== undefined && visit.cells.length > 0,
    ) as RepeatedVisit[],
  };
}

function pairAgain(plan: Plan, number: number, pair: Pair, again: readonly TrialRecord[]): RepeatedVisit {
  // Either has the first turn now and then.
  const [target, beside] = number % 2 === 0 ? [pair.a, pair.b] : [pair.b, pair.a];
  const cells = [...groupBy(again, (trial) => cellKey({ ...trial, target: '' })).values()].flatMap((sides) => {
    const blockOfVoid = (name: string): number | undefined => sides.find((side) => side.target === name)?.block;
    const [trial] = sides;
    const scenario = plan.scenarios.find((planned) => planned.scenario.name === trial?.scenario)?.scenario;
    if (trial === undefined || scenario === undefined) return [];
    const [repeats, besideRepeats] = [blockOfVoid(target), blockOfVoid(beside)];
    return [
      {
        scenario,
        level: trial.level,
        ...(repeats === undefined ? {} : { repeats }),
        ...(besideRepeats === undefined ? {} : { besideRepeats }),
      },
    ];
  });
  return { target, beside, replica: 1, cells };
}

/** What second measurements took so far, by the plan's own estimates: on a slow machine plan and second chances are slow alike. */
function spentMs(plan: Plan, trials: readonly TrialRecord[]): number {
  // Of a pair the side with the first turn stands for both.
  const behind = trials.filter(({ block, paired }) => block > plan.blocks.length && paired?.turn !== 2);
  const visits = groupBy(behind, ({ block, target, replica }) => `${block} ${target} ${replica}`);
  return [...visits.values()].reduce((sum, own) => sum + blockMs(plan, { number: 0, visits: visitOf(plan, own) }), 0);
}

function visitOf(plan: Plan, trials: readonly TrialRecord[]): Visit[] {
  const [first] = trials;
  if (first === undefined) return [];
  const { target, replica, paired } = first;
  const cells = trials.flatMap(({ scenario: name, level }) => {
    const planned = plan.scenarios.find(({ scenario }) => scenario.name === name);
    return planned === undefined ? [] : [{ scenario: planned.scenario, level }];
  });
  return [{ target, replica, cells, ...(paired === undefined ? {} : { beside: paired.with }) }];
}

/**
 * Void trials of the plan that have had no second chance. The latest of a slot counts, for a resumed run may hold it twice.
 */
function unrepeated(plan: Plan, trials: readonly TrialRecord[]): TrialRecord[] {
  const latest = [...new Map(trials.map((trial) => [`${slotOf(trial)} ${trial.block}`, trial])).values()];
  const repeated = new Set(
    latest.flatMap((trial) => (trial.repeats === undefined ? [] : `${slotOf(trial)} ${trial.repeats}`)),
  );
  return latest.filter(
    (trial) =>
      trial.state === 'void' && trial.block <= plan.blocks.length && !repeated.has(`${slotOf(trial)} ${trial.block}`),
  );
}

/** Those first whose cells have least without them. */
function byNeed(waiting: readonly TrialRecord[], trials: readonly TrialRecord[]): TrialRecord[] {
  const valid = new Map<string, number>();
  for (const trial of trials)
    if (trial.state === 'valid') valid.set(cellKey(trial), (valid.get(cellKey(trial)) ?? 0) + 1);
  return waiting.toSorted((a, b) => (valid.get(cellKey(a)) ?? 0) - (valid.get(cellKey(b)) ?? 0));
}

function slotOf(trial: TrialRecord): string {
  return `${cellKey(trial)} ${trial.replica}`;
}

function keyOf({ scenario, level }: Visit['cells'][number]): string {
  return cellKey({ target: '', scenario: scenario.name, level });
}
