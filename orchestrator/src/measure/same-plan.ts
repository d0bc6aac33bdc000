import { BenchError, EXIT } from '../errors.js';
import type { Plan } from '../plan/plan.js';
import type { Manifest } from '../record/manifest.js';
import type { StoredRun } from '../record/run-directory.js';
import type { RawOptions } from '../cli/options/command.js';

/** Options that do not change what is measured and may be given anew. */
const FREE = ['resume', 'output', 'budget', 'chart', 'png', 'html', 'markdown', 'json'];

/**
 * The options of the interrupted run, so that `--resume` needs no others.
 * @throws BenchError `resume-differs` when one given now says something else
 */
export function resumedOptions(given: RawOptions, stored: StoredRun): RawOptions {
  const before = stored.manifest.options;
  const differing = Object.keys(given).filter(
    (name) => !FREE.includes(name) && JSON.stringify(given[name]) !== JSON.stringify(before[name]),
  );
  if (differing.length > 0) {
    throw differs(differing.map((name) => `--${name} was ${show(before[name])} and is ${show(given[name])} now`));
  }
  return { ...before, ...given };
}

/**
 * Refuses to put trials of two different plans into one directory.
 * @throws BenchError `resume-differs` with every difference
 */
export function checkSamePlan(
  plan: Plan,
  manifest: Manifest,
  versions: Readonly<Record<string, string>>,
  targets: Manifest['targets'],
): void {
  const differences = [
    ...Object.keys(manifest.versions)
      .filter((name) => manifest.versions[name] !== versions[name])
      .map((name) => `${name} was ${show(manifest.versions[name])} and is ${show(versions[name])} now`),
    ...manifest.targets.flatMap((before) =>
      targetDifferences(
        before,
        targets.find(({ name }) => name === before.name),
      ),
    ),
  ];
  if (differences.length === 0 && plan.digest !== manifest.planDigest)
    differences.push('the plan is laid out differently (another version of the scenarios or the catalogue)');
  if (differences.length > 0) throw differs(differences);
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
  return ran(before) === ran(now) ? [] : [`${before.name} was ${ran(before)} and is ${ran(now)} now`];
}

function differs(differences: readonly string[]): BenchError {
  return new BenchError({
    code: 'resume-differs',
    message: `The run cannot be resumed: ${differences.join('; ')}.`,
    hint: 'Restore that, or start a new run without --resume (the old one is kept in earlier/).',
    exitCode: EXIT.usage,
  });
}

function show(value: unknown): string {
  return value === undefined ? 'not given' : JSON.stringify(value);
}
