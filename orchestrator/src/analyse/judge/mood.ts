import { medianOf, meanOf } from '../student.js';
import { sumOfSpreads } from './contrast.js';
import { meanSquareQuantile } from './gamma.js';
import { LEAST_CELLS, type ModeratedSpread, ownSpread, type Spread } from './spread.js';

/** Logarithms of one quantity of a cell, by block. */
export type LogsByBlock = ReadonlyMap<number, number>;

/** The variance of a median over that of the mean, of normal values. */
const MEDIAN_OVER_MEAN = Math.PI / 2;

/** What blocks have in common over all cells of a run, and what is left to each cell. */
export interface Moods {
  /** Of the mood of a block, with blocks − 1 degrees of freedom: cells however many see the same few moods. */
  readonly mood: Spread;
  /** Of each cell without the moods, in their order. */
  readonly residuals: readonly Spread[];
}

/**
 * The mood of the machine in each block, taken out: a model with two effects, the cell's mean and the block's mood (both additive on the
 * logarithm), of which the mood is random. A mood is the median over the cells of what they differ by from their own means, so that an erratic
 * target has no part in it; what a median of so many cells scatters by of itself is taken off its variance.
 * @param cells each with two blocks or more
 * @returns null of too few cells to tell a mood from chance
 */
export function moodsOf(cells: readonly LogsByBlock[]): Moods | null {
  if (cells.length < LEAST_CELLS) return null;
  const centred = cells.map((logs) => {
    const mean = meanOf([...logs.values()]);
    return new Map([...logs].map(([block, log]) => [block, log - mean]));
  });
  const blocks = [...new Set(cells.flatMap((logs) => [...logs.keys()]))];
  const moods = new Map(blocks.map((block) => [block, medianOf(centred.flatMap((cell) => cell.get(block) ?? []))]));
  const residuals = centred.map((cell) =>
    ownSpread([...cell].map(([block, value]) => value - (moods.get(block) as number))),
  );
  const usual = medianOf(residuals.map(({ variance, degrees }) => variance / meanSquareQuantile(degrees, 0)));
  const seen = ownSpread([...moods.values()]);
  const variance = Math.max(0, seen.variance - (MEDIAN_OVER_MEAN * usual) / cells.length);
  return { mood: { variance, degrees: seen.degrees }, residuals };
}

/**
 * A cell's moderated spread with the mood in it again (degrees of freedom after Satterthwaite 1946): what is lent by dozens of cells is known
 * well, the mood by the few blocks alone. So two blocks that happened to be of different moods do not give intervals as if all were known.
 */
export function withMood(residual: ModeratedSpread, mood: Spread): ModeratedSpread {
  if (mood.variance === 0) return residual;
  const { variance, degrees } = sumOfSpreads([residual, mood]);
  return {
    variance,
    degrees: Math.max(mood.degrees, Math.min(residual.degrees, Math.floor(degrees))),
    erratic: residual.erratic,
  };
}
