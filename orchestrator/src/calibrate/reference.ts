import { analyse } from '../analyse/analyse.js';
import type { Manifest } from '../record/manifest.js';
import type { StoredRun } from '../record/run-directory.js';
import type { Summary } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';

/** Two targets that take the place of `direct`'s two. */
export type ReferencePair = readonly [first: string, second: string];

/**
 * The suite's own judgement with two equal targets in the place of `direct`: what it then calls the overhead of a target is the
 * difference from them, with its interval, its noise floor and its verdict. The mock itself takes no part.
 */
export function analyseAgainst({ manifest, trials }: StoredRun, [first, second]: ReferencePair): Summary {
  const others = manifest.targets.filter(({ name, kind }) => kind !== 'direct' && name !== first && name !== second);
  const reference = manifest.targets.find(({ name }) => name === first);
  if (reference === undefined) throw new RangeError(`${first} is no target of the run`);
  const renamed: Manifest = {
    ...manifest,
    targets: [{ ...reference, name: 'direct', kind: 'direct' as const }, ...others],
  };
  return analyse(
    renamed,
    trials.flatMap((trial): TrialRecord[] => {
      if (trial.target === first) return [{ ...trial, target: 'direct', replica: 1 }];
      if (trial.target === second) return [{ ...trial, target: 'direct', replica: 2 }];
      return others.some(({ name }) => name === trial.target) ? [trial] : [];
    }),
  );
}

/** Several runs of one plan as one run: the blocks of the second follow those of the first. */
export function asOneRun(runs: readonly StoredRun[]): StoredRun {
  const [first] = runs;
  if (first === undefined) throw new RangeError('no run');
  let blocks = 0;
  const trials = runs.flatMap((run) => {
    const before = blocks;
    // Blocks in which void trials were measured again come behind the planned ones.
    blocks += Math.max(run.manifest.blocks, ...run.trials.map(({ block }) => block));
    return run.trials.map((trial) => ({
      ...trial,
      block: trial.block + before,
      ...(trial.repeats === undefined ? {} : { repeats: trial.repeats + before }),
    }));
  });
  return { manifest: { ...first.manifest, blocks, complete: runs.every(({ manifest }) => manifest.complete) }, trials };
}
