import type { ComparedMeasure } from '../../record/comparison.js';
import type { Estimate } from '../../record/summary.js';
import { meanOf, standardDeviation, studentT975, studentTwoSided } from '../student.js';

/** A quantity's figure in each block, on either side. */
export interface SeriesPair {
  readonly a: ReadonlyMap<number, number>;
  readonly b: ReadonlyMap<number, number>;
  readonly by: ComparedMeasure['by'];
  readonly unit: ComparedMeasure['unit'];
  /** What direct and direct differ by in this quantity; null where no block holds both, and then nothing can be told. */
  readonly floor: number | null;
  /** What a change is a share of when it is asked whether it is large enough to be felt. */
  readonly reference: number;
}

/** How far b is from a. */
export interface Change {
  readonly a: number;
  readonly b: number;
  readonly change: Estimate;
  /** How likely as much is when they differ by the noise floor at most, 0 to 1. */
  readonly p: number;
  readonly blocks: number;
}

/**
 * The change with its 95 % interval: within blocks by Student's t over the differences, between runs by Welch's t with the
 * Welch–Satterthwaite degrees of freedom rounded down. Null without two blocks on each side.
 */
export function changeOf({ a, b, floor }: SeriesPair, paired: boolean): Change | null {
  const common = [...a.keys()].filter((block) => b.has(block));
  const [ofA, ofB] = paired
    ? [common.map((block) => a.get(block) as number), common.map((block) => b.get(block) as number)]
    : [[...a.values()], [...b.values()]];
  if (ofA.length < 2 || ofB.length < 2) return null;
  const { error, degrees } = paired ? pairedError(ofA, ofB) : welchError(ofA, ofB);
  const value = meanOf(ofB) - meanOf(ofA);
  const reach = studentT975(degrees) * error;
  const beyond = floor === null ? 0 : Math.abs(value) - floor;
  return {
    a: meanOf(ofA),
    b: meanOf(ofB),
    change: { value, low: value - reach, high: value + reach },
    p: beyond <= 0 ? 1 : error === 0 ? 0 : studentTwoSided(beyond / error, degrees),
    blocks: Math.min(ofA.length, ofB.length),
  };
}

function pairedError(a: readonly number[], b: readonly number[]): { error: number; degrees: number } {
  const differences = b.map((value, i) => value - (a[i] as number));
  return { error: standardDeviation(differences) / Math.sqrt(differences.length), degrees: differences.length - 1 };
}

function welchError(a: readonly number[], b: readonly number[]): { error: number; degrees: number } {
  const [va, vb] = [standardDeviation(a) ** 2 / a.length, standardDeviation(b) ** 2 / b.length];
  const variance = va + vb;
  if (variance === 0) return { error: 0, degrees: a.length + b.length - 2 };
  const degrees = variance ** 2 / (va ** 2 / (a.length - 1) + vb ** 2 / (b.length - 1));
  return { error: Math.sqrt(variance), degrees: Math.max(1, Math.floor(degrees)) };
}
