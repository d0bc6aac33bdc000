import {
  closeSync,
  constants,
  accessSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BenchError, EXIT, messageOf, usageError } from '../errors.js';
import { exitOfPlace } from '../place-fault.js';
import { type Manifest, manifestSchema } from './manifest.js';
import { withoutLoneHalf } from './pairs.js';
import { digestOf } from './trial-files.js';
import { type TrialFile, type TrialRecord, trialRecordSchema } from './trial.js';

/** The manifest's file. */
export const MANIFEST = 'run.json';
/** The file of the records, one line a trial. */
export const TRIALS = 'trials.jsonl';

/** A run as it lies on disk. */
export interface StoredRun {
  readonly manifest: Manifest;
  readonly trials: readonly TrialRecord[];
}

/** Whether a directory holds a run of this program. */
export function holdsRun(directory: string): boolean {
  return existsSync(join(directory, MANIFEST));
}

/** Whether the trials of a run lie in its directory; an ended run without them was copied by half. */
export function holdsTrials(directory: string): boolean {
  return existsSync(join(directory, TRIALS));
}

/**
 * Reads a run directory. A last line of `trials.jsonl` that a crash cut short is left out, and so is one side of a pair without the other
 * behind which a run ended; any other damage is an error.
 * @throws BenchError `run-missing`, `run-damaged`
 */
export function readRun(directory: string): StoredRun {
  return runOf(directory, readManifest(directory), textOf(join(directory, TRIALS)));
}

/**
 * The same of the texts of both files, wherever they are kept.
 * @param place names where, for whoever has to find them
 * @param trials empty where there is no such file
 * @throws BenchError `run-damaged`
 */
export function parseRun(place: string, manifest: string, trials: string): StoredRun {
  return runOf(place, parseFile(join(place, MANIFEST), manifest, manifestSchema), trials);
}

