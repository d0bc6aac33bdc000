import { mulberry32 } from './mulberry32.js';

/** How the intended times of an open loop lie: evenly, or as the arrivals of many independent users. */
export type Arrivals = 'constant' | 'poisson';

/**
 * How the rate goes over the measured window, in shares of the level: `ramp` from one to the other evenly, `steps` of equal length.
 * The warm-up runs at the first share.
 */
export type Shape =
  | { readonly kind: 'flat' }
  | { readonly kind: 'ramp'; readonly from: number; readonly to: number }
  | { readonly kind: 'steps'; readonly shares: readonly number[] };

/** What an open-loop schedule is made of. */
export interface ScheduleSpec {
  readonly ratePerSecond: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly arrivals: Arrivals;
  readonly shape: Shape;
  readonly seed: number;
}

/**
 * The intended times of a trial, microseconds from its start, ascending, all below `warmupMs + measureMs`.
 *
 * Constant: the k-th request is due when the rate has added up to k, t_k = k / rate for a flat shape, so n requests a window
 * whatever the rate. Poisson: the same of a sum of exponential gaps of mean 1 (inversion, -ln(u)), seeded. Warm-up and window are
 * one schedule; the window begins at `warmupMs` without a pause.
 */
export function intendedTimes(spec: ScheduleSpec): Float64Array {
  if (spec.shape.kind === 'flat' && spec.arrivals === 'constant') return evenTimes(spec);
  const times: number[] = [];
  const arrivals = spec.arrivals === 'constant' ? evenArrivals() : poissonArrivals(spec.seed);
  let next = arrivals();
  for (const piece of piecesOf(spec)) {
    const within = ((piece.fromRate + piece.toRate) / 2) * (piece.lengthUs / 1e6);
    for (; next < piece.before + within; next = arrivals())
      times.push(piece.startUs + reachedAfterUs(piece, next - piece.before));
  }
  return Float64Array.from(times);
}

function evenTimes({ ratePerSecond, warmupMs, measureMs }: ScheduleSpec): Float64Array {
  const endUs = (warmupMs + measureMs) * 1000;
  // Not endUs / gapUs: for rates without a finite binary period the quotient may fall on either side of a whole number.
  const count = Math.ceil((endUs * ratePerSecond) / 1e6);
  return Float64Array.from({ length: count }, (_, k) => (k * 1e6) / ratePerSecond);
}

function evenArrivals(): () => number {
  let k = -1;
  return () => (k += 1);
}

function poissonArrivals(seed: number): () => number {
  const random = mulberry32(seed);
  let sum = 0;
  return () => (sum -= Math.log(1 - random()));
}

/** A part of the schedule in which the rate goes evenly from one value to another. */
interface Piece {
  readonly startUs: number;
  readonly lengthUs: number;
  /** Requests a second. */
  readonly fromRate: number;
  readonly toRate: number;
  /** Requests due before it, with a fraction. */
  readonly before: number;
}

function piecesOf({ ratePerSecond, warmupMs, measureMs, shape }: ScheduleSpec): Piece[] {
  const parts: readonly (readonly [lengthMs: number, from: number, to: number])[] =
    shape.kind === 'flat'
      ? [[warmupMs + measureMs, 1, 1]]
      : shape.kind === 'ramp'
        ? [
            [warmupMs, shape.from, shape.from],
            [measureMs, shape.from, shape.to],
          ]
        : [
            [warmupMs, shape.shares[0] ?? 1, shape.shares[0] ?? 1],
            ...shape.shares.map((share) => [measureMs / shape.shares.length, share, share] as const),
          ];
  let startUs = 0;
  let before = 0;
  return parts.map(([lengthMs, from, to]) => {
    const lengthUs = lengthMs * 1000;
    const piece = { startUs, lengthUs, fromRate: from * ratePerSecond, toRate: to * ratePerSecond, before };
    startUs += lengthUs;
    before += (((from + to) / 2) * ratePerSecond * lengthMs) / 1000;
    return piece;
  });
}

/** How long after its start a piece has added up to so many requests: the root of a t² / 2 + rate t = n, in the form that keeps its digits. */
function reachedAfterUs({ fromRate, toRate, lengthUs }: Piece, requests: number): number {
  const seconds = lengthUs / 1e6;
  const slope = (toRate - fromRate) / seconds;
  const root = Math.sqrt(Math.max(0, fromRate ** 2 + 2 * slope * requests));
  return requests === 0 ? 0 : Math.min(lengthUs, ((2 * requests) / (fromRate + root)) * 1e6);
}
