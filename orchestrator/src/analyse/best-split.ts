import type { Manifest } from '../record/manifest.js';
import type { Finding } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';
import { groupBy } from '../grouping.js';
import { type Components, componentsOf } from './components.js';
import type { AnalysedCell } from './standing.js';
import { medianOf, studentT975 } from './student.js';

/** How a given time is cut: so many blocks, each with one window of so many seconds in every visit's cell. */
export interface Split {
  readonly blocks: number;
  readonly windowS: number;
}

/** What a split may be made of. */
export interface SplitCost {
  /** All that a trial takes besides its window: its share of starts, warm-up, joining, writing; seconds. */
  readonly besideS: number;
  /** The time that there is for one trial of every block together, seconds: blocks × (window + besides). */
  readonly totalS: number;
}

/** A shorter window holds no second that could be told from the next, nor requests enough for a tail. */
const SHORTEST_S = 2;
/** Two blocks show hardly how sure they are. */
const FEWEST_BLOCKS = 3;
const MOST_BLOCKS = 200;

/** The half-width of an interval on the logarithm that such a split would give, Student's t for the spread that it would itself show. */
export function reachOf({ blocks, windowS }: Split, { start, second }: Pick<Components, 'start' | 'second'>): number {
  return studentT975(blocks - 1) * Math.sqrt((start + second / windowS) / blocks);
}

/**
 * The split of a given time that makes intervals narrowest. Were t the same for every number of blocks, it would be windows of
 * √(besides · second / start), the optimum of sampling in two stages (Cochran 1977, Sampling Techniques, 10.6); few blocks pay with a wider t,
 * so every number of blocks is tried. A second window in the same visit is no more than a longer one, and a second visit in a block no more
 * than another block, because each is held against `direct` beside it.
 * @returns null where the time does not suffice for the fewest blocks
 */
export function bestSplit(components: Pick<Components, 'start' | 'second'>, cost: SplitCost): Split | null {
  const splits: Split[] = [];
  for (let blocks = FEWEST_BLOCKS; blocks <= MOST_BLOCKS; blocks += 1) {
    const windowS = cost.totalS / blocks - cost.besideS;
    if (windowS < SHORTEST_S) break;
    splits.push({ blocks, windowS });
  }
  const [first, ...others] = splits;
  if (first === undefined) return null;
  return others.reduce((best, split) => (reachOf(split, components) < reachOf(best, components) ? split : best), first);
}

/** Where another split would be narrower by less than this, the run's is good. */
const LEAST_GAIN = 0.1;

/** What would narrow the intervals of a run most, in the time that it took; null where its records cannot tell. */
export interface Advice {
  readonly components: Components;
  /** What a trial took besides its window, seconds. */
  readonly besideS: number;
  readonly now: Split;
  readonly best: Split;
  /** Half-width of the best split over that of the run's, 0 to 1. */
  readonly narrower: number;
}

/** Reads the components of variance and the cost of a trial off a run's records. */
export function adviceOf(
  manifest: Pick<Manifest, 'blocks' | 'measureMs'>,
  cells: readonly AnalysedCell[],
): Advice | null {
  const components = componentsOf(cells);
  // Second measurements of void trials lie in blocks behind these, which are no whole ones.
  const planned = cells.flatMap(({ trials }) => trials.filter(({ block }) => block <= manifest.blocks));
  const elapsedS = secondsPerTrial(planned);
  if (components === null || elapsedS === null) return null;
  const blocks = new Set(planned.map(({ block }) => block)).size;
  const now = { blocks, windowS: manifest.measureMs / 1000 };
  const besideS = elapsedS - now.windowS;
  if (blocks < FEWEST_BLOCKS || besideS <= 0) return null;
  const best = bestSplit(components, { besideS, totalS: blocks * elapsedS });
  if (best === null) return null;
  return {
    components,
    besideS,
    now,
    best,
    narrower: Math.min(1, reachOf(best, components) / reachOf(now, components)),
  };
}

/** Longer ones would leave too few blocks within any time that a person waits. */
const LONGEST_S = 60;

/**
 * The windows with which a run that goes on block by block comes to narrow intervals soonest, seconds: those of the best split of the time that
 * so many blocks of the earlier run took.
 * @param mostBlocks how many blocks the run may have
 */
export function windowFor({ components, besideS, now }: Advice, mostBlocks: number): number {
  const totalS = mostBlocks * (besideS + now.windowS);
  const best = bestSplit(components, { besideS, totalS });
  return Math.min(LONGEST_S, best?.windowS ?? now.windowS);
}

/** In words, for a person; that the run's own split is about the best where it is. */
export function describeAdvice({ components, now, best, narrower }: Advice): string {
  const { block, start, second } = components;
  const sd = (variance: number): string => `${(100 * Math.sqrt(variance)).toFixed(0)} %`;
  const common = block === null ? '' : ` (whole blocks by ${sd(block)}, which falls out of comparisons within them)`;
  const why = `starts differ by ${sd(start)}, seconds within a start by ${sd(second)}${common}`;
  if (narrower > 1 - LEAST_GAIN) {
    return `The time is split about as well as can be, ${splitText(now)}: ${why}. Only more of it narrows the intervals.`;
  }
  return (
    `In the same time ${splitText(best)} instead of ${splitText(now)} would make the intervals some ${(100 * (1 - narrower)).toFixed(0)} % narrower ` +
    `(--blocks ${best.blocks} --duration ${Math.round(best.blocks * best.windowS)}): ${why}.`
  );
}

/** What would narrow the intervals most: where it is worth saying, or precision was asked for. */
export function splitFindings(manifest: Manifest, cells: readonly AnalysedCell[]): Finding[] {
  const advice = adviceOf(manifest, cells);
  if (advice === null || (advice.narrower > 1 - LEAST_GAIN && manifest.precision === undefined)) return [];
  const about = { target: null, scenario: null, level: null } as const;
  return [{ code: 'best-split', severity: 'info', ...about, message: describeAdvice(advice), evidence: { ...advice } }];
}

function splitText({ blocks, windowS }: Split): string {
  return `${blocks} blocks of ${windowS < 9.95 ? windowS.toFixed(1) : windowS.toFixed(0)} s`;
}

/** From the beginning of a block to its end, over its trials: the median over blocks; null where no block has two. */
function secondsPerTrial(trials: readonly TrialRecord[]): number | null {
  const blocks = [...groupBy(trials, ({ block }) => block).values()].filter((own) => own.length > 1);
  if (blocks.length === 0) return null;
  return medianOf(
    blocks.map((own) => {
      const from = Math.min(...own.map(({ startedAt }) => Date.parse(startedAt)));
      const until = Math.max(...own.map(({ finishedAt }) => Date.parse(finishedAt)));
      return (until - from) / 1000 / own.length;
    }),
  );
}
