import type { Block, Plan, Visit } from '../plan/plan.js';
import { cellKey } from '../record/cell.js';
import type { TrialRecord } from '../record/trial.js';

/** A visit that may stand in for void trials of an earlier block. */
export interface RepeatedVisit extends Visit {
  readonly cells: readonly (Visit['cells'][number] & { readonly repeats?: number })[];
}

/**
 * A block behind all others in which each void trial is measured once more; null when there is none that has not been. Direct is measured
 * beside, before and after, because a cell can only be compared within a block. Of several void trials of a cell each takes a block.
 */
export function repeatBlock(plan: Plan, trials: readonly TrialRecord[]): Block<RepeatedVisit> | null {
  const again = [...new Map(unrepeated(trials).map((trial) => [slotOf(trial), trial])).values()];
  if (again.length === 0) return null;
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
    number: Math.max(plan.blocks.length, ...trials.map(({ block }) => block)) + 1,
    visits: [before, ...between, after].filter(
      (visit) => visit !== undefined && visit.cells.length > 0,
    ) as RepeatedVisit[],
  };
}

/** Void trials that are no second chance themselves and have had none. The latest of a slot counts, for a resumed run may hold it twice. */
function unrepeated(trials: readonly TrialRecord[]): TrialRecord[] {
  const latest = [...new Map(trials.map((trial) => [`${slotOf(trial)} ${trial.block}`, trial])).values()];
  const repeated = new Set(
    latest.flatMap((trial) => (trial.repeats === undefined ? [] : `${slotOf(trial)} ${trial.repeats}`)),
  );
  return latest.filter(
    (trial) =>
      trial.state === 'void' && trial.repeats === undefined && !repeated.has(`${slotOf(trial)} ${trial.block}`),
  );
}

function slotOf(trial: TrialRecord): string {
  return `${cellKey(trial)} ${trial.replica}`;
}

function keyOf({ scenario, level }: Visit['cells'][number]): string {
  return cellKey({ target: '', scenario: scenario.name, level });
}
