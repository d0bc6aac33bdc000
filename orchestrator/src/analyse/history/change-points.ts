import { shuffled } from '../../plan/random.js';
import { FAMILY_ERROR } from '../judge/holm.js';
import { bestSplit, distancesOf, type Distances, LEAST_ASIDE } from './energy.js';

/** From so many comparable runs on change points are looked for: of fewer there are too few orders to judge one by. */
export const LEAST_RUNS = 10;

/**
 * Chance that a page of series without any change shows a change point, and that it shows a newest run that differs: half each of what the
 * page as a whole may err by. That both together do not is so however they depend on each other (Bonferroni's inequality).
 */
export const EACH_ERROR = FAMILY_ERROR / 2;

/** Orders drawn for one test: the smallest p-value is 1/1000. */
const ORDERS = 999;

/** Comparable runs of one series: the page's runs by their place, ascending, with the figure of each on the scale on which it varies least. */
export interface Segment {
  readonly runs: readonly number[];
  readonly values: readonly number[];
}

/** A run from which on the figure is another. */
export interface ChangePoint {
  /** Place of the first run behind it. */
  readonly run: number;
  /** How likely as much is anywhere on the page when nothing changes, 0 to 1. */
  readonly p: number;
}

interface Piece {
  /** Of the segment in the call. */
  readonly segment: number;
  readonly runs: readonly number[];
  readonly values: readonly number[];
  readonly distances: Distances;
  /** Where the piece has a run, by the run's place on the page; −1 where it has none. */
  readonly indices: Int32Array;
}

/**
 * The change points of all series of a page by E-divisive (Matteson and James 2014): each segment is parted where the energy statistic is
 * largest ({@link bestSplit}), the parts again, until no part is told from orders drawn by chance within it.
 *
 * Whole runs are put into another order, with all their figures: series of one run move together, and a test that knows it need not pay for a
 * hundred series as for a hundred (maxT, step-down: Westfall and Young 1993, algorithm 4.1). The error is that of the page.
 * @param segments in any number; those of fewer than {@link LEAST_RUNS} runs have none
 * @param runs how many runs the page has
 * @param orders orders drawn for a test; fewer are for simulations of the test itself
 * @returns for each segment its change points, ascending
 */
export function changePointsOf(
  segments: readonly Segment[],
  runs: number,
  random: () => number,
  orders = ORDERS,
): ChangePoint[][] {
  const found = segments.map((): ChangePoint[] => []);
  let open = segments.flatMap(({ runs: of, values }, i) =>
    values.length < LEAST_RUNS ? [] : [pieceOf(i, of, values, runs)],
  );
  while (open.length > 0) {
    const parted = tested(open, runs, random, orders).filter(({ p }) => p <= EACH_ERROR);
    for (const { piece, at, p } of parted) found[piece.segment]?.push({ run: piece.runs[at] as number, p });
    open = parted.flatMap(({ piece: { segment, runs: of, values }, at }) =>
      [
        pieceOf(segment, of.slice(0, at), values.slice(0, at), runs),
        pieceOf(segment, of.slice(at), values.slice(at), runs),
      ].filter((part) => part.values.length >= 2 * LEAST_ASIDE),
    );
  }
  return found.map((points) => points.toSorted((a, b) => a.run - b.run));
}

function pieceOf(segment: number, of: readonly number[], values: readonly number[], runs: number): Piece {
  const indices = new Int32Array(runs).fill(-1);
  for (const [i, run] of of.entries()) indices[run] = i;
  return { segment, runs: of, values, distances: distancesOf(values), indices };
}

interface Tested {
  readonly piece: Piece;
  readonly at: number;
  readonly p: number;
}

function tested(pieces: readonly Piece[], runs: number, random: () => number, orders: number): Tested[] {
  const observed = pieces
    .map((piece) => ({ piece, ...bestSplit(piece.distances, [...piece.values.keys()]) }))
    .toSorted((a, b) => b.statistic - a.statistic);
  const places = Array.from({ length: runs }, (_, run) => run);
  const reached = observed.map(() => 0);
  for (let drawn = 0; drawn < orders; drawn += 1) {
    const order = shuffled(places, random);
    let largest = 0;
    for (let i = observed.length - 1; i >= 0; i -= 1) {
      const { piece, statistic } = observed[i] as (typeof observed)[number];
      const within = order.flatMap((run) => ((piece.indices[run] as number) < 0 ? [] : [piece.indices[run] as number]));
      largest = Math.max(largest, bestSplit(piece.distances, within).statistic);
      if (largest >= statistic) reached[i] = (reached[i] as number) + 1;
    }
  }
  let atLeast = 0;
  return observed.map(({ piece, at }, i) => {
    atLeast = Math.max(atLeast, (1 + (reached[i] as number)) / (1 + orders));
    return { piece, at, p: at === 0 ? 1 : atLeast };
  });
}
