import { cellKey, formatLevel } from './cell.js';
import type { Manifest } from './manifest.js';
import type { TrialRecord } from './trial.js';

/** One trial of a run, as a person would name it: `crabllm chat-stream 500 rps, block 3`. */
export function describeTrial({ target, replica, scenario, level, block }: TrialIdentity): string {
  return `${target}${replica === 2 ? ' (again)' : ''} ${scenario} ${formatLevel(level)}, block ${block}`;
}

type TrialIdentity = Pick<TrialRecord, 'target' | 'replica' | 'scenario' | 'level' | 'block'>;

/**
 * What a run's records hold other than its manifest says: trials that are missing, that nobody planned, or that were measured again
 * although the first could be used. A run that was interrupted may miss some; a finished one may not, or whoever sends it could leave
 * out what displeases.
 */
export function misplannedTrials(manifest: Manifest, trials: readonly TrialRecord[]): string[] {
  const planned = new Set(plannedTrials(manifest).map(keyOf));
  const seen = new Map<string, TrialRecord>();
  const faults: string[] = [];
  for (const trial of trials) {
    const key = keyOf(trial);
    const before = seen.get(key);
    if (!planned.has(key) && !isRepeat(manifest, trial, trials))
      faults.push(`${describeTrial(trial)}: nobody planned it`);
    if (before !== undefined && before.state !== 'void')
      faults.push(`${describeTrial(trial)}: recorded twice, though the first was ${before.state}`);
    seen.set(key, trial);
  }
  const missing = manifest.complete ? missingTrials(manifest, trials) : [];
  return [...faults, ...missing.map((trial) => `${trial}: missing`)];
}

/** Trials of the plan that have no record, each as a person would name it. */
export function missingTrials(manifest: Manifest, trials: readonly TrialRecord[]): string[] {
  const seen = new Set(trials.map(keyOf));
  return plannedTrials(manifest)
    .filter((trial) => !seen.has(keyOf(trial)))
    .map(describeTrial);
}

/** A block behind the planned ones holds void trials once more, with `direct` beside; in a run of a pair, with the other side. */
function isRepeat({ blocks, targets, paired }: Manifest, trial: TrialRecord, trials: readonly TrialRecord[]): boolean {
  if (trial.block <= blocks) return false;
  const { repeats } = trial;
  if (repeats !== undefined) {
    const first = trials.find((other) => keyOf(other) === keyOf({ ...trial, block: repeats }));
    return first?.state === 'void';
  }
  return (
    targets.some(({ name, kind }) => name === trial.target && (kind === 'direct' || paired !== undefined)) &&
    trials.some(
      (other) =>
        other.block === trial.block &&
        other.repeats !== undefined &&
        cellKey({ ...other, target: '' }) === cellKey({ ...trial, target: '' }),
    )
  );
}

function plannedTrials({ blocks, targets, scenarios }: Manifest): TrialIdentity[] {
  return Array.from({ length: blocks }, (_, i) => i + 1).flatMap((block) =>
    targets
      .filter(({ absent }) => absent === null)
      .flatMap(({ name: target, kind }) =>
        (kind === 'direct' ? ([1, 2] as const) : ([1] as const)).flatMap((replica) =>
          scenarios.flatMap(({ name: scenario, levels }) =>
            levels.map((level) => ({ block, target, replica, scenario, level })),
          ),
        ),
      ),
  );
}

function keyOf(trial: TrialIdentity): string {
  return `${cellKey(trial)} ${trial.block} ${trial.replica}`;
}
