import { seededIndices } from '../random.js';
import { medianOf } from '../student.js';

/** A measured quantity of one case. Times in microseconds, shares 0 to 1. */
export interface MeasuredRow {
  readonly value: number;
  /** 95 % interval over the requests (or groups of them) that it is made of. */
  readonly low: number;
  readonly high: number;
  /** What it is made of: requests, attempts or groups. */
  readonly count: number;
}

/**
 * Why there is no quantity that speaks for or against anybody. `beyond-phase`: it is more than could be seen, and `value` is how much that was.
 * `not-offered`: the maker documents no such thing, so that it is neither failed nor unmeasured; `value` is what was measured all the same.
 */
export interface RowAbsence {
  readonly state: 'cannot-tell' | 'nothing-seen' | 'beyond-phase' | 'not-offered';
  readonly reason: string;
  readonly value?: number | undefined;
}

/** A row of a case. */
export type ConductRow = MeasuredRow | RowAbsence;

/** Standard normal quantile of 97.5 %. */
const Z = 1.959964;
const DRAWS = 500;
const SEED = 1;

/** Whether a row is a quantity. */
export function isMeasured(row: ConductRow): row is MeasuredRow {
  return !('state' in row);
}

/** Nothing that the row is about happened. */
export function nothingSeen(reason: string): RowAbsence {
  return { state: 'nothing-seen', reason };
}

/** A share with Wilson's score interval, which holds for few and for shares of 0 and 1. */
export function shareRow(hits: number, count: number, about: string): ConductRow {
  if (count === 0) return nothingSeen(`there were no ${about}`);
  const share = hits / count;
  const centre = (share + Z ** 2 / (2 * count)) / (1 + Z ** 2 / count);
  const half = (Z / (1 + Z ** 2 / count)) * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  // At the ends rounding would leave the value outside of its interval.
  const [low, high] = [Math.max(0, centre - half), Math.min(1, centre + half)];
  return { value: share, low: Math.min(low, share), high: Math.max(high, share), count };
}

/** A statistic of several units with a percentile interval of the bootstrap: units are drawn whole, with replacement, seeded. */
export function statisticRow<T>(units: readonly T[], of: (units: readonly T[]) => number, about: string): ConductRow {
  if (units.length === 0) return nothingSeen(`there were no ${about}`);
  const random = seededIndices(SEED);
  const drawn = Array.from({ length: DRAWS }, () => of(Array.from(units, () => units[random(units.length)] as T))).sort(
    (a, b) => a - b,
  );
  const value = of(units);
  const [low, high] = [drawn[Math.floor(DRAWS * 0.025)], drawn[Math.ceil(DRAWS * 0.975) - 1]] as [number, number];
  return { value, low: Math.min(low, value), high: Math.max(high, value), count: units.length };
}

/** The median with its interval. */
export function medianRow(values: readonly number[], about: string): ConductRow {
  return statisticRow(values, medianOf, about);
}

/** A single moment that was seen; its interval is what the spacing of the requests leaves open. */
export function momentRow(valueUs: number, resolutionUs: number): MeasuredRow {
  return { value: valueUs, low: Math.max(0, valueUs - resolutionUs), high: valueUs + resolutionUs, count: 1 };
}
