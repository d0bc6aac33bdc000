import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { BenchError, EXIT, type ExitCode, messageOf, usageError } from '../errors.js';
import { columnsToCsv, readColumnFile } from '../load/native/column-file.js';
import { ledgerToCsv } from '../load/native/ledger-csv.js';
import { readLedger } from '../load/native/ledger-file.js';
import { holdsConduct } from '../record/conduct-directory.js';
import { readRun } from '../record/run-directory.js';
import { secondsToCsv } from '../record/seconds-csv.js';
import { baseNameOf, checkFile } from '../record/trial-files.js';
import type { TrialFile, TrialRecord } from '../record/trial.js';
import { streamInto } from '../stream-into.js';
import { exportBehind, exportConductCsv, exportStory } from './export-conduct.js';
import { exportOriginal } from './export-original.js';
import { type Command, flagOption, textOption, valueOf } from './options/command.js';

/** Lines that are handed to the file at once. */
const BATCH_LINES = 4096;

/** Turns what a run measured into files for other programs. */
export const exportCommand: Command = {
  name: 'export',
  about: 'Write a run as CSV, or as the files that scripts of the original suite read',
  words: [],
  optionalWords: ['directory'],
  options: {
    csv: flagOption(
      'Form, one of them',
      'Each trial in DIRECTORY/csv: its requests, the mock’s ledger, histograms a second',
    ),
    behind: textOption(
      'Form, one of them',
      'Of --group conduct: TARGET/CASE/ROW, the requests behind a figure, and the first of them told as a story',
    ),
    story: textOption('Form, one of them', 'Of --group conduct: TARGET/CASE/REQUEST, one request on one line of time'),
    original: textOption(
      'Form, one of them',
      'To this directory: {target}-{scenario}-{N}rps.json as oha writes it, .mem.json, summary.json',
    ),
  },
  examples: [
    ['results --csv', 'results/csv/*.requests.csv, *.ledger.csv and *.seconds.csv'],
    ['results --behind crabllm/outage-503/amplification', 'which requests were tried again'],
    ['results --original results/original', 'for scripts that read the original suite’s results'],
  ],
  run: async (given, [directory = 'results']) => {
    const [into, behind, story] = ['original', 'behind', 'story'].map((name) => valueOf(given, name));
    const forms = ['csv', 'original', 'behind', 'story'].filter(
      (name) => given[name] !== undefined && given[name] !== false,
    );
    const place = resolve(directory);
    // The form is said, so that what a script writes stays the same when there are more of them.
    if (forms.length !== 1)
      throw usageError(
        forms.length === 0 ? 'form-missing' : 'bad-value',
        forms.length === 0 ? 'export was not told in which form.' : `--${forms[0]} cannot go with --${forms[1]}.`,
        `Write one of: crabllm-bench export ${directory} --csv, --original DIR, --behind TARGET/CASE/ROW, --story TARGET/CASE/REQUEST`,
      );
    if (!holdsConduct(place)) {
      if ((behind ?? story) !== undefined)
        throw usageError(
          'bad-value',
          `${directory} holds nothing of --group conduct.`,
          'Only there are requests that a figure of conduct is made of.',
        );
      return into === undefined ? exportRun(place) : exportOriginal(place, resolve(into));
    }
    if (behind !== undefined) return exportBehind(place, behind);
    if (story !== undefined) return exportStory(place, story);
    if (into === undefined) return exportConductCsv(place);
    throw usageError(
      'bad-value',
      'The original suite knew no conduct.',
      `Write: crabllm-bench export ${directory} --csv`,
    );
  },
};

async function exportRun(directory: string): Promise<ExitCode> {
  const { trials } = readRun(directory);
  const folder = join(directory, 'csv');
  mkdirSync(folder, { recursive: true });
  let files = 0;
  let bare = 0;
  for (const trial of trials) {
    const name = baseNameOf(trial);
    const written = name === null ? 0 : await exportTrial(directory, join(folder, name), trial);
    files += written;
    if (written === 0) bare += 1;
  }
  const rest = bare === 0 ? '' : `; ${bare} of ${trials.length} trials hold neither requests nor histograms`;
  process.stdout.write(`${files} files in ${folder}${rest}\n`);
  return EXIT.ok;
}

/** @returns how many files it wrote */
async function exportTrial(directory: string, path: string, trial: TrialRecord): Promise<number> {
  const parts: [kind: string, lines: Iterable<string>][] = [];
  const { requests, ledger } = trial.files;
  if (requests !== null) {
    const file = readColumnFile(readTrialFile(directory, requests));
    parts.push(['requests', columnsToCsv(file)]);
    if (ledger !== null) parts.push(['ledger', ledgerLines(directory, ledger)]);
  }
  const seconds = secondsToCsv(trial);
  if (seconds !== null) parts.push(['seconds', seconds]);
  for (const [kind, lines] of parts) await writeLines(`${path}.${kind}.csv`, lines);
  return parts.length;
}

function ledgerLines(directory: string, file: TrialFile): Iterable<string> {
  try {
    return ledgerToCsv(readLedger(gunzipSync(readTrialFile(directory, file))).rows);
  } catch (cause) {
    if (cause instanceof BenchError) throw cause;
    throw damaged(join(directory, file.name), messageOf(cause), cause);
  }
}

/** @throws BenchError `run-damaged` when it is not there, or not what was written */
function readTrialFile(directory: string, file: TrialFile): Uint8Array {
  const checked = checkFile(directory, file);
  if ('fault' in checked) throw damaged(join(directory, file.name), checked.fault);
  return checked.bytes;
}

async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const part = `${path}.part`;
  try {
    await streamInto(part, Readable.from(batches(lines)));
    renameSync(part, path);
  } finally {
    rmSync(part, { force: true });
  }
}

function* batches(lines: Iterable<string>): Generator<string> {
  let batch: string[] = [];
  for (const line of lines) {
    batch.push(line);
    if (batch.length < BATCH_LINES) continue;
    yield `${batch.join('\n')}\n`;
    batch = [];
  }
  if (batch.length > 0) yield `${batch.join('\n')}\n`;
}

function damaged(path: string, what: string, cause?: unknown): BenchError {
  return new BenchError({
    code: 'run-damaged',
    message: `${path} cannot be exported: ${what}.`,
    hint: 'It was changed after the run; measure again.',
    exitCode: EXIT.usage,
    cause,
  });
}
