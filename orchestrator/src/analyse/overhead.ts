import type { Interval, NoiseFloor, Overhead, Verdict } from '../record/summary.js';
import { blockQuantile, geometricMean, quantileIn } from './block-figures.js';
import { estimateOf, rounded, secondsError } from './estimate.js';
import { type Contrast, contrastOf, contrastWith } from './judge/contrast.js';
import { ownSpread, type Spread } from './judge/spread.js';
import { type BlockSample, busySeconds } from './merged.js';
import type { Distribution } from '../record/trial.js';
import { carries, PROBABILITY } from './quantile.js';
import { seedFor } from './random.js';
import { meanOf, studentT975 } from './student.js';

/** What one block holds of a comparison: the target's trial and those of `direct` in the same block. */
export interface BlockPair {
  readonly target: Distribution;
  readonly direct: BlockSample;
}

/** What `direct` and `direct` differ by, by quantile. */
export type FloorUs = Pick<NoiseFloor, 'p50Us' | 'p90Us' | 'p99Us' | 'pairs'>;

const COMPARED = ['p50', 'p90', 'p99'] as const;
export type ComparedName = (typeof COMPARED)[number];

/** No difference below this share of direct's quantile is called one, however sure it is: nobody would feel it. */
export const LEAST_EFFECT = 0.03;

/** What the other cells of the run lend to the spreads of a cell; null where there is nothing to lend. */
export type LentSpreads = (quantile: ComparedName, scale: 'ratio' | 'shift') => Spread | null;

/**
 * The quantile shift of a target against `direct`, and whether it is above it.
 *
 * *Is it above?* is asked of the ratio to `direct` in the same block, on the logarithm: what makes a whole block slow falls out, and an
 * erratic target has a logarithm of which a mean can be taken. The verdict is `above` or `below` when the 95 % interval of that ratio
 * excludes 1, and the shift is at least 3 % of direct's quantile. The variance behind the interval is never taken for less than what `direct`
 * against `direct` shows, so that no difference is called one which two equal targets would show.
 *
 * *By how much?* is told on the scale on which blocks vary least. A target that adds the same to each request adds it whatever `direct` does, so
 * where it is above, and in every block, it is the geometric mean of the shifts with Student's t on their logarithm. Else it is the ratio's interval
 * in microseconds, direct's geometric mean × (ratio − 1), which holds 0 just where the ratio's holds 1. So interval and verdict always
 * agree, and in either case the value is a geometric mean over blocks, as that of the latencies beside it.
 *
 * With one block the interval comes from that block's seconds, and the shift has to be the noise floor as well; without histograms
 * low = value = high. It is not the quantile of per-request differences. It may be negative and is not clamped.
 */
export function judgeOverhead(
  pairs: readonly BlockPair[],
  floor: FloorUs | undefined,
  seed: number,
  lent: LentSpreads = () => null,
): Overhead {
  const overhead: Overhead = {};
  for (const name of COMPARED) {
    const blocks = blocksOf(pairs, name);
    const count = blocks.reduce((sum, { pair }) => sum + pair.target.count, 0);
    if (blocks.length === 0 || !carries(count, PROBABILITY[name])) continue;
    const floorUs = floor?.[`${name}Us`] ?? null;
    overhead[name] =
      blocks.length > 1
        ? overBlocks(blocks, floorUs, varianceOfDirect(pairs, name), {
            ratio: lent(name, 'ratio'),
            shift: lent(name, 'shift'),
          })
        : withinBlock(blocks[0] as Block, name, floorUs, seedFor(seed, name));
  }
  return overhead;
}

/** What one block holds of a comparison of single figures, such as bytes: the target's, and those of the one or two visits that it is held against. */
export interface FigurePair {
  readonly value: number;
  readonly reference: readonly number[];
}

/**
 * {@link judgeOverhead} for a figure of which a visit has one: how much more it is than the reference's in the same block. Of one block alone
 * nothing is known of how visits differ, and none is called above or below.
 * @returns null without a block in which both have the figure
 */
