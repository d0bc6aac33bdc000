import type { BlockFigures } from '../record/summary.js';
import { blockQuantile } from './block-figures.js';
import { directBlocks, LATENCY, type PickDistribution, samplesByBlock } from './samples.js';
import type { AnalysedCell } from './standing.js';

/**
 * What each block of a cell says by itself, in the order of the blocks; empty for a cell that has no figures.
 * @param headline of which the shift against `direct` is given: latency, or the overhead of each request
 */
export function blockFiguresOf(
  cell: AnalysedCell,
  cells: readonly AnalysedCell[],
  headline: PickDistribution,
): BlockFigures[] {
  const { standing, target, id } = cell;
  if (standing.state !== 'ok') return [];
  const direct = directBlocks(cells, id, headline);
  const added = samplesByBlock(standing.trials, headline);
  return [...samplesByBlock(standing.trials, LATENCY)].map(([block, trials]) => {
    const own = blockQuantile(added.get(block) ?? [], 'p50');
    const reference = target.kind === 'direct' ? null : blockQuantile(direct.get(block) ?? [], 'p50');
    return {
      block,
      requests: trials.reduce((sum, { count }) => sum + count, 0),
      p50Us: tenths(blockQuantile(trials, 'p50')),
      shiftUs: own === null || reference === null ? null : tenths(own - reference),
    };
  });
}

function tenths(valueUs: number | null): number | null {
  return valueUs === null ? null : Math.round(valueUs * 10) / 10;
}
