import { type CellId, cellKey } from '../record/cell.js';
import type { Distribution, TrialRecord } from '../record/trial.js';
import type { BlockSample } from './merged.js';
import { groupBy } from '../grouping.js';
import type { BlockPair } from './overhead.js';
import type { AnalysedCell } from './standing.js';

/** Which distribution of a trial is meant; null where the trial has none. */
export type PickDistribution = (trial: TrialRecord) => Distribution | null;

/** Latency from the intended time of sending. */
export const LATENCY: PickDistribution = ({ load }) => load?.latencyUs ?? null;

/** Time to the first token, of streams. */
export const TTFT: PickDistribution = ({ load }) => load?.ttftUs ?? null;

/** Per-request overhead, where driver and ledger were joined. */
export const PER_REQUEST: PickDistribution = ({ ledger }) => ledger?.overheadUs ?? null;

/** What some trials show of a quantity, by block, replicas in their order. */
export function samplesByBlock(trials: readonly TrialRecord[], pick: PickDistribution): Map<number, BlockSample> {
  const samples = trials.flatMap((trial) => {
    const distribution = pick(trial);
    return distribution === null ? [] : [{ block: trial.block, replica: trial.replica, distribution }];
  });
  const ordered = samples.sort((a, b) => a.block - b.block || a.replica - b.replica);
  const blocks = groupBy(ordered, ({ block }) => block);
  return new Map([...blocks].map(([block, group]) => [block, group.map(({ distribution }) => distribution)]));
}

/** The cell of `direct` at a scenario and level, where it is usable. */
export function directAt(cells: readonly AnalysedCell[], at: Omit<CellId, 'target'>): AnalysedCell | null {
  const direct = cells.find(
    ({ id, target }) => target.kind === 'direct' && cellKey(id) === cellKey({ ...at, target: target.name }),
  );
  return direct?.standing.state === 'ok' ? direct : null;
}

/** What `direct` shows in each block at a scenario and level. */
export function directBlocks(
  cells: readonly AnalysedCell[],
  at: Omit<CellId, 'target'>,
  pick: PickDistribution,
): Map<number, BlockSample> {
  return samplesByBlock(directAt(cells, at)?.standing.trials ?? [], pick);
}

/** Each block in which both a cell and `direct` show the quantity. */
export function pairsWithDirect(
  { standing }: AnalysedCell,
  direct: ReadonlyMap<number, BlockSample>,
  pick: PickDistribution,
): BlockPair[] {
  return [...samplesByBlock(standing.trials, pick)].flatMap(([block, [target]]): BlockPair[] => {
    const references = direct.get(block);
    return target === undefined || references === undefined ? [] : [{ target, direct: references }];
  });
}
