import { isContender } from '../catalogue/feature.js';
import type { CellId } from '../record/cell.js';
import type { CellSummary, OverheadKind, RankedPair, Ranking } from '../record/summary.js';
import { blocksNeeded } from './judge/blocks-needed.js';
import { type Contrast, contrastOf } from './judge/contrast.js';
import { holm, FAMILY_ERROR } from './judge/holm.js';
import { lettersOf } from './judge/letters.js';
import { type Pools, pairLogs } from './judge/pools.js';
import { estimateOf } from './estimate.js';
import { LEAST_EFFECT, roundedRatio } from './overhead.js';
import { LATENCY, type PickDistribution, PER_REQUEST } from './samples.js';
import type { AnalysedCell } from './standing.js';
import { meanOf } from './student.js';

/** By these the gateways are put in order, each by itself. */
const RANKED = ['p50', 'p99'] as const;
type RankedName = (typeof RANKED)[number];

/** Differences of less are not asked for more blocks: they would not be called differences. */
const LEAST_LOG = Math.log1p(LEAST_EFFECT);

interface Contender {
  readonly cell: AnalysedCell;
  readonly valueUs: number;
}

/**
 * The order of the contenders at a scenario and level, and which of them can be told apart.
 *
 * Each pair is judged in the blocks that both took part in, by the logarithm of their ratio: what makes a block slow for both falls out, and an
 * erratic gateway widens its own comparisons only. Student's t with the spread moderated by all pairs of the run; Holm's correction over the pairs
 * of this scenario, level and quantile, which are the family; and at least 3 % of the faster one's figure. One block tells nothing apart.
 */
export function rankAt(
  at: Omit<CellId, 'target'>,
  cells: readonly AnalysedCell[],
  rows: readonly CellSummary[],
  pools: Pools,
): Ranking[] {
  const here = cells.flatMap((cell, i) => {
    const row = rows[i];
    const same = cell.id.scenario === at.scenario && cell.id.level.kind === at.level.kind;
    const wanted = same && cell.id.level.value === at.level.value && cell.target.kind !== 'direct';
    return wanted && isContender(cell.id.target) && row !== undefined ? [{ cell, row }] : [];
  });
  const usable = here.filter(({ cell }) => cell.standing.state === 'ok');
  if (usable.length === 0) return [];
  const by: OverheadKind = usable.every(({ row }) => row.perRequest !== undefined) ? 'per-request' : 'quantile-shift';
  return RANKED.flatMap((quantile): Ranking[] => {
    const contenders = usable
      .flatMap(({ cell, row }): Contender[] => {
        const figure = by === 'per-request' ? row.perRequest?.overheadUs[quantile] : row.latencyUs[quantile];
        return figure === undefined ? [] : [{ cell, valueUs: figure.value }];
      })
      .sort((a, b) => a.valueUs - b.valueUs);
    if (contenders.length === 0) return [];
    const placed = new Set(contenders.map(({ cell }) => cell.id.target));
    const unplaced = here.map(({ cell }) => cell.id.target).filter((target) => !placed.has(target));
    return [{ ...at, quantile, by, ...placesOf(contenders, by, quantile, pools), unplaced }];
  });
}

function placesOf(
  contenders: readonly Contender[],
  by: OverheadKind,
  quantile: RankedName,
  pools: Pools,
): Pick<Ranking, 'places' | 'pairs'> {
  const pick = by === 'per-request' ? PER_REQUEST : LATENCY;
  const drafts = contenders.flatMap(({ cell: one }, i) =>
    contenders.slice(i + 1).map(({ cell: other }, k) => draftOf([i, i + 1 + k], one, other, pick, quantile, pools)),
  );
  const told = holm(drafts.map(({ contrast }) => contrast?.p ?? 1));
  const pairs = drafts.map((draft, at) => pairOf(draft, told[at] === true, FAMILY_ERROR / drafts.length));
  const isTold = (i: number, j: number): boolean =>
    pairs.some(({ told: apart }, at) => apart && drafts[at]?.at[0] === i && drafts[at]?.at[1] === j);
  const letters = lettersOf(contenders.length, isTold);
  return {
    places: contenders.map(({ cell, valueUs }, i) => ({ target: cell.id.target, letters: letters[i] ?? '', valueUs })),
    pairs,
  };
}

interface Draft {
  readonly at: readonly [number, number];
  readonly names: readonly [string, string];
  readonly logs: readonly number[];
  readonly contrast: Contrast | null;
}

function draftOf(
  at: readonly [number, number],
  one: AnalysedCell,
  other: AnalysedCell,
  pick: PickDistribution,
  quantile: RankedName,
  pools: Pools,
): Draft {
  const logs = pairLogs(other, one, pick, quantile);
  const contrast = logs.length < 2 ? null : contrastOf(logs, pools.pairSpreadOf(one.id, other.id, pick, quantile));
  return { at, names: [one.id.target, other.id.target], logs, contrast };
}

/** The pair with the faster one first, as their common blocks say, which may be others than those behind their figures. */
function pairOf({ names: [one, other], logs, contrast }: Draft, isSure: boolean, level: number): RankedPair {
  const blocks = logs.length;
  if (contrast === null) {
    const value = blocks === 0 ? 1 : Math.exp(meanOf(logs));
    return { faster: one, slower: other, ratio: unknown(value), told: false, blocks, blocksNeeded: null };
  }
  const { mean, low, high } = contrast;
  const swapped = mean < 0;
  const ratio = roundedRatio(
    estimateOf({ ...contrast, ...(swapped ? { mean: -mean, low: -high, high: -low } : {}) }, Math.exp),
  );
  const told = isSure && Math.abs(mean) >= LEAST_LOG;
  const forecast = told || Math.abs(mean) < LEAST_LOG ? null : blocksNeeded(contrast, blocks, level);
  const [faster, slower] = swapped ? [other, one] : [one, other];
  return { faster, slower, ratio, told, blocks, blocksNeeded: forecast };
}

/** One block says by how much, and nothing of how sure that is. */
function unknown(value: number): RankedPair['ratio'] {
  return roundedRatio({ value, low: value, high: value });
}
