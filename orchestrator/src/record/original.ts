import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { BenchError, EXIT, messageOf } from '../errors.js';
import { type CellId, cellKey, type Level } from './cell.js';
import type { Manifest } from './manifest.js';
import { ImpossibleFigures, readOriginalLoad } from './original-load.js';
import { originalManifest } from './original-manifest.js';
import { ORIGINAL_SCENARIOS, parseOriginalName } from './original-name.js';
import type { Reason } from './reason.js';
import { type LoadRecord, NOTHING_MEASURED, type ResourceRecord, type TrialRecord } from './trial.js';
import { judgeLoad } from './validity.js';

/** A directory of the original Python suite as if this program had written it. */
export interface OriginalRun {
  readonly manifest: Manifest;
  readonly trials: readonly TrialRecord[];
  /** Files that are no result of the suite, each with the reason why it was left out. */
  readonly leftOut: readonly Reason[];
}

/**
 * Reads the results of the original Python suite: one oha JSON a cell, named after it, with `.mem.json` beside it. It is the only
 * place that reads identity out of file names. A file that cannot be read is a trial with its reason. The suite ran each cell once
 * and kept percentiles only, so there is one block and nothing to resample; its own `summary.json` is not looked at.
 * @throws BenchError `no-results` when the directory holds no such file, `unreadable-directory` when it cannot be listed.
 */
export async function readOriginal(directory: string): Promise<OriginalRun> {
  const files = await list(directory);
  const results = files.filter(
    (file) => file.endsWith('.json') && !file.endsWith('.mem.json') && file !== 'summary.json',
  );
  const named = results.map((file) => ({ file, cell: parseOriginalName(file) }));
  const found = named.flatMap(({ file, cell }) => (cell === null ? [] : [{ file, cell }]));
  if (found.length === 0) throw noResults(directory);
  const trials = await Promise.all(found.map(({ file, cell }) => readTrial(directory, file, cell)));
  const leftOut = named.filter(({ cell }) => cell === null).map(({ file }) => unknownName(file));
  const manifest = originalManifest(basename(resolve(directory)), trials);
  return { manifest, trials: [...trials, ...missing(manifest, trials)], leftOut };
}

