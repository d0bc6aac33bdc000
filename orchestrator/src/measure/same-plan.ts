import { BenchError, EXIT } from '../errors.js';
import type { Plan } from '../plan/plan.js';
import type { Manifest } from '../record/manifest.js';

/**
 * Refuses to put trials of two different plans into one directory.
 * @throws BenchError `resume-differs` with every difference
 */
export function checkSamePlan(
  plan: Plan,
  manifest: Manifest,
  versions: Readonly<Record<string, string>>,
  targets: Manifest['targets'],
  pinning?: Manifest['pinning'],
): void {
  const differences = [
    ...Object.keys(manifest.versions)
      .filter((name) => manifest.versions[name] !== versions[name])
      .map((name) => `${name} was ${showValue(manifest.versions[name])} and is ${showValue(versions[name])} now`),
    ...(JSON.stringify(manifest.pinning) === JSON.stringify(pinning)
      ? []
      : [`pinning was ${showValue(manifest.pinning)} and is ${showValue(pinning)} now`]),
    ...manifest.targets.flatMap((before) =>
      targetDifferences(
        before,
        targets.find(({ name }) => name === before.name),
      ),
    ),
  ];
  if (differences.length === 0 && plan.digest !== manifest.planDigest)
    differences.push('the plan is laid out differently (another version of the scenarios or the catalogue)');
  if (differences.length > 0) throw resumeDiffers(differences);
}

function targetDifferences(
  before: Manifest['targets'][number],
  now: Manifest['targets'][number] | undefined,
): string[] {
  if (now === undefined) return [`${before.name} is not asked for any more`];
  if ((before.absent === null) !== (now.absent === null)) {
    return [
      before.absent === null
        ? `${before.name} cannot be had now: ${now.absent?.message ?? ''}`
        : `${before.name} was absent and can be had now`,
    ];
  }
  const ran = (target: Manifest['targets'][number]): string => `${target.version ?? '?'} ${target.digest ?? ''}`.trim();
  return [
    ...(ran(before) === ran(now) ? [] : [`${before.name} was ${ran(before)} and is ${ran(now)} now`]),
    // Records of versions that kept no digest say nothing.
    ...(before.configuration === undefined || before.configuration === now.configuration
      ? []
      : [`${before.name} is configured otherwise now (its entry, a file that it mounts, or a helper)`]),
  ];
}

/** What is said of a run that cannot go on. */
export function resumeDiffers(differences: readonly string[]): BenchError {
  return new BenchError({
    code: 'resume-differs',
    message: `The run cannot be resumed: ${differences.join('; ')}.`,
    hint: 'Restore that, or start a new run without --resume (the old one is kept in earlier/).',
    exitCode: EXIT.usage,
  });
}

/** A value of then or now. */
export function showValue(value: unknown): string {
  return value === undefined ? 'not given' : JSON.stringify(value);
}