export function judgeFigures(pairs: readonly FigurePair[]): Judged | null {
  const blocks = pairs.map(({ value, reference }) => ({ target: value, direct: geometricMean(reference) }));
  const [only] = blocks;
  if (only === undefined) return null;
  if (blocks.length === 1) {
    const shift = only.target - only.direct;
    const ratio = positive(only.target) / positive(only.direct);
    const point = (at: number): Interval => ({ value: at, low: at, high: at });
    return rounded({ ...point(shift), verdict: 'within-noise' as const, ratio: roundedRatio(point(ratio)) });
  }
  const twice = pairs.flatMap(({ reference: [one, other] }) =>
    one === undefined || other === undefined ? [] : [[one, other] as const],
  );
  const floor = twice.length === 0 ? null : noiseFloorOf(twice.map(([one, other]) => one - other));
  const squares = twice.map(([one, other]) => Math.log(positive(one) / positive(other)) ** 2 / 2);
  const ofReference = squares.length === 0 ? null : meanOf(squares);
  return rounded(judgedBy(blocks, floor, ofReference, { ratio: null, shift: null }));
}

interface Block {
  readonly pair: BlockPair;
  readonly target: number;
  readonly direct: number;
}

function blocksOf(pairs: readonly BlockPair[], name: ComparedName): Block[] {
  return pairs.flatMap((pair) => {
    const [target, direct] = [blockQuantile([pair.target], name), blockQuantile(pair.direct, name)];
    return target === null || direct === null ? [] : [{ pair, target, direct }];
  });
}

type Judged = NonNullable<Overhead['p50']>;

function overBlocks(
  blocks: readonly Block[],
  floorUs: number | null,
  ofDirect: number | null,
  lent: { readonly ratio: Spread | null; readonly shift: Spread | null },
): Judged {
  const own = judgedBy(blocks, floorUs, ofDirect, { ratio: null, shift: null });
  if (lent.ratio === null) return rounded(own);
  const judged = judgedBy(blocks, floorUs, ofDirect, lent);
  if (judged.low === own.low && judged.high === own.high && judged.verdict === own.verdict) return rounded(judged);
  return rounded({ ...judged, own: { low: own.low, high: own.high, verdict: own.verdict } });
}

function judgedBy(
  blocks: readonly Pick<Block, 'target' | 'direct'>[],
  floorUs: number | null,
  ofDirect: number | null,
  lent: { readonly ratio: Spread | null; readonly shift: Spread | null },
): Judged {
  const logs = blocks.map(({ target, direct }) => Math.log(positive(target) / positive(direct)));
  const spread = lent.ratio ?? ownSpread(logs);
  const least = ofDirect === null ? 0 : leastVariance(ofDirect, Math.exp(meanOf(logs)));
  const contrast = contrastOf(logs, { ...spread, variance: Math.max(spread.variance, least) }) as Contrast;
  const directUs = geometricMean(blocks.map(({ direct }) => direct));
  const ratio = estimateOf(contrast, Math.exp);
  const byRatio = estimateOf(contrast, (log) => directUs * Math.expm1(log));
  const shifts = blocks.map(({ target, direct }) => target - direct);
  const above = floorUs !== null && contrast.low > 0;
  const shift =
    above && shifts.every((shiftUs) => shiftUs > 0)
      ? estimateOf(contrastOf(shifts.map(Math.log), lent.shift ?? undefined) as Contrast, Math.exp)
      : byRatio;
  return { ...shift, verdict: floorUs === null ? 'within-noise' : judge(shift, directUs), ratio: roundedRatio(ratio) };
}

/** Above, below or not to be told from noise: what the interval says, where the shift is large enough for anybody to feel. */
export function judge(shift: Interval, directUs: number, leastUs = 0): Verdict {
  const least = Math.max(LEAST_EFFECT * Math.abs(directUs), leastUs);
  if (shift.low > 0 && shift.value >= least) return 'above';
  if (shift.high < 0 && shift.value <= -least) return 'below';
  return 'within-noise';
}

/**
 * What the log ratio to `direct` varies by at least, from block to block: half of one visit's variance, for `direct` is the mean of two, and the
 * target's own visit, in which the same disturbance is less by as much as the target is slower.
 */
