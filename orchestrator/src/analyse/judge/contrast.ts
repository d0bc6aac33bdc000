import { meanOf, studentT975, studentTwoSided } from '../student.js';
import { type Spread, spreadOf } from './spread.js';

/** A mean over blocks on the scale on which they vary least, most often a logarithm, with what is known of it. */
export interface Contrast {
  readonly mean: number;
  /** Bounds of its 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** The standard error, and the degrees of freedom by which it is known. */
  readonly error: number;
  readonly degrees: number;
  /** How likely as much is when the true mean is 0, 0 to 1. */
  readonly p: number;
}

/** Beyond, Student's t is the normal law. */
const MOST_DEGREES = 1000;

/**
 * What paired differences say, one a block (or a pair of requests at the same time): Student's t about their mean. The one test that
 * everything is judged by: above `direct`, places, two runs.
 * @param differences of logarithms, so that a factor is what is judged
 * @param spread their variance where others lend it (see {@link moderate}), else their own
 * @returns null where there is no spread: fewer than two differences and none lent
 */
export function contrastOf(
  differences: readonly number[],
  spread: Spread | null = spreadOf(differences),
): Contrast | null {
  if (spread === null || differences.length === 0) return null;
  return contrastWith(meanOf(differences), Math.sqrt(spread.variance / differences.length), spread.degrees);
}

/** The same of a mean and its standard error, where they come from elsewhere. */
export function contrastWith(mean: number, error: number, degrees: number): Contrast {
  const whole = Math.min(MOST_DEGREES, Math.max(1, Math.floor(degrees)));
  const reach = studentT975(whole) * error;
  const p = error === 0 ? (mean === 0 ? 1 : 0) : studentTwoSided(mean / error, whole);
  return { mean, low: mean - reach, high: mean + reach, error, degrees: whole, p };
}

/** The degrees of freedom of a sum of independent variances (Welch 1947; Satterthwaite 1946). */
export function sumOfSpreads(parts: readonly Spread[]): Spread {
  const variance = parts.reduce((sum, part) => sum + part.variance, 0);
  const squares = parts.reduce((sum, part) => sum + part.variance ** 2 / part.degrees, 0);
  return { variance, degrees: squares === 0 ? Number.MAX_SAFE_INTEGER : variance ** 2 / squares };
}
