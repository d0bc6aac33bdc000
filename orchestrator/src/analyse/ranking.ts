import type { CellId } from '../record/cell.js';
import type { CellSummary, OverheadKind, Ranking } from '../record/summary.js';
import { holm } from './holm.js';
import { type FloorUs, LEAST_EFFECT, noiseFloorAt, quantileIn } from './overhead.js';
import { directBlocks, LATENCY, type PickDistribution, PER_REQUEST, samplesByBlock } from './samples.js';
import type { AnalysedCell } from './standing.js';
import { meanOf, standardDeviation, studentTwoSided } from './student.js';

/** By these the gateways are put in order, each by itself. */
const RANKED = ['p50', 'p99'] as const;
type RankedName = (typeof RANKED)[number];

/** A gateway's quantile in each block, microseconds. */
interface Contender {
  readonly target: string;
  readonly byBlock: ReadonlyMap<number, number>;
}

/**
 * The places of the gateways at a scenario and level.
 *
 * Two gateways are told apart when their difference, paired by block, is beyond direct's noise floor by Student's t, after Holm's
 * correction for all pairs here, and at least 3 % of the faster one's figure. One block tells nothing apart.
 *
 * Places: A is in a better place than B only if everyone in A's place is told to be better than everyone in B's. So a chain in which
 * neighbours cannot be told apart is one place even when its ends can, and a circle (possible where blocks are missing) is too. In the
 * graph of "is not told to be worse than" the places are the strongly connected parts, which always stand in one line.
 */
export function rankAt(
  at: Omit<CellId, 'target'>,
  cells: readonly AnalysedCell[],
  rows: readonly CellSummary[],
): Ranking[] {
  const here = cells.flatMap((cell, i) => {
    const row = rows[i];
    const same = cell.id.scenario === at.scenario && cell.id.level.kind === at.level.kind;
    const wanted = same && cell.id.level.value === at.level.value && cell.target.kind !== 'direct';
    return wanted && row !== undefined ? [{ cell, row }] : [];
  });
  const usable = here.filter(({ cell }) => cell.standing.state === 'ok');
  if (usable.length === 0) return [];
  const by: OverheadKind = usable.every(({ row }) => row.perRequest !== undefined) ? 'per-request' : 'quantile-shift';
  const pick: PickDistribution = by === 'per-request' ? PER_REQUEST : LATENCY;
  const floor = noiseFloorAt([...directBlocks(cells, at, pick).values()]);
  return RANKED.flatMap((quantile) => {
    const contenders = usable.flatMap(({ cell, row }) => {
      const carried = by === 'per-request' ? row.perRequest?.overheadUs[quantile] : row.latencyUs[quantile];
      return carried === undefined ? [] : [contenderOf(cell, pick, quantile)];
    });
    if (contenders.length === 0) return [];
    const placed = contenders.map(({ target }) => target);
    return [
      {
        ...at,
        quantile,
        by,
        places: placesOf(contenders, floorOf(floor, quantile)),
        unplaced: here.map(({ cell }) => cell.id.target).filter((target) => !placed.includes(target)),
      },
    ];
  });
}

function contenderOf({ id, standing }: AnalysedCell, pick: PickDistribution, quantile: RankedName): Contender {
  const byBlock = [...samplesByBlock(standing.trials, pick)].flatMap(([block, [trial]]) => {
    const value = quantileIn(trial, quantile);
    return value === null ? [] : [[block, value] as const];
  });
  return { target: id.target, byBlock: new Map(byBlock) };
}

function floorOf(floor: FloorUs, quantile: RankedName): number | null {
  return floor[`${quantile}Us`];
}

/** @internal exported for tests */
export function placesOf(contenders: readonly Contender[], floor: number | null): Ranking['places'] {
  const worse = toldWorse(contenders, floor);
  const reaches = contenders.map((_, i) => contenders.map((__, j) => i === j || worse[i]?.[j] !== true));
  for (const [k] of contenders.entries())
    for (const row of reaches)
      if (row[k] === true) for (const [j] of contenders.entries()) row[j] = row[j] === true || reaches[k]?.[j] === true;
  const groups = new Map<number, string[]>();
  for (const [i, { target }] of contenders.entries()) {
    // Everyone in a place reaches the same number, more than anyone in a later place.
    const reached = reaches[i]?.filter(Boolean).length ?? 0;
    groups.set(reached, [...(groups.get(reached) ?? []), target]);
  }
  return [...groups]
    .sort(([a], [b]) => b - a)
    .map(([reached, targets]) => ({ place: contenders.length - reached + 1, targets }));
}

/** `[i][j]`: whether i is told to be worse than j. */
function toldWorse(contenders: readonly Contender[], floor: number | null): boolean[][] {
  const worse = contenders.map(() => contenders.map(() => false));
  const pairs = contenders.flatMap((one, i) =>
    contenders.slice(i + 1).map((other, k) => ({ i, j: i + 1 + k, ...compare(one, other, floor) })),
  );
  const told = holm(pairs.map(({ p }) => p));
  for (const [at, { i, j, difference, large }] of pairs.entries()) {
    if (told[at] !== true || !large) continue;
    const [loser, winner] = difference > 0 ? [i, j] : [j, i];
    (worse[loser] as boolean[])[winner] = true;
  }
  return worse;
}

/** @returns the first's figure minus the second's, whether that is much, and how likely as much is when they differ by the floor at most */
function compare(
  one: Contender,
  other: Contender,
  floor: number | null,
): { readonly difference: number; readonly large: boolean; readonly p: number } {
  const common = [...one.byBlock].flatMap(([block, value]) => {
    const against = other.byBlock.get(block);
    return against === undefined ? [] : [{ value, against }];
  });
  if (common.length < 2 || floor === null) return { difference: 0, large: false, p: 1 };
  const differences = common.map(({ value, against }) => value - against);
  const difference = meanOf(differences);
  const error = standardDeviation(differences) / Math.sqrt(common.length);
  const beyond = Math.abs(difference) - floor;
  const faster = Math.min(meanOf(common.map(({ value }) => value)), meanOf(common.map(({ against }) => against)));
  const p = beyond <= 0 ? 1 : error === 0 ? 0 : studentTwoSided(beyond / error, common.length - 1);
  return { difference, large: Math.abs(difference) >= LEAST_EFFECT * faster, p };
}
