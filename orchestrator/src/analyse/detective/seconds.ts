import { bucketBounds, type SparseHistogram } from '../../record/histogram.js';
import type { Finding } from '../../record/summary.js';
import type { AnalysedCell } from '../standing.js';
import { countOf, quantileOf } from '../quantile.js';
import { meanOf, medianOf, standardDeviation } from '../student.js';
import { type Case, found, loadsOf, percent } from './case.js';

/** A wait this many times the median, and this long, is no ordinary answer. */
const PAUSE = { timesMedian: 5, leastUs: 3000 } as const;
/** Below, pauses are too rare to be a habit; above, every second has its tail. */
const PAUSED_SHARE = { from: 0.1, to: 0.9 } as const;
/** Pauses of one cause last alike: standard deviation over mean. */
const ALIKE = 0.5;
/** A pause holds up everything that arrives in it. With fewer than this it looks like single slow requests. */
const LEAST_HELD_UP = 4;
/** The first second against those after it. */
const COLD = 2;
const LEAST_REQUESTS = 30;

interface Second {
  /** Which of the trial's, from 0. */
  readonly index: number;
  readonly histogram: SparseHistogram;
}

/** What the seconds of the trials tell beside what a trend is: pauses as a garbage collector makes, a cold beginning. */
export function habitsOfSeconds(suspect: Case): Finding[] {
  if (suspect.direct === null || suspect.row.state !== 'ok') return [];
  return [...pauses(suspect, suspect.direct.cell), ...coldStart(suspect, suspect.direct.cell)];
}

function pauses(suspect: Case, direct: AnalysedCell): Finding[] {
  // Where the driver wrote its pauses down, those are told.
  if (loadsOf(suspect.cell).some((load) => load.pauses !== undefined)) return [];
  const own = pausedSeconds(suspect.cell);
  const share = own.paused.length / own.seconds;
  if (!(share >= PAUSED_SHARE.from && share <= PAUSED_SHARE.to) || own.paused.length < 3) return [];
  const lengths = own.paused.map(({ lengthUs }) => lengthUs);
  const lengthUs = meanOf(lengths);
  if (standardDeviation(lengths) > ALIKE * lengthUs) return [];
  // What direct shows as well is the machine's, or the mock's.
  const beside = pausedSeconds(direct);
  if (beside.seconds > 0 && beside.paused.length / beside.seconds > share / 2) return [];
  const everyS = periodOf(own.paused);
  const message =
    `In ${own.paused.length} of ${own.seconds} seconds everything stood still for about ${(lengthUs / 1000).toFixed(0)} ms` +
    `${everyS === null ? '' : `, every ${everyS.toFixed(0)} s`} (direct: ${beside.paused.length} of ${beside.seconds}): pauses of the target's own, ` +
    'as a garbage collector makes them.';
  const evidence = { pausedSeconds: own.paused.length, seconds: own.seconds, lengthUs, everySeconds: everyS };
  return [found(suspect, 'pauses', 'info', message, evidence)];
}

interface Paused {
  readonly trial: number;
  readonly index: number;
  readonly lengthUs: number;
}

/** Seconds in which requests that arrived one after another waited, the last ones for less: a pause of D holds up rate × D of them. */
function pausedSeconds(cell: AnalysedCell): { readonly seconds: number; readonly paused: Paused[] } {
  const trials = secondsOf(cell);
  const all = trials.flat();
  if (all.length === 0) return { seconds: 0, paused: [] };
  const median = medianOf(all.map(({ histogram }) => quantileOf(histogram, 0.5)));
  const least = Math.max(PAUSE.leastUs, PAUSE.timesMedian * median);
  const paused = trials.flatMap((seconds, trial) =>
    seconds.flatMap(({ index, histogram }): Paused[] => {
      const lengthUs = quantileOf(histogram, 1);
      const heldUp = (countOf(histogram) * lengthUs) / 1e6;
      if (lengthUs < least || heldUp < LEAST_HELD_UP) return [];
      // Of those held up, half waited for more than half of it.
      return countAbove(histogram, lengthUs / 2) >= heldUp / 4 ? [{ trial, index, lengthUs }] : [];
    }),
  );
  return { seconds: all.length, paused };
}

/** Seconds from one pause to the next, where they come regularly; null where that cannot be said. */
function periodOf(paused: readonly Paused[]): number | null {
  const gaps = paused.slice(1).flatMap((one, i) => {
    const before = paused[i] as Paused;
    return one.trial === before.trial ? [one.index - before.index] : [];
  });
  return gaps.length >= 3 && standardDeviation(gaps) <= meanOf(gaps) / 4 ? meanOf(gaps) : null;
}

function coldStart(suspect: Case, direct: AnalysedCell): Finding[] {
  const own = coldness(suspect.cell);
  const cold = own.filter((ratio) => ratio >= COLD);
  if (2 * cold.length <= own.length || own.length === 0) return [];
  const beside = coldness(direct);
  if (2 * beside.filter((ratio) => ratio >= COLD).length > beside.length) return [];
  const ratio = medianOf(cold);
  const message =
    `In ${cold.length} of ${own.length} trials the first second was ${ratio.toFixed(1)} × as slow as those after it (90th percentile), behind the ` +
    'warm-up: connections, caches or compiled code that are made only when the load comes. A longer --warmup takes it out.';
  return [
    found(suspect, 'cold-start', 'info', message, {
      trials: cold.length,
      of: own.length,
      ratio,
      share: percent(cold.length / own.length),
    }),
  ];
}

/** Of each trial, how much slower its first second was than the slowest of the others. */
function coldness(cell: AnalysedCell): number[] {
  return secondsOf(cell).flatMap((seconds) => {
    const [first, ...rest] = seconds.filter(({ histogram }) => countOf(histogram) >= LEAST_REQUESTS);
    if (first === undefined || first.index !== 0 || rest.length < 2) return [];
    const slow = ({ histogram }: Second): number => Math.max(1, quantileOf(histogram, 0.9));
    return [slow(first) / Math.max(...rest.map(slow))];
  });
}

function secondsOf(cell: AnalysedCell): Second[][] {
  return loadsOf(cell).map(({ latencyUs }) =>
    (latencyUs.seconds ?? []).flatMap((histogram, index) => (histogram.length === 0 ? [] : [{ index, histogram }])),
  );
}

function countAbove(histogram: SparseHistogram, valueUs: number): number {
  let count = 0;
  for (let i = 0; i + 1 < histogram.length; i += 2) {
    if (bucketBounds(histogram[i] as number).lowUs >= valueUs) count += histogram[i + 1] as number;
  }
  return count;
}
