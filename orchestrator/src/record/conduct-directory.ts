import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BenchError, EXIT } from '../errors.js';
import type { RunKind } from './compare-sides.js';
import { CONDUCT_FILE, type ConductRun, conductRunSchema } from './conduct.js';
import { MANIFEST, whatIsWrong } from './run-directory.js';
import { checkFile } from './trial-files.js';
import type { TrialFile } from './trial.js';

/** Whether a directory holds what `--group conduct` wrote, and no run beside it. */
export function holdsConduct(directory: string): boolean {
  return existsSync(join(directory, CONDUCT_FILE)) && !existsSync(join(directory, MANIFEST));
}

/**
 * Reads what `--group conduct` wrote.
 * @throws BenchError `run-damaged`
 */
export function readConduct(directory: string): ConductRun {
  const path = join(directory, CONDUCT_FILE);
  try {
    return conductRunSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw damaged(path, `it is not what this version writes: ${whatIsWrong(cause)}`, cause);
  }
}

/**
 * The bytes of a raw record.
 * @throws BenchError `run-damaged` where it is not there, or not what was written
 */
function readConductFile(directory: string, file: TrialFile): Uint8Array {
  const checked = checkFile(directory, file);
  if ('fault' in checked) throw damaged(join(directory, file.name), checked.fault);
  return checked.bytes;
}

type PlayedFiles = Pick<
  Extract<ConductRun['played'][number], { readonly files: unknown }>,
  'files' | 'phases' | 'looks'
>;

/**
 * The raw records of a case.
 * @throws BenchError `run-damaged`
 */
export function readConductRaw(directory: string, { files, phases, looks }: PlayedFiles) {
  const { requests, ledger, witnesses } = files;
  return {
    requests: readConductFile(directory, requests),
    ledger: readConductFile(directory, ledger),
    witnesses: witnesses === undefined ? undefined : readConductFile(directory, witnesses),
    looks,
    phases,
  };
}

function damaged(path: string, what: string, cause?: unknown): BenchError {
  return new BenchError({
    code: 'run-damaged',
    message: `${path} cannot be used: ${what}.`,
    hint: 'It was written by another version or changed by hand; measure again into a new directory.',
    exitCode: EXIT.usage,
    cause,
  });
}

/** What `--group conduct` measures. */
export const RUNS_OF_CONDUCT: RunKind<ConductRun> = {
  holds: holdsConduct,
  read: (directory) => readConduct(resolve(directory)),
  idOf: ({ id }) => id,
  targetsOf: namesOf,
  gatewaysOf: (run) => namesOf(run).filter((name) => name !== 'direct'),
};

function namesOf({ targets }: ConductRun): string[] {
  return targets.filter(({ absent }) => absent === null).map(({ name }) => name);
}
