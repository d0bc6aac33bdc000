import { isWhollyJoined } from '../../record/ledger-coverage.js';
import type { MeasureName } from '../../record/comparison.js';
import type { TrialRecord } from '../../record/trial.js';
import type { SeriesPair } from './change.js';
import { groupBy } from '../../grouping.js';
import { blockQuantile, geometricMean } from '../block-figures.js';
import { noiseFloorAt, noiseFloorOf } from '../overhead.js';
import { carries, PROBABILITY } from '../quantile.js';
import {
  directAt,
  directBlocks,
  LATENCY,
  type PickDistribution,
  PER_REQUEST,
  samplesByBlock,
  TTFT,
} from '../samples.js';
import type { AnalysedCell } from '../standing.js';
import { meanOf } from '../student.js';
import { totalsOf } from '../totals.js';

/** A cell on either side with all cells of its run: direct among them, for the overhead and the noise floor. */
export interface CellInRun {
  readonly cell: AnalysedCell;
  readonly cells: readonly AnalysedCell[];
}

type Compared = 'p50' | 'p90' | 'p99';

const GAP: PickDistribution = ({ load }) => load?.gapUs ?? null;

/** A quantity of two cells, block by block. Null when either does not have it, or its sample does not carry the quantile. */
export function measureSeries(name: MeasureName, a: CellInRun, b: CellInRun): SeriesPair | null {
  const [of, quantile] = name.split('.') as [string, Compared | undefined];
  if (quantile === undefined) return resourceSeries(name, a, b);
  if (of === 'overhead') return overheadSeries(quantile, a, b);
  const pick = of === 'latency' ? LATENCY : of === 'ttft' ? TTFT : GAP;
  return seriesPair(quantile, pick, a, b, (side) => quantilesByBlock(side, pick, quantile));
}

/** Of each request's own overhead where both sides have it, else of the quantile shift; `direct` itself has none. */
function overheadSeries(quantile: Compared, a: CellInRun, b: CellInRun): SeriesPair | null {
  if (a.cell.target.kind === 'direct' || b.cell.target.kind === 'direct') return null;
  const joined = [a, b].every(({ cell }) => cell.standing.trials.every(isWhollyJoined));
  const pick = joined ? PER_REQUEST : LATENCY;
  const pair = seriesPair(quantile, pick, a, b, (side) => shiftsByBlock(side, pick, quantile));
  return pair === null ? null : { ...pair, by: joined ? 'per-request' : 'quantile-shift' };
}

function seriesPair(
  quantile: Compared,
  pick: PickDistribution,
  a: CellInRun,
  b: CellInRun,
  series: (side: CellInRun) => Map<number, number>,
): SeriesPair | null {
  if (![a, b].every(({ cell }) => carries(countIn(cell.standing.trials, pick), PROBABILITY[quantile]))) return null;
  const floors = [a, b].map(
    ({ cell, cells }) => noiseFloorAt([...directBlocks(cells, cell.id, pick).values()])[`${quantile}Us`],
  );
  const whole = [...quantilesByBlock(a, pick, quantile).values()];
  return {
    a: series(a),
    b: series(b),
    by: null,
    unit: 'us',
    floor: isPair(a, b) ? 0 : largerOf(floors),
    reference: geometricMean(whole),
  };
}

/** Replicas of a block (of `direct`) count as one. */
function quantilesByBlock({ cell }: CellInRun, pick: PickDistribution, quantile: Compared): Map<number, number> {
  return toFigures(samplesByBlock(cell.standing.trials, pick), (trials) => blockQuantile(trials, quantile));
}

function shiftsByBlock(side: CellInRun, pick: PickDistribution, quantile: Compared): Map<number, number> {
  const direct = directBlocks(side.cells, side.cell.id, pick);
  const own = quantilesByBlock(side, pick, quantile);
  return toFigures(own, (value, block) => {
    const reference = blockQuantile(direct.get(block) ?? [], quantile);
    return reference === null ? null : value - reference;
  });
}

function resourceSeries(name: MeasureName, a: CellInRun, b: CellInRun): SeriesPair | null {
  const figure = (trial: TrialRecord): number | null =>
    name === 'cpu' ? totalsOf([trial]).cpuUsPerRequest : (trial.resources?.memoryPeakBytes ?? null);
  const series = ({ cell }: CellInRun): Map<number, number> =>
    toFigures(new Map(cell.standing.trials.map((trial) => [trial.block, trial])), figure);
  const [ofA, ofB] = [series(a), series(b)];
  if (ofA.size === 0 || ofB.size === 0) return null;
  return {
    a: ofA,
    b: ofB,
    by: null,
    unit: name === 'cpu' ? 'us' : 'bytes',
    floor: isPair(a, b) ? 0 : largerOf([a, b].map((side) => resourceFloor(side, figure))),
    reference: meanOf([...ofA.values()]),
  };
}

/** What the two `direct` of a block differ by in what the mock itself used: the same program under the same load, twice. */
function resourceFloor({ cell, cells }: CellInRun, figure: (trial: TrialRecord) => number | null): number | null {
  const blocks = groupBy(directAt(cells, cell.id)?.standing.trials ?? [], ({ block }) => block);
  const differences = [...blocks.values()].flatMap((replicas) => {
    const [one, other, ...more] = replicas.flatMap((trial) => figure(trial) ?? []);
    return one === undefined || other === undefined || more.length > 0 ? [] : [one - other];
  });
  return noiseFloorOf(differences);
}

/**
 * Of two that were measured at the same time nothing is taken for noise beforehand: the blocks of their difference show what there is. Each
 * has to have had the other beside it, and in the same run: ids are of one run, names may be of several. Not every id is on both sides,
 * because one side of a pair may be void.
 */
function isPair(a: CellInRun, b: CellInRun): boolean {
  const ids = ({ cell }: CellInRun): (string | undefined)[] => cell.standing.trials.map(({ paired }) => paired?.id);
  const isBeside = (one: CellInRun, other: CellInRun): boolean =>
    one.cell.standing.trials.every(({ paired }) => paired?.with === other.cell.id.target);
  return isBeside(a, b) && isBeside(b, a) && ids(a).some((id) => id !== undefined && ids(b).includes(id));
}

/** Null when either is: what is noise on one side cannot be told from a change. */
function largerOf(floors: readonly (number | null)[]): number | null {
  return floors.some((known) => known === null) ? null : Math.max(...floors.map(Number));
}

function countIn(trials: readonly TrialRecord[], pick: PickDistribution): number {
  return trials.reduce((sum, trial) => sum + (pick(trial)?.count ?? 0), 0);
}

function toFigures<T>(
  blocks: ReadonlyMap<number, T>,
  figure: (of: T, block: number) => number | null,
): Map<number, number> {
  return new Map(
    [...blocks].flatMap(([block, of]) => {
      const value = figure(of, block);
      return value === null ? [] : [[block, value] as const];
    }),
  );
}
