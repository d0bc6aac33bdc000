import type { Estimate, NoiseFloor, Overhead, Verdict } from '../record/summary.js';
import type { Distribution } from '../record/trial.js';
import { drawQuantiles } from './bootstrap.js';
import { type BlockSample, busySeconds, drawnError, rounded, trialQuantile } from './estimate.js';
import { carries, PROBABILITY } from './quantile.js';
import { seedFor } from './random.js';
import { meanOf, standardDeviation, studentT975 } from './student.js';

/** What one block holds of a comparison: the target's trial and those of `direct` in the same block. */
export interface BlockPair {
  readonly target: Distribution;
  readonly direct: BlockSample;
}

/** What `direct` and `direct` differ by, by quantile. */
export type FloorUs = Pick<NoiseFloor, 'p50Us' | 'p90Us' | 'p99Us' | 'pairs'>;

const COMPARED = ['p50', 'p90', 'p99'] as const;
type ComparedName = (typeof COMPARED)[number];

/** No difference below this share of direct's quantile is called one, however sure it is: nobody would feel it. */
export const LEAST_EFFECT = 0.03;

/**
 * The quantile shift of a target against `direct`: the mean over blocks of (the target's quantile − the mean of direct's quantiles
 * in that block), so that what makes a whole block slow falls out. Its 95 % interval is Student's t over the blocks; with one
 * block it comes from that block's seconds (both sides drawn with replacement), and without histograms low = value = high.
 * It is not the quantile of per-request differences. It may be negative and is not clamped.
 *
 * The verdict is `above` or `below` when the whole interval lies beyond the noise floor and the shift is at least
 * max(3 % of direct's quantile, the floor). No correction for the number of comparisons is made on top: the floor is a 95 % bound
 * by itself, so that a false verdict needs both it and the interval to fail.
 */
export function judgeOverhead(pairs: readonly BlockPair[], floor: FloorUs | undefined, seed: number): Overhead {
  const overhead: Overhead = {};
  for (const name of COMPARED) {
    const shift = estimateShift(pairs, name, seedFor(seed, name));
    if (shift === null) continue;
    overhead[name] = {
      ...rounded(shift.estimate),
      verdict: judge(shift.estimate, shift.reference, floorOf(floor, name)),
    };
  }
  return overhead;
}

/** Above, below or not to be told from noise, by the rule of {@link judgeOverhead}. A floor of null allows no verdict. */
export function judge(shift: Estimate, reference: number, floor: number | null): Verdict {
  if (floor === null) return 'within-noise';
  const least = Math.max(LEAST_EFFECT * reference, floor);
  if (shift.low > floor && shift.value >= least) return 'above';
  if (shift.high < -floor && shift.value <= -least) return 'below';
  return 'within-noise';
}

/**
 * What the two `direct` of a block differ by when nothing differs: the bound that the next such difference keeps with 95 %,
 * t · √(mean of squares), with as many degrees of freedom as pairs since the true difference is known to be 0.
 * With one pair that is 12.7 times what was seen, which is as much as one pair says. Null without pairs.
 */
export function noiseFloorOf(differences: readonly number[]): number | null {
  if (differences.length === 0) return null;
  return studentT975(differences.length) * Math.sqrt(meanOf(differences.map((difference) => difference ** 2)));
}

/** The floor of each quantile at one scenario and level, from the blocks in which `direct` took part twice. */
export function noiseFloorAt(pairs: readonly BlockSample[]): FloorUs {
  const complete = pairs.filter((pair) => pair.length === 2);
  const floor = (name: ComparedName): number | null => {
    const differences = complete.flatMap(([first, second]) => {
      const [one, other] = [quantileIn(first, name), quantileIn(second, name)];
      return one === null || other === null ? [] : [one - other];
    });
    const bound = noiseFloorOf(differences);
    return bound === null ? null : Math.round(bound * 10) / 10;
  };
  return { p50Us: floor('p50'), p90Us: floor('p90'), p99Us: floor('p99'), pairs: complete.length };
}

function floorOf(floor: FloorUs | undefined, name: ComparedName): number | null {
  return floor?.[`${name}Us`] ?? null;
}

/** The shift with its interval, and what direct showed in the same blocks. Null when the trials do not carry the quantile. */
function estimateShift(
  pairs: readonly BlockPair[],
  name: ComparedName,
  seed: number,
): { readonly estimate: Estimate; readonly reference: number } | null {
  const usable = pairs.flatMap((pair) => {
    const target = quantileIn(pair.target, name);
    const references = pair.direct.map((trial) => quantileIn(trial, name)).filter((value) => value !== null);
    if (target === null || references.length === 0) return [];
    return [{ pair, reference: meanOf(references), shift: target - meanOf(references) }];
  });
  const [first] = usable;
  const count = usable.reduce((sum, { pair }) => sum + pair.target.count, 0);
  if (first === undefined || !carries(count, PROBABILITY[name])) return null;
  const shifts = usable.map(({ shift }) => shift);
  const value = meanOf(shifts);
  const reach = shifts.length > 1 ? reachOverBlocks(shifts) : reachInBlock(first.pair, name, seed);
  return {
    estimate: { value, low: value - reach, high: value + reach },
    reference: meanOf(usable.map(({ reference }) => reference)),
  };
}

/** Null as well when the trial is so short that its quantile would be its maximum. */
export function quantileIn(trial: Distribution | undefined, name: ComparedName): number | null {
  if (trial === undefined || trial.count * (1 - PROBABILITY[name]) < 1) return null;
  return trialQuantile(trial, name);
}

function reachOverBlocks(shifts: readonly number[]): number {
  return (studentT975(shifts.length - 1) * standardDeviation(shifts)) / Math.sqrt(shifts.length);
}

/** The half-width from the seconds of one block; 0 when there are none to draw. */
function reachInBlock({ target, direct }: BlockPair, name: ComparedName, seed: number): number {
  const errors = [[target], ...direct.map((trial) => [trial])].map((side, i) => {
    const seconds = busySeconds(side);
    if (seconds.length < 2) return null;
    const [draws] = drawQuantiles(seconds, [PROBABILITY[name]], seedFor(seed, String(i)));
    return { error: drawnError(draws ?? [], seconds.length), degrees: seconds.length - 1 };
  });
  if (!errors.every((side) => side !== null)) return 0;
  const [ofTarget, ...ofDirect] = errors.map(({ error }) => error ** 2);
  const variance = (ofTarget ?? 0) + ofDirect.reduce((sum, square) => sum + square, 0) / direct.length ** 2;
  return studentT975(Math.min(...errors.map(({ degrees }) => degrees))) * Math.sqrt(variance);
}
