import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BenchError, messageOf, usageError } from '../errors.js';
import { holdsConduct } from './conduct-directory.js';
import { gitPlaceOf, runsOfBranch } from './git-runs.js';
import { holdsRun, readRun, type StoredRun } from './run-directory.js';

/** A directory that is not part of a history, with the reason. */
export interface LeftOut {
  readonly directory: string;
  readonly reason: string;
}

/** A run that has ended, or why there is none. */
export type FoundRun = MeasuredRun | LeftOut;

interface MeasuredRun {
  readonly directory: string;
  readonly run: StoredRun;
  /** What was measured, as the run or the commit that brought it says; null where neither does. */
  readonly commit: string | null;
}

/** Where a run may be. */
interface RunPlace {
  readonly directory: string;
  /** By the commit that brought it. */
  readonly commit: string | null;
  readonly read: () => StoredRun;
}

/**
 * The runs below the directories, one after the other, so that only one is held in memory: each is a run directory, a folder of them, or a
 * branch with one a commit (`git:BRANCH:FOLDER`).
 * What cannot be read is told and passed over; so is a run that has not ended, and one that was found already.
 * @param words as they were given
 * @throws BenchError `run-missing` for a word that is none of them, `git-unreadable`
 */
export function* runsBelow(words: readonly string[]): Generator<FoundRun> {
  const seen = new Map<string, string>();
  for (const place of words.flatMap(placesOf)) {
    const { directory } = place;
    const found = readEnded(place);
    if ('run' in found) {
      const before = seen.get(found.run.manifest.id);
      if (before !== undefined) {
        yield { directory, reason: `run ${found.run.manifest.id} again, as in ${before}` };
        continue;
      }
      seen.set(found.run.manifest.id, directory);
    }
    yield found;
  }
}

function placesOf(word: string): RunPlace[] {
  const branch = gitPlaceOf(word);
  if (branch !== null) return runsOfBranch(branch);
  return directoriesOf(word, holdsRun).map((directory) => ({
    directory,
    commit: null,
    read: () => readRun(resolve(directory)),
  }));
}

/**
 * Where runs may be, those of `--group conduct` among them: each word itself, or the folders in it, whatever they hold.
 * @throws BenchError `run-missing` for a word that is neither a run directory nor a folder with one
 */
export function runDirectoriesBelow(words: readonly string[]): string[] {
  return words.flatMap((word) => directoriesOf(word, (directory) => holdsRun(directory) || holdsConduct(directory)));
}

function directoriesOf(word: string, holds: (directory: string) => boolean): string[] {
  if (holds(resolve(word))) return [word];
  if (statSync(resolve(word), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw missing(word, 'is no directory');
  const below = readdirSync(resolve(word), { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && !entry.isFile())
    .map(({ name }) => join(word, name))
    .toSorted();
  if (!below.some((directory) => holds(resolve(directory))))
    throw missing(word, 'holds no run, nor a folder that does');
  return below;
}

function missing(word: string, what: string): BenchError {
  return usageError('run-missing', `${word} ${what}.`, 'Give run directories, or a folder of run directories.');
}

function readEnded({ directory, commit, read }: RunPlace): FoundRun {
  try {
    const run = read();
    const { finishedAt, startedAt, options } = run.manifest;
    const recorded = typeof options['commit'] === 'string' ? options['commit'] : null;
    if (finishedAt === null) return { directory, reason: 'has not ended: it is being measured, or was cut off' };
    if (Number.isNaN(Date.parse(startedAt))) return { directory, reason: `began at no time: ${startedAt}` };
    return run.trials.length === 0
      ? { directory, reason: 'a run without a single trial' }
      : { directory, run, commit: recorded ?? commit };
  } catch (cause) {
    if (!(cause instanceof BenchError) && !(cause instanceof Error && 'code' in cause)) throw cause;
    return { directory, reason: messageOf(cause).replaceAll(/\s+/g, ' ') };
  }
}