function runOf(place: string, manifest: Manifest, text: string): StoredRun {
  const complete = text.split('\n').slice(0, -1);
  const trials = complete.map((line, i) => parseFile(`${join(place, TRIALS)}:${i + 1}`, line, trialRecordSchema));
  return { manifest, trials: withoutLoneHalf(manifest, trials) };
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/**
 * Reads what a run says of itself, without its trials.
 * @throws BenchError `run-missing`, `run-damaged`
 */
export function readManifest(directory: string): Manifest {
  if (!holdsRun(directory))
    throw usageError(
      'run-missing',
      `${directory} holds no run: there is no ${MANIFEST}.`,
      'Give a directory that a run was written to.',
    );
  return parseFile(join(directory, MANIFEST), readFileSync(join(directory, MANIFEST), 'utf8'), manifestSchema);
}

/** What a trial's files are named after. */
export interface NamedTrial extends Pick<TrialRecord, 'target' | 'replica' | 'scenario' | 'level' | 'block'> {
  /** Whether the block stands in the name: in a run of one block it is left out, as the original suite names its files. */
  readonly numbered: boolean;
}

/** What the names of a trial's files begin with, when it is written. Of a trial that was: {@link baseNameOf}. */
export function trialFileName({ target, replica, scenario, level, block, numbered }: NamedTrial): string {
  const loop = scenario === 'concurrent-streams' ? 'concurrent' : `${scenario}-closed`;
  const subject = level.kind === 'streams' ? `${loop}-${level.value}` : `${scenario}-${level.value}rps`;
  // A colon, as in crabllm:mine, is refused by what keeps files of a forge's CI.
  return `${target.replaceAll(':', '~')}${replica === 2 ? '-again' : ''}-${subject}${numbered ? `.b${block}` : ''}`;
}

/** With its parents. Not by `recursive`, which never returns where a folder that is there refuses with ENOENT, as /proc does. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(dirname(directory));
  mkdirSync(directory);
}

/** Writes a run directory. Every trial is on disk before the next one starts. */
export class RunWriter {
  readonly directory: string;

  /**
   * Makes sure that the directory can be written to.
   * @throws BenchError `output-unwritable`
   */
  constructor(directory: string) {
    this.directory = directory;
    try {
      makeDirectory(directory);
      accessSync(directory, constants.W_OK);
      // Access rights say nothing about a read-only file system or an administrator's shell: only a write does.
      writeFileSync(join(directory, '.probe'), '');
      rmSync(join(directory, '.probe'));
    } catch (cause) {
      throw new BenchError({
        code: 'output-unwritable',
        message: `Cannot write to the output directory ${directory}: ${messageOf(cause)}.`,
        hint: 'Choose another with --output DIR, or make it writable.',
        exitCode: exitOfPlace(cause),
        cause,
      });
    }
  }

  /** Replaces the manifest at once (a reader sees the old or the new one, never half). */
  writeManifest(manifest: Manifest): void {
    this.writeJson(MANIFEST, manifestSchema.parse(manifest));
  }

  /** Writes a file of JSON, replacing it at once. */
  writeJson(name: string, value: unknown): void {
    this.writeFile(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  /** Writes a file that belongs to a trial. @returns what the trial's record says of it */
  writeTrialFile(name: string, content: string | Uint8Array): TrialFile {
    this.writeFile(name, content);
    return { name, sha256: digestOf(content) };
  }

  /** Writes a file below the directory, replacing it at once. */
  writeFile(name: string, content: string | Uint8Array): void {
    const path = join(this.directory, name);
    this.#guard(() => {
      mkdirSync(dirname(path), { recursive: true });
      try {
        writeFileSync(`${path}.part`, content);
        renameSync(`${path}.part`, path);
      } catch (cause) {
        rmSync(`${path}.part`, { force: true });
        throw cause;
      }
    });
  }

  /** Begins `trials.jsonl` anew. */
  clearTrials(): void {
    this.#guard(() => writeFileSync(join(this.directory, TRIALS), ''));
  }

  /** Appends one trial and waits until it is on disk. */
  appendTrial(trial: TrialRecord): void {
    const path = join(this.directory, TRIALS);
    this.#guard(() => {
      const before = existsSync(path) ? statSync(path).size : 0;
      const file = openSync(path, 'a');
      try {
        writeSync(file, `${JSON.stringify(trialRecordSchema.parse(trial))}\n`);
        fsyncSync(file);
      } catch (cause) {
        // Half a line in the middle of the file would make every later line unreadable.
        truncateSync(path, before);
        throw cause;
      } finally {
        closeSync(file);
      }
    });
  }

  /**
   * Cuts off what {@link readRun} leaves out at the end, so that appending goes on behind whole lines and whole pairs.
   * @throws BenchError as {@link readRun} does
   */
  mendTrials(): void {
    const path = join(this.directory, TRIALS);
    if (!existsSync(path)) return;
    const { trials } = readRun(this.directory);
    const content = readFileSync(path);
    let end = 0;
    for (let line = 0; line < trials.length; line += 1) end = content.indexOf(0x0a, end) + 1;
    if (end < content.length) this.#guard(() => truncateSync(path, end));
  }

  #guard(write: () => void): void {
    try {
      write();
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
      if (typeof code !== 'string') throw cause;
      throw new BenchError({
        code: code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'output-failed',
        message: `Cannot write to ${this.directory}: ${messageOf(cause)}.`,
        hint: 'Free some space or choose another directory with --output DIR, then go on with --resume.',
        cause,
      });
    }
  }
}

function parseFile<T>(place: string, text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new BenchError({
      code: 'run-damaged',
      message: `${place} is not what this program writes: ${whatIsWrong(cause)}`,
      hint: 'It was written by another version or changed by hand; run the benchmark again into a new directory.',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

/** The first faults of what was parsed on one line, each with the field that it is in. */
export function whatIsWrong(cause: unknown): string {
  if (!(cause instanceof z.ZodError)) return messageOf(cause).split('\n', 1)[0] as string;
  return cause.issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');
}
