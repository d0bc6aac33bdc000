import { Histogram, type SparseHistogram } from '../record/histogram.js';
import type { QuantileName } from '../record/summary.js';
import type { Distribution } from '../record/trial.js';
import { PROBABILITY, quantileOf } from './quantile.js';

/** The distributions of one block: one a trial, so two for `direct`. */
export type BlockSample = readonly Distribution[];

/** Everything a block's trials saw, in one histogram; null when a driver gave none. */
export function mergeBlock(block: BlockSample): SparseHistogram | null {
  const [only, ...others] = block;
  if (only !== undefined && others.length === 0) return mergeTrial(only);
  const merged = new Histogram();
  for (const trial of block) {
    const histogram = mergeTrial(trial);
    if (histogram === null) return null;
    merged.merge(histogram);
  }
  return merged.toSparse();
}

/** Kept as long as the trials are: each quantile and each comparison with `direct` asks again, and merging was most of analysis' time. */
const mergedTrials = new WeakMap<Distribution, SparseHistogram>();

function mergeTrial(trial: Distribution): SparseHistogram | null {
  if (trial.seconds === null) return null;
  const known = mergedTrials.get(trial);
  if (known !== undefined) return known;
  const merged = new Histogram();
  for (const second of trial.seconds) merged.merge(second);
  const sparse = merged.toSparse();
  mergedTrials.set(trial, sparse);
  return sparse;
}

/** The quantile of one trial, microseconds: from its histograms, else what the driver says; null where the driver saw nothing. */
export function trialQuantile(trial: Distribution, name: QuantileName): number | null {
  const histogram = mergeBlock([trial]);
  if (histogram === null) return trial.quantiles[name];
  return histogram.length === 0 ? null : quantileOf(histogram, PROBABILITY[name]);
}

/** The seconds of some trials that hold anything. */
export function busySeconds(trials: BlockSample): SparseHistogram[] {
  return trials.flatMap(({ seconds }) => seconds ?? []).filter((second) => second.length > 0);
}
