import { cellKey } from './cell.js';
import type { Manifest } from './manifest.js';
import { describeTrial } from './planned-trials.js';
import type { TrialRecord } from './trial.js';

/** The trial that was measured at the same time as another; null: it was alone, or the other's record is not there. */
export function otherSideOf(trial: TrialRecord, trials: readonly TrialRecord[]): TrialRecord | null {
  const { paired } = trial;
  if (paired === undefined) return null;
  return trials.find((other) => other !== trial && other.paired?.id === paired.id) ?? null;
}

/**
 * The records of a run, less the last where that is one side of a pair and the run ended before the other side's was written: it has nothing
 * to be held against, and both are measured anew. What is recorded of a pair is recorded of both sides at once, so only the last can be alone.
 */
export function withoutLoneHalf(
  { paired }: Pick<Manifest, 'paired'>,
  trials: readonly TrialRecord[],
): readonly TrialRecord[] {
  const last = trials.at(-1);
  if (paired === undefined || last === undefined) return trials;
  const isWhole = trials.some((other) => other.target !== last.target && placeOf(other) === placeOf(last));
  return isWhole ? trials : trials.slice(0, -1);
}

/**
 * Where the records of a run contradict each other, or its manifest, about what was measured at the same time: two of another block or cell,
 * three, one alone, two with the same turn.
 */
export function mispairedTrials({ paired }: Pick<Manifest, 'paired'>, trials: readonly TrialRecord[]): string[] {
  return trials.flatMap((trial): string[] => {
    const fault = faultOf(paired, trial, trials);
    return fault === null ? [] : [`${describeTrial(trial)}: ${fault}`];
  });
}

function faultOf(pair: Manifest['paired'], trial: TrialRecord, trials: readonly TrialRecord[]): string | null {
  const { paired, load } = trial;
  if (pair === undefined)
    return paired === undefined ? null : `measured beside ${paired.with}, and the run has no pair`;
  if (paired === undefined)
    return load === null ? null : `measured alone, and the run is of ${pair.a} and ${pair.b} together`;
  const others = trials.filter((other) => other !== trial && other.paired?.id === paired.id);
  const [other] = others;
  if (other === undefined || others.length > 1) return `measured beside ${others.length} trials, and it takes one`;
  if ([trial.target, other.target].toSorted().join() !== [pair.a, pair.b].toSorted().join())
    return `measured beside ${other.target}, and the run is of ${pair.a} and ${pair.b}`;
  if (paired.with !== other.target) return `measured beside ${paired.with} as it says, and beside ${other.target}`;
  if (placeOf(trial) !== placeOf(other)) return `measured beside ${describeTrial(other)}`;
  return paired.turn === other.paired?.turn ? `has turn ${paired.turn}, and so has ${other.target}` : null;
}

function placeOf(trial: TrialRecord): string {
  return `${trial.block} ${cellKey({ ...trial, target: '' })}`;
}
