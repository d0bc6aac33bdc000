import type { QuantileName } from '../record/summary.js';
import { type BlockSample, trialQuantile } from './merged.js';
import { PROBABILITY } from './quantile.js';
import { meanOf } from './student.js';
import type { Distribution } from '../record/trial.js';

/** A whole microsecond is the resolution of a record; half of one is the least that a logarithm is taken of. */
export const LEAST_US = 0.5;

/**
 * A quantile of a cell in each of its blocks, microseconds: what everything that is said of blocks starts from. Of two trials in a block
 * (of `direct`) it is the geometric mean. Blocks too small for the quantile are left out.
 */
export function figuresByBlock(blocks: ReadonlyMap<number, BlockSample>, name: QuantileName): Map<number, number> {
  return new Map(
    [...blocks].flatMap(([block, trials]) => {
      const value = blockQuantile(trials, name);
      return value === null ? [] : [[block, value] as const];
    }),
  );
}

/** The same of the trials of one block; null where none is large enough. */
export function blockQuantile(trials: BlockSample, name: QuantileName): number | null {
  const values = trials.map((trial) => quantileIn(trial, name)).filter((value) => value !== null);
  if (values.length === 0) return null;
  return values.every((value) => value > 0) ? geometricMean(values) : meanOf(values);
}

/** Of durations: less than {@link LEAST_US} counts as that. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(meanOf(values.map((value) => Math.log(Math.max(LEAST_US, value)))));
}

/** Null as well when the trial is so short that its quantile would be its maximum. */
export function quantileIn(trial: Distribution | undefined, name: QuantileName): number | null {
  if (trial === undefined || trial.count * (1 - PROBABILITY[name]) < 1 - 1e-9) return null;
  return trialQuantile(trial, name);
}
