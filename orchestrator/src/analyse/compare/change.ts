import type { ComparedMeasure, MeasureName } from '../../record/comparison.js';
import type { Interval } from '../../record/summary.js';
import { estimateOf } from '../estimate.js';
import { type Contrast, contrastOf, contrastWith, sumOfSpreads } from '../judge/contrast.js';
import { ownSpread, type Spread } from '../judge/spread.js';
import { meanOf } from '../student.js';

/** A quantity's figure in each block, on either side. */
export interface SeriesPair {
  readonly a: ReadonlyMap<number, number>;
  readonly b: ReadonlyMap<number, number>;
  readonly by: ComparedMeasure['by'];
  readonly unit: ComparedMeasure['unit'];
  /** What direct and direct differ by in this quantity; null where no block holds both, and then nothing can be told. */
  readonly floor: number | null;
  /** What a change is a share of when it is asked whether it is large enough to be felt. */
  readonly reference: number;
}

/** How the figures of two sides are held against each other. */
export type Pairing =
  /** Both in the blocks of one run: within each. */
  | { readonly of: 'blocks' }
  /** Two runs, and the variance that each adds to the logarithm of its blocks. */
  | { readonly of: 'runs'; readonly variance: number };

/** The spreads that other cells lend to a change; without them its own blocks say what they can. */
export interface LentToChange {
  readonly differences: Spread | null;
  readonly a: Spread | null;
  readonly b: Spread | null;
}

/** How far b is from a. */
export interface Change {
  readonly a: number;
  readonly b: number;
  readonly change: Interval;
  /** How likely as much is when nothing differs, 0 to 1. */
  readonly p: number;
  readonly blocks: number;
}

/** What a change is computed of. */
export interface ChangeSeries {
  /** Whether every figure is above 0, so that logarithms are taken and a factor is what is judged. */
  readonly logarithmic: boolean;
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** A quantity of a cell on both sides. */
export interface ComparedFigure {
  readonly name: MeasureName;
  readonly pair: SeriesPair;
  readonly series: ChangeSeries;
  /** The target, its level, and the scenario and level that others share. */
  readonly of: string;
  readonly load: string;
  readonly shared: string;
}

/** The figures that can be held against each other, on the scale on which that is done; null without two blocks on each side. */
export function changeSeriesOf({ a, b }: SeriesPair, pairing: Pairing['of']): ChangeSeries | null {
  const common = [...a.keys()].filter((block) => b.has(block));
  const [ofA, ofB] =
    pairing === 'blocks'
      ? [common.map((block) => a.get(block) as number), common.map((block) => b.get(block) as number)]
      : [[...a.values()], [...b.values()]];
  if (ofA.length < 2 || ofB.length < 2) return null;
  const logarithmic = [...ofA, ...ofB].every((value) => value > 0);
  return logarithmic ? { logarithmic, a: ofA.map(Math.log), b: ofB.map(Math.log) } : { logarithmic, a: ofA, b: ofB };
}

/**
 * The change with its 95 % interval, by the judge of everything else ({@link contrastOf}). Within blocks: Student's t over the differences of a
 * block. Between runs: Welch's, with what runs add to blocks on top, of which blocks know nothing: the two runs are two moods of a machine.
 */
export function changeOf(
  series: ChangeSeries,
  pairing: Pairing,
  reference: number,
  lent: LentToChange = { differences: null, a: null, b: null },
): Change {
  const { logarithmic, a, b } = series;
  const contrast =
    pairing.of === 'blocks'
      ? (contrastOf(
          b.map((value, i) => value - (a[i] as number)),
          lent.differences ?? undefined,
        ) as Contrast)
      : betweenRuns(series, pairing.variance * (logarithmic ? 1 : reference ** 2), lent);
  const back = logarithmic ? Math.exp : (at: number): number => at;
  const [figureA, figureB] = [back(meanOf(a)), back(meanOf(b))];
  const change = logarithmic ? estimateOf(contrast, (log) => figureA * Math.expm1(log)) : estimateOf(contrast, back);
  return { a: figureA, b: figureB, change, p: contrast.p, blocks: Math.min(a.length, b.length) };
}

function betweenRuns({ a, b }: ChangeSeries, added: number, lent: LentToChange): Contrast {
  const mean = meanOf(b) - meanOf(a);
  const sides = [overBlocks(a, lent.a), overBlocks(b, lent.b)];
  // It is stated, not estimated from these blocks.
  const component = { variance: added, degrees: Number.MAX_SAFE_INTEGER };
  const { variance, degrees } = sumOfSpreads(added === 0 ? sides : [...sides, component]);
  return contrastWith(mean, Math.sqrt(variance), degrees);
}

function overBlocks(values: readonly number[], lent: Spread | null): Spread {
  const { variance, degrees } = lent ?? ownSpread(values);
  return { variance: variance / values.length, degrees };
}
