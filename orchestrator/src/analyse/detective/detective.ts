import { cellKey } from '../../record/cell.js';
import type { CellSummary, Finding } from '../../record/summary.js';
import { groupBy } from '../../grouping.js';
import type { AnalysedCell } from '../standing.js';
import type { Case } from './case.js';
import { cpuHabits } from './cpu.js';
import { delayedAck } from './delayed-ack.js';
import { erratic } from './erratic.js';
import { memoryOfOpenRequests } from './open-requests.js';
import { pausesOfTarget } from './pauses.js';
import { rateLimiting } from './rate-limit.js';
import { habitsOfSeconds } from './seconds.js';
import { upstreamHabits } from './upstream.js';

/** Everybody who knows one kind of oddness; each says nothing rather than guess. */
const DETECTIVES: readonly ((suspect: Case) => Finding[])[] = [
  delayedAck,
  upstreamHabits,
  cpuHabits,
  pausesOfTarget,
  habitsOfSeconds,
  rateLimiting,
  erratic,
  memoryOfOpenRequests,
];

/**
 * Names what is behind an odd result, with the evidence. Nothing is named that direct shows as well: that is the instrument's or the machine's.
 * @param rows of the cells, in the same order
 */
export function investigate(cells: readonly AnalysedCell[], rows: readonly CellSummary[]): Finding[] {
  const all = cells.flatMap((cell, i) => {
    const row = rows[i];
    return row === undefined ? [] : [{ cell, row }];
  });
  const told = all.flatMap(({ cell, row }) => {
    const suspect: Case = { cell, row, direct: directOf(cell, all), lowest: lowestOf(cell, all) };
    return DETECTIVES.flatMap((detective) => detective(suspect));
  });
  return [...groupBy(told, ({ code, target, scenario }) => `${code} ${target} ${scenario}`).values()].map(onceEach);
}

/** A habit is told once a scenario, at the lowest level that shows it, with the others beside. */
function onceEach(alike: readonly Finding[]): Finding {
  const [first, ...others] = alike as [Finding, ...Finding[]];
  if (others.length === 0) return first;
  const levels = alike.map(({ level, evidence }) => ({ level, ...evidence }));
  const also = `${others.length} higher level${others.length === 1 ? ' shows' : 's show'} the same.`;
  return { ...first, message: `${first.message} ${also}`, evidence: { ...first.evidence, levels } };
}

type Known = Pick<Case, 'cell' | 'row'>;

function directOf({ id, target }: AnalysedCell, all: readonly Known[]): Known | null {
  if (target.kind === 'direct') return null;
  const at = ({ cell }: Known): boolean =>
    cell.target.kind === 'direct' && cellKey({ ...id, target: cell.id.target }) === cellKey(cell.id);
  return all.find((known) => at(known) && known.row.state === 'ok') ?? null;
}

function lowestOf({ id }: AnalysedCell, all: readonly Known[]): CellSummary | null {
  const [lowest] = all
    .map(({ row }) => row)
    .filter(
      ({ target, scenario, level, state }) =>
        state === 'ok' && target === id.target && scenario === id.scenario && level.kind === id.level.kind,
    )
    .sort((a, b) => a.level.value - b.level.value);
  return lowest === undefined || lowest.level.value >= id.level.value ? null : lowest;
}