function leastVariance(ofDirect: number, ratio: number): number {
  return ofDirect * (1 / 2 + 1 / Math.max(1, ratio) ** 2);
}

/** The variance of the logarithm of one visit of `direct`, from the two of each block; null where no block holds both. */
function varianceOfDirect(pairs: readonly BlockPair[], name: ComparedName): number | null {
  const squares = twicePerBlock(
    pairs.map(({ direct }) => direct),
    name,
  ).map(([one, other]) => Math.log(positive(one) / positive(other)) ** 2 / 2);
  return squares.length === 0 ? null : meanOf(squares);
}

/**
 * What the figures of two equal targets would differ by in a run of so many blocks: the bound that the mean of such differences keeps with
 * 95 %, t · √(mean of squares / blocks), with as many degrees of freedom as pairs since the true difference is known to be 0. Null without
 * pairs, and where one pair happens to agree: that says nothing.
 */
export function noiseFloorOf(differences: readonly number[]): number | null {
  if (differences.every((difference) => difference === 0) && differences.length < 2) return null;
  const meanSquare = meanOf(differences.map((difference) => difference ** 2));
  return studentT975(differences.length) * Math.sqrt(meanSquare / differences.length);
}

/** The floor of each quantile at one scenario and level, from the blocks in which `direct` took part twice. */
export function noiseFloorAt(pairs: readonly BlockSample[]): FloorUs {
  const floor = (name: ComparedName): number | null => {
    const bound = noiseFloorOf(twicePerBlock(pairs, name).map(([one, other]) => one - other));
    return bound === null ? null : Math.round(bound * 10) / 10;
  };
  return {
    p50Us: floor('p50'),
    p90Us: floor('p90'),
    p99Us: floor('p99'),
    pairs: pairs.filter((pair) => pair.length === 2).length,
  };
}

function twicePerBlock(pairs: readonly BlockSample[], name: ComparedName): (readonly [number, number])[] {
  return pairs.flatMap((pair) => {
    if (pair.length !== 2) return [];
    const [one, other] = [quantileIn(pair[0], name), quantileIn(pair[1], name)];
    return one === null || other === null ? [] : [[one, other] as const];
  });
}

/** From the seconds of one block; no interval where there are none to draw. */
function withinBlock(
  { pair, target, direct }: Block,
  name: ComparedName,
  floorUs: number | null,
  seed: number,
): Judged {
  const errors = [[pair.target], ...pair.direct.map((trial) => [trial])].map((side, i) => {
    const seconds = busySeconds(side);
    if (seconds.length < 2) return null;
    return { error: secondsError(seconds, name, seedFor(seed, String(i))), degrees: seconds.length - 1 };
  });
  const log = Math.log(positive(target) / positive(direct));
  const contrast = errors.every((side) => side !== null)
    ? contrastWith(log, errorOf(errors), Math.min(...errors.map(({ degrees }) => degrees)))
    : { mean: log, low: log, high: log };
  const shift = estimateOf(contrast, (at) => direct * Math.expm1(at));
  const verdict = floorUs === null ? 'within-noise' : judge(shift, direct, floorUs);
  return rounded({ ...shift, verdict, ratio: roundedRatio(estimateOf(contrast, Math.exp)) });
}

/** `direct` is the mean of its two visits. */
function errorOf([ofTarget, ...ofDirect]: readonly { readonly error: number }[]): number {
  const squares = ofDirect.reduce((sum, { error }) => sum + error ** 2, 0);
  return Math.sqrt((ofTarget?.error ?? 0) ** 2 + squares / ofDirect.length ** 2);
}

/** To four digits, in which engines agree. */
export function roundedRatio({ value, low, high }: Interval): Interval {
  return { value: fourDigits(value), low: fourDigits(low), high: fourDigits(high) };
}

function fourDigits(ratio: number): number {
  return Number(ratio.toPrecision(4));
}

/** A record is in whole microseconds; what a clock is wrong by can be below 0. */
function positive(valueUs: number): number {
  return geometricMean([valueUs]);
}
