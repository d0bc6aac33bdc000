import { cellKey } from '../record/cell.js';
import type { TrialRecord } from '../record/trial.js';
import { figuresByBlock } from './block-figures.js';
import { countOf, quantileOf } from './quantile.js';
import { directAt, LATENCY, PER_REQUEST, type PickDistribution, samplesByBlock } from './samples.js';
import type { AnalysedCell } from './standing.js';
import { meanOf, standardDeviation } from './student.js';

/**
 * Where the differences between medians of one cell come from: variances of their logarithm. What is of the block is shared by all targets and
 * falls out of every comparison within it.
 */
export interface Components {
  /** Of whole blocks: the machine's mood. Null where `direct` was not measured twice in three blocks. */
  readonly block: number | null;
  /** Between starts (visits) in which the windows were endless, of a target against `direct` beside it. */
  readonly start: number;
  /** Of one second within a start, likewise; a window of m seconds has an m-th of it. */
  readonly second: number;
  /** Cells and the degrees of freedom that they rest on. */
  readonly cells: number;
  readonly degrees: number;
}

/** A second with fewer requests has no median to speak of. */
const LEAST_REQUESTS = 10;
/** Fewer blocks show nothing between starts, fewer seconds nothing within. */
const LEAST_BLOCKS = 3;
const LEAST_SECONDS = 2;
/** With fewer degrees of freedom a variance is known by half at best. */
const LEAST_DEGREES = 6;

/**
 * The components of variance in a run, by the method of moments (analysis of variance of a nested design; Searle, Casella and McCulloch 1992,
 * chapter 3): the spread of a cell's blocks holds that between starts and an m-th of that between seconds, and the seconds' is seen within the
 * windows. Each cell against `direct` in the same block, means over the cells, so that the one that varies most weighs most, as it does in
 * what a run is waited for.
 *
 * Seconds are taken as independent. What comes and goes over several seconds is then seen between starts, and more starts are asked for.
 * @returns null where windows are too short or blocks too few to tell one from the other
 */
export function componentsOf(cells: readonly AnalysedCell[]): Components | null {
  const nested = cells.flatMap((cell) => nestedIn(cell, cells) ?? []);
  const degrees = nested.reduce((sum, one) => sum + one.blocks - 1, 0);
  if (degrees < LEAST_DEGREES) return null;
  const start = meanOf(nested.map(({ between, within }) => between - within));
  const commons = cells.flatMap((cell) => (cell.target.kind === 'direct' ? (commonOf(cell) ?? []) : []));
  return {
    block: commons.length === 0 ? null : Math.max(0, meanOf(commons)),
    start: Math.max(0, start),
    second: meanOf(nested.map(({ second }) => second)),
    cells: nested.length,
    degrees,
  };
}

interface Nested {
  readonly blocks: number;
  /** Variance over blocks; of it what the windows' length lets expect; and that of a second. */
  readonly between: number;
  readonly within: number;
  readonly second: number;
}

function nestedIn(cell: AnalysedCell, cells: readonly AnalysedCell[]): Nested | null {
  const direct = directAt(cells, cell.id);
  if (cell.standing.state !== 'ok' || cell.target.kind === 'direct' || direct === null) return null;
  const pick = cell.standing.trials.every((trial) => PER_REQUEST(trial) !== null) ? PER_REQUEST : LATENCY;
  const own = figuresByBlock(samplesByBlock(cell.standing.trials, pick), 'p50');
  const reference = figuresByBlock(samplesByBlock(direct.standing.trials, pick), 'p50');
  const blocks = [...own].flatMap(([block, us]) => {
    const directUs = reference.get(block);
    const beside = direct.standing.trials.filter((trial) => trial.block === block);
    const trial = cell.standing.trials.find((candidate) => candidate.block === block);
    if (directUs === undefined || trial === undefined || us <= 0 || directUs <= 0) return [];
    const [ofOwn, ...ofDirect] = [trial, ...beside].map((each) => secondsOf(each, pick));
    if (ofOwn === null || ofOwn === undefined || ofDirect.some((seconds) => seconds === null)) return [];
    const others = ofDirect.flatMap((seconds) => seconds ?? []);
    // The mean of so many trials of direct has an n-th of their variance.
    const share = 1 / Math.max(1, others.length) ** 2;
    const sum = (of: (seconds: Seconds) => number): number =>
      of(ofOwn) + share * others.reduce((total, seconds) => total + of(seconds), 0);
    return [
      {
        log: Math.log(us / directUs),
        within: sum(({ variance, seconds }) => variance / seconds),
        second: sum(({ variance }) => variance),
      },
    ];
  });
  if (blocks.length < LEAST_BLOCKS) return null;
  return {
    blocks: blocks.length,
    between: standardDeviation(blocks.map(({ log }) => log)) ** 2,
    within: meanOf(blocks.map(({ within }) => within)),
    second: meanOf(blocks.map(({ second }) => second)),
  };
}

/** The variance of the logarithm of a trial's medians of seconds, and how many there are. */
interface Seconds {
  readonly variance: number;
  readonly seconds: number;
}

function secondsOf(trial: TrialRecord, pick: PickDistribution): Seconds | null {
  const medians = (pick(trial)?.seconds ?? [])
    .filter((second) => countOf(second) >= LEAST_REQUESTS)
    .map((second) => Math.log(Math.max(0.5, quantileOf(second, 0.5))));
  if (medians.length < LEAST_SECONDS) return null;
  return { variance: standardDeviation(medians) ** 2, seconds: medians.length };
}

/** What both trials of `direct` have in common in a block: their covariance over the blocks. */
function commonOf({ id, standing }: AnalysedCell): number | null {
  const logs = (replica: 1 | 2): Map<number, number> => {
    const trials = standing.trials.filter((trial) => trial.replica === replica && cellKey(trial) === cellKey(id));
    return figuresByBlock(samplesByBlock(trials, LATENCY), 'p50');
  };
  const [first, second] = [logs(1), logs(2)];
  const pairs = [...first].flatMap(([block, a]) => {
    const b = second.get(block);
    return b === undefined || a <= 0 || b <= 0 ? [] : [[Math.log(a), Math.log(b)] as const];
  });
  if (pairs.length < LEAST_BLOCKS) return null;
  const [meanA, meanB] = [meanOf(pairs.map(([a]) => a)), meanOf(pairs.map(([, b]) => b))];
  return pairs.reduce((sum, [a, b]) => sum + (a - meanA) * (b - meanB), 0) / (pairs.length - 1);
}
