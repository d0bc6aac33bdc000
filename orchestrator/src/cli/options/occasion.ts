import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import { flagOption, type RawOptions, textOption, valueOf } from './command.js';
import { CONDUCT_GROUP } from './conduct.js';

/** The occasion of a run: whether it is only planned, goes on with another, or waits for its turn. */
export interface OccasionOptions {
  readonly dryRun: boolean;
  readonly resume: boolean;
  /** Whether it waits for the end of other runs on this host. */
  readonly wait: boolean;
}

/** yargs' description of the options that say on which occasion; values are checked by {@link readOccasion}. */
export function occasionOptions(group: string): Readonly<Record<string, Options>> {
  return {
    require: textOption(group, `Of --group ${CONDUCT_GROUP}: limits that fail it, e.g. "conduct.amplification<=1.5"`),
    commit: textOption(
      group,
      'Keep in run.json which commit is measured: history links those between which a figure changed',
    ),
    resume: flagOption(group, 'Go on with the interrupted run in the output directory'),
    wait: flagOption(group, 'Wait until no other run measures on this host'),
    'dry-run': flagOption(group, 'Print the whole plan and stop'),
  };
}

/**
 * Checks the options that say on which occasion.
 * @throws BenchError `bad-value` for what is of another group, and for a commit that is none
 */
export function readOccasion(raw: RawOptions): OccasionOptions {
  if (valueOf(raw, 'require') !== undefined)
    throw usageError(
      'bad-value',
      `--require is of --group ${CONDUCT_GROUP} alone.`,
      'Of other runs: crabllm-bench compare --fail-on, and --slo of --find-capacity.',
    );
  checkCommit(raw);
  return {
    dryRun: raw['dry-run'] === true,
    resume: raw['resume'] === true,
    wait: raw['wait'] === true,
  };
}

/** A name is what a branch moves on from; only the commit's own name says later what was measured. */
function checkCommit(raw: RawOptions): void {
  const commit = valueOf(raw, 'commit');
  if (commit === undefined || /^[0-9a-f]{7,64}$/i.test(commit)) return;
  throw usageError(
    'bad-value',
    `--commit ${JSON.stringify(commit)} is no name of a commit.`,
    'Give 7 to 64 hexadecimal digits: --commit "$(git rev-parse HEAD)".',
  );
}
