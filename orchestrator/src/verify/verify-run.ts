import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from '../analyse/analyse.js';
import { analyseCapacity } from '../analyse/capacity.js';
import { analyseSoak } from '../analyse/soak.js';
import { BenchError } from '../errors.js';
import { Hopeless } from '../execute/hopeless.js';
import { countLeaves, differences } from '../record/differences.js';
import { mispairedTrials, otherSideOf } from '../record/pairs.js';
import { misplannedTrials } from '../record/planned-trials.js';
import { readRun, type StoredRun } from '../record/run-directory.js';
import { digestOf } from '../record/trial-files.js';
import { VERSION } from '../version.js';
import { asJson, type Fault, readJson, shorten } from './fault.js';
import { objectivesOf } from '../record/objective-text.js';
import { readRest } from '../record/rest.js';
import { type TrialCheck, verifyTrial } from './verify-trial.js';

/** What was looked at, and what was found. */
export interface Verification {
  /** Null when `run.json` or `trials.jsonl` cannot be read. */
  readonly run: string | null;
  readonly faults: readonly Fault[];
  readonly checked: {
    readonly trials: number;
    /** Whether they were held against a plan; the windows of a search are found as it goes. */
    readonly planned: boolean;
    /** Files whose SHA-256 was computed. */
    readonly files: number;
    /** Trials whose record was counted anew from each of its requests, and those compared with the driver's own record only. */
    readonly recounted: number;
    readonly compared: number;
    /** Trials held against oha's output of their whole run, without the rows by which the window was cut out of it. */
    readonly bounded: number;
    /** Trials with a state that rests on what is not in their record (a crash, a failed attestation, a mock that died), each with its reason. */
    readonly notJudged: readonly string[];
    /** Files that are computed from the records (summary.json, of some runs others), and how many values of them were computed anew. */
    readonly computed: readonly string[];
    readonly values: number;
  };
  /** SHA-256 over `run.json`, `trials.jsonl` and the digests within it: the same for the same run wherever it lies. */
  readonly seal: string | null;
  readonly notes: readonly string[];
}

const NOTHING = {
  trials: 0,
  planned: false,
  files: 0,
  recounted: 0,
  compared: 0,
  bounded: 0,
  notJudged: [],
  computed: [],
  values: 0,
};

/**
 * Computes everything in a run directory that can be computed anew, from its raw records, and compares.
 * @throws BenchError `run-missing` when there is no run at all
 */
export function verifyRun(directory: string): Verification {
  let run: StoredRun;
  try {
    run = readRun(directory);
  } catch (thrown) {
    if (!(thrown instanceof BenchError) || thrown.code !== 'run-damaged') throw thrown;
    return {
      run: null,
      faults: [{ file: '.', field: null, message: thrown.message }],
      checked: NOTHING,
      seal: null,
      notes: [],
    };
  }
  const hopeless = new Hopeless();
  const trials = run.trials.map((trial) => {
    const checked = verifyTrial(directory, trial, run.manifest, hopeless, otherSideOf(trial, run.trials));
    hopeless.note(trial);
    return checked;
  });
  const count = (how: TrialCheck['how']): number => trials.filter((trial) => trial.how === how).length;
  const expected = computedOf(directory, run);
  const earlier = Object.entries(expected).flatMap(([file, value]) => earlierSchema(directory, file, value));
  const computed = Object.entries(expected)
    .filter(([file]) => !earlier.some((old) => old.file === file))
    .map(([file, value]) => [file, verifyComputed(directory, file, value)] as const);
  const misplanned = [
    ...(isSearch(run) ? [] : misplannedTrials(run.manifest, run.trials)),
    ...mispairedTrials(run.manifest, run.trials),
  ];
  return {
    run: run.manifest.id,
    faults: [
      ...misplanned.map((message) => ({ file: 'trials.jsonl', field: null, message })),
      ...trials.flatMap(({ faults }) => faults),
      ...computed.flatMap(([, { faults }]) => faults),
    ],
    checked: {
      trials: trials.length,
      planned: !isSearch(run),
      files: trials.reduce((sum, { files }) => sum + files, 0),
      recounted: count('recounted'),
      compared: count('compared'),
      bounded: count('bounded'),
      notJudged: trials.flatMap(({ open }) => open ?? []),
      computed: computed.map(([file]) => file),
      values: computed.reduce((sum, [, { values }]) => sum + values, 0),
    },
    seal: sealOf(directory),
    notes: [...notesOf(run), ...earlier.map(({ note }) => note)],
  };
}

/** A file that is computed from the records, and has to be what they give. */
function verifyComputed(
  directory: string,
  file: string,
  value: unknown,
): { readonly faults: Fault[]; readonly values: number } {
  const path = join(directory, file);
  if (!existsSync(path)) return { faults: [{ file, field: null, message: 'missing' }], values: 0 };
  const written = readJson(readFileSync(path));
  const expected = asJson(value);
  const faults = differences(written, expected).map((difference) => ({
    file,
    field: difference.field,
    message: `is ${shorten(difference.written)}, and ${shorten(difference.expected)} when computed from the records`,
  }));
  return { faults, values: countLeaves(expected) };
}

/** A computed file of an earlier schema: its figures were right or wrong by other statistics than these, so they are not held against them. */
function earlierSchema(
  directory: string,
  file: string,
  value: unknown,
): { readonly file: string; readonly note: string }[] {
  const path = join(directory, file);
  if (!existsSync(path)) return [];
  const [written, current] = [schemaVersionOf(readJson(readFileSync(path))), schemaVersionOf(value)];
  if (written === null || current === null || written >= current) return [];
  const note =
    `${file} is of schema ${written}, and this version computes schema ${current}: it was NOT held against the records. ` +
    '`crabllm-bench --chart-only --output DIR` shows what they give by these statistics, the version that wrote it can verify it.';
  return [{ file, note }];
}

function schemaVersionOf(document: unknown): number | null {
  if (typeof document !== 'object' || document === null || !('schemaVersion' in document)) return null;
  return typeof document.schemaVersion === 'number' ? document.schemaVersion : null;
}

/** What the program computes of a run of its kind, by file. */
function computedOf(directory: string, run: StoredRun): Record<string, unknown> {
  const objectives = objectivesOf(run);
  const { soak } = run.manifest.options;
  return {
    'summary.json': analyse(run.manifest, run.trials),
    ...(objectives === null
      ? {}
      : { 'capacity.json': analyseCapacity(run.manifest, run.trials, readRest(directory), objectives) }),
    ...(soak === undefined ? {} : { 'soak.json': analyseSoak(run.manifest, run.trials) }),
  };
}

/** The windows of a search are found, not planned. */
function isSearch(run: StoredRun): boolean {
  return objectivesOf(run) !== null;
}

function notesOf(run: StoredRun): string[] {
  const { manifest } = run;
  const wrote = manifest.versions['crabllm-bench'];
  return [
    ...(wrote === VERSION
      ? []
      : [`written by crabllm-bench ${wrote ?? '?'}, verified by ${VERSION}: statistics may have changed in between`]),
    ...(isSearch(run)
      ? ['a search for capacity: its windows were found and not planned, so that a missing one would not be seen']
      : []),
    ...(manifest.complete
      ? []
      : ['the run was interrupted: trials may be missing, and nobody can tell which were left out later']),
  ];
}

function sealOf(directory: string): string {
  // A run that ended before its first trial has no records.
  const read = (path: string): Uint8Array | string => (existsSync(path) ? readFileSync(path) : '');
  return digestOf(['run.json', 'trials.jsonl'].map((name) => digestOf(read(join(directory, name)))).join('\n'));
}