async function list(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (cause) {
    throw new BenchError({
      code: 'unreadable-directory',
      message: `The directory ${directory} cannot be read: ${messageOf(cause)}.`,
      hint: 'Give a directory that a run was written to.',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

function noResults(directory: string): BenchError {
  return new BenchError({
    code: 'no-results',
    message: `${directory} holds no results`,
    hint: 'name a run directory (with run.json), or one of the original suite with files such as crabllm-chat-minimal-500rps.json',
    exitCode: EXIT.usage,
  });
}

function unknownName(file: string): Reason {
  const scenarios = [...ORIGINAL_SCENARIOS.keys()].join(', ');
  return { code: 'unknown-file', message: `${file} is not named after a cell; scenarios are ${scenarios}` };
}

async function readTrial(directory: string, file: string, cell: CellId): Promise<TrialRecord> {
  const path = join(directory, file);
  const memoryFile = file.replace(/\.json$/, '.mem.json');
  const memory = await readMemory(join(directory, memoryFile));
  const writtenAt = await timeOf(path);
  const load = await readLoad(path, file, cell);
  return {
    schemaVersion: 1,
    block: 1,
    replica: 1,
    ...cell,
    startedAt: writtenAt,
    finishedAt: writtenAt,
    ...(load.record === null ? { state: 'void', reason: load.reason } : judge(load.record, cell.level)),
    warnings: [...(load.record === null ? [] : warningsOf(cell.level)), ...memory.warnings],
    ...NOTHING_MEASURED,
    load: load.record,
    resources: memory.record,
  };
}

/** The suite writes a file for every cell that it ran, also where every request failed; what has none was not run. */
function missing(manifest: Manifest, trials: readonly TrialRecord[]): TrialRecord[] {
  const had = new Set(trials.map(cellKey));
  const message =
    'there is no file: the original suite did not run this cell (the gateway was not up, or the level not asked for)';
  return manifest.targets
    .flatMap(({ name: target }) =>
      manifest.scenarios.flatMap(({ name: scenario, levels }) => levels.map((level) => ({ target, scenario, level }))),
    )
    .filter((cell) => !had.has(cellKey(cell)))
    .map((cell) => ({
      schemaVersion: 1,
      block: 1,
      replica: 1,
      ...cell,
      startedAt: manifest.startedAt,
      finishedAt: manifest.startedAt,
      state: 'absent',
      reason: { code: 'no-file', message },
      warnings: [],
      ...NOTHING_MEASURED,
    }));
}

type LoadOrReason =
  | { readonly record: LoadRecord; readonly reason: null }
  | { readonly record: null; readonly reason: Reason };

async function readLoad(path: string, file: string, cell: CellId): Promise<LoadOrReason> {
  try {
    const json: unknown = JSON.parse(await readText(path));
    const streaming = ORIGINAL_SCENARIOS.get(cell.scenario)?.streaming ?? false;
    return { record: readOriginalLoad(json, cell.level, streaming), reason: null };
  } catch (thrown) {
    if (thrown instanceof ImpossibleFigures) {
      const message = `${file} says what no load can have been: ${thrown.message}`;
      return { record: null, reason: { code: 'impossible-figures', message } };
    }
    const what = thrown instanceof z.ZodError ? thrown.issues.map(sentence).join('; ') : messageOf(thrown);
    return { record: null, reason: { code: 'unreadable-result', message: `${file} is not a result of oha: ${what}` } };
  }
}

/** @throws Error for a pipe or a device, which would be waited for */
async function readText(path: string): Promise<string> {
  if (!(await stat(path)).isFile()) throw new Error('it is no regular file');
  return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
}

/** One thing that is wrong with a result, without the words of a validator. */
function sentence(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.') || 'the whole';
  if (issue.code !== 'invalid_type') return `${where} is ${JSON.stringify(issue.input)}`;
  return issue.input === undefined
    ? `${where} is missing`
    : `${where} is ${JSON.stringify(issue.input)?.slice(0, 40)}, not of type ${issue.expected}`;
}

/** A program that runs has some. */
const memorySchema = z.object({ memory_kb: z.number().positive() });

/** The resident memory that `ps` saw after the load, in KiB; a cell without the file simply has none. */
async function readMemory(path: string): Promise<{ record: ResourceRecord | null; warnings: Reason[] }> {
  if ((await stat(path).catch(() => null)) === null) return { record: null, warnings: [] };
  try {
    const bytes = memorySchema.parse(JSON.parse(await readText(path))).memory_kb * 1024;
    const unknown = { memoryStartBytes: null, cpuUs: null, cpuWindowMs: null, throttledMs: null, series: [] };
    const message = 'Memory is one sample taken after the load, not a peak.';
    return {
      record: { ...unknown, memoryPeakBytes: bytes, memoryEndBytes: bytes },
      warnings: [{ code: 'memory-not-peak', message }],
    };
  } catch {
    return {
      record: null,
      warnings: [
        { code: 'unreadable-memory', message: `${basename(path)} is not {"memory_kb": …} with a number above 0` },
      ],
    };
  }
}

async function timeOf(path: string): Promise<string> {
  return (await stat(path)).mtime.toISOString();
}

/** By the rules of a trial of our own; the suite played no failures. */
function judge(load: LoadRecord, level: Level): Pick<TrialRecord, 'state' | 'reason'> {
  const { state, reason } = judgeLoad(load, level, 0);
  return { state, reason };
}

function warningsOf(level: Level): Reason[] {
  if (level.kind !== 'rps') return [];
  const message =
    'The original suite counts latency from the moment one of 50 connections is free, not from the intended time: a target that ' +
    'falls behind looks faster than it is.';
  return [{ code: 'latency-from-free-connection', message }];
}
