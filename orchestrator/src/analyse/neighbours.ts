import { cellKey, type CellId } from '../record/cell.js';
import type { Manifest } from '../record/manifest.js';
import type { NeighbourEffect } from '../record/summary.js';
import { judgeOverhead, noiseFloorAt } from './overhead.js';
import { partName } from './parts.js';
import { seedFor } from './random.js';
import { LATENCY, samplesByBlock } from './samples.js';
import type { AnalysedCell } from './standing.js';

/**
 * By how much neighbours move the latency of others, of every target: by the judge of everything else, with the same requests without a neighbour in
 * the place of `direct`, measured twice in each visit as the noise floor. Of `direct` itself, the first of its two visits in a block.
 * @returns nothing of a run without neighbours
 */
export function neighboursOf({ scenarios, seed }: Manifest, cells: readonly AnalysedCell[]): NeighbourEffect[] {
  const targets = [...new Set(cells.map(({ id }) => id.target))];
  return scenarios.flatMap(({ name, levels, against, mix = [] }) => {
    if (against === undefined) return [];
    const neighbour = mix.find(({ scenario }) => scenario !== against.part)?.scenario ?? name;
    return levels.flatMap((level) =>
      targets.map((target): NeighbourEffect => {
        const id: CellId = { target, scenario: partName(name, against.part), level };
        const head = { target, scenario: name, neighbour, level, part: id.scenario, against: [...against.scenarios] };
        const ids = [id, ...against.scenarios.map((scenario) => ({ target, scenario, level }))];
        return { ...head, ...effectOf(ids, cells, seedFor(seed, `neighbour ${cellKey(id)}`)) };
      }),
    );
  });
}

/** @param ids of the requests beside the neighbour, then of those without */
function effectOf(
  ids: readonly CellId[],
  cells: readonly AnalysedCell[],
  seed: number,
): Pick<NeighbourEffect, 'state' | 'reason' | 'blocks' | 'movedUs'> {
  const found = ids.map((id) => cells.find((cell) => cellKey(cell.id) === cellKey(id)));
  const unusable = found.find((cell) => cell?.standing.state !== 'ok');
  if (found.some((cell) => cell?.standing.state !== 'ok')) {
    const { state = 'absent', reason = null } = unusable?.standing ?? {};
    return {
      state: state === 'absent' ? 'absent' : 'failed',
      reason: {
        code: reason?.code ?? state,
        message: `${unusable?.id.scenario ?? 'a scenario'}: ${reason?.message ?? `it is ${state}`}`,
      },
      blocks: 0,
    };
  }
  const [beside, ...without] = found.map((cell) => {
    const first = (cell?.standing.trials ?? []).filter(({ replica }) => replica === 1);
    return samplesByBlock(first, LATENCY);
  });
  const pairs = [...(beside ?? [])].flatMap(([block, [target]]) => {
    const direct = without.flatMap((samples) => samples.get(block) ?? []);
    return target === undefined || direct.length === 0 ? [] : [{ target, direct }];
  });
  const { p50, p99 } = judgeOverhead(pairs, noiseFloorAt(pairs.map(({ direct }) => direct)), seed);
  return {
    state: 'ok',
    blocks: pairs.length,
    movedUs: { ...(p50 === undefined ? {} : { p50 }), ...(p99 === undefined ? {} : { p99 }) },
  };
}
