import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from '../analyse/analyse.js';
import { analyseSoak } from '../analyse/soak.js';
import { BenchError, messageOf } from '../errors.js';
import { recount, rejoin } from '../load/native/recount.js';
import { countLeaves, differences } from '../record/differences.js';
import type { Manifest } from '../record/manifest.js';
import { describeTrial, misplannedTrials } from '../record/planned-trials.js';
import { readRun, type StoredRun } from '../record/run-directory.js';
import { checkFile, digestOf } from '../record/trial-files.js';
import type { TrialFiles, TrialRecord } from '../record/trial.js';
import { judgeLoad } from '../record/validity.js';
import { VERSION } from '../version.js';
import { capacityOf, objectivesOf } from './show-capacity.js';

/** Something in a run directory that is not as the program left it. */
export interface Fault {
  /** Relative to the run directory. */
  readonly file: string;
  /** The field, or the trial; null when the whole file is meant. */
  readonly field: string | null;
  readonly message: string;
}

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
    /** Trials of which the driver left no record of the same form (oha): their digests alone speak. */
    readonly digestOnly: number;
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
  digestOnly: 0,
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
  const trials = run.trials.map((trial) => verifyTrial(directory, trial, run.manifest));
  const count = (how: TrialCheck['how']): number => trials.filter((trial) => trial.how === how).length;
  const expected = computedOf(directory, run);
  const computed = Object.entries(expected).map(([file, value]) => verifyComputed(directory, file, value));
  const misplanned = isSearch(run) ? [] : misplannedTrials(run.manifest, run.trials);
  return {
    run: run.manifest.id,
    faults: [
      ...misplanned.map((message) => ({ file: 'trials.jsonl', field: null, message })),
      ...trials.flatMap(({ faults }) => faults),
      ...computed.flatMap(({ faults }) => faults),
    ],
    checked: {
      trials: trials.length,
      planned: !isSearch(run),
      files: trials.reduce((sum, { files }) => sum + files, 0),
      recounted: count('recounted'),
      compared: count('compared'),
      digestOnly: count('digest'),
      computed: Object.keys(expected),
      values: computed.reduce((sum, { values }) => sum + values, 0),
    },
    seal: sealOf(directory),
    notes: notesOf(run),
  };
}

interface TrialCheck {
  readonly faults: readonly Fault[];
  readonly files: number;
  readonly how: 'recounted' | 'compared' | 'digest' | 'unmeasured';
}

/** Reasons to fail that a load gives by itself. */
const LOAD_FAILURES: readonly string[] = ['errors', 'no-answers'];

function failedByLoad({ state, reason }: TrialRecord): boolean {
  return state === 'failed' && LOAD_FAILURES.includes(reason?.code ?? '');
}

/** The files that each part of a record is made of; every driver and runtime keeps them. */
const SOURCES = { load: ['raw'], ledger: ['requests', 'ledger'], resources: ['resources'] } as const;

/** Figures that name no file to hold them against would be taken on trust. */
function unfounded(trial: TrialRecord): Fault[] {
  return (['load', 'ledger', 'resources'] as const).flatMap((part) =>
    SOURCES[part].flatMap((kind) => {
      if (trial[part] === null || trial.files[kind] !== null) return [];
      const message = `nothing to hold ${part} against: the record names no file of it`;
      return [{ file: 'trials.jsonl', field: `${describeTrial(trial)}: files.${kind}`, message }];
    }),
  );
}

function verifyTrial(directory: string, trial: TrialRecord, manifest: Manifest): TrialCheck {
  const faults: Fault[] = unfounded(trial);
  const bytes: Partial<Record<keyof TrialFiles, Uint8Array>> = {};
  let files = 0;
  for (const [kind, file] of Object.entries(trial.files) as [keyof TrialFiles, TrialFiles[keyof TrialFiles]][]) {
    if (file === null) continue;
    files += 1;
    const checked = checkFile(directory, file);
    if ('fault' in checked) faults.push({ file: file.name, field: null, message: checked.fault });
    else bytes[kind] = checked.bytes;
  }
  const record = (name: keyof TrialRecord, expected: unknown, from: string): void => {
    for (const { field, written, expected: found } of differences(asJson(trial[name]), asJson(expected))) {
      faults.push({
        file: 'trials.jsonl',
        field: `${describeTrial(trial)}: ${name}.${field}`,
        message: `${shorten(written)} is recorded, ${from} says ${shorten(found)}`,
      });
    }
  };
  if (bytes.resources !== undefined) {
    const { memory_kb: _, ...resources } = readJson(bytes.resources) as Record<string, unknown>;
    record('resources', resources, trial.files.resources?.name ?? '');
  }
  if (trial.load === null) return { faults, files, how: 'unmeasured' };
  const expectedErrors = manifest.scenarios.find(({ name }) => name === trial.scenario)?.expectedErrorShare ?? 0;
  const judged = judgeLoad(trial.load, trial.level, expectedErrors).state;
  // What failed by its load must be what the load says; a program that ended, or a gate, may be behind the others.
  const byLoad = failedByLoad(trial);
  if ((trial.state === 'valid' || trial.state === 'saturated' || byLoad) && judged !== trial.state) {
    const message = `recorded as ${trial.state}, and its load says ${judged}`;
    faults.push({ file: 'trials.jsonl', field: `${describeTrial(trial)}: state`, message });
  }
  if (trial.load.driver.name !== 'native' || bytes.raw === undefined) return { faults, files, how: 'digest' };
  record('load', (readJson(bytes.raw) as { record?: unknown }).record, trial.files.raw?.name ?? '');
  if (bytes.requests === undefined) return { faults, files, how: 'compared' };
  try {
    record('load', recount(bytes.requests, trial.load), trial.files.requests?.name ?? '');
    if (bytes.ledger !== undefined && trial.ledger !== null)
      record('ledger', rejoin(bytes.requests, bytes.ledger), trial.files.ledger?.name ?? '');
  } catch (thrown) {
    if (!(thrown instanceof BenchError)) throw thrown;
    faults.push({ file: trial.files.requests?.name ?? '', field: null, message: thrown.message });
  }
  return { faults, files, how: 'recounted' };
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

/** What the program computes of a run of its kind, by file. */
function computedOf(directory: string, run: StoredRun): Record<string, unknown> {
  const objectives = objectivesOf(run);
  const { soak } = run.manifest.options;
  return {
    'summary.json': analyse(run.manifest, run.trials),
    ...(objectives === null ? {} : { 'capacity.json': capacityOf(directory, run, objectives) }),
    ...(soak === undefined ? {} : { 'soak.json': analyseSoak(run.manifest, run.trials) }),
  };
}

/** The windows of a search are found, not planned. */
function isSearch(run: StoredRun): boolean {
  return objectivesOf(run) !== null;
}

function notesOf(run: StoredRun): string[] {
  const { manifest, trials } = run;
  const taken = trials.filter((trial) => trial.state === 'void' || (trial.state === 'failed' && !failedByLoad(trial)));
  const wrote = manifest.versions['crabllm-bench'];
  return [
    ...(wrote === VERSION
      ? []
      : [`written by crabllm-bench ${wrote ?? '?'}, verified by ${VERSION}: statistics may have changed in between`]),
    ...(taken.length === 0
      ? []
      : [
          `${taken.length} ${taken.length === 1 ? 'trial is' : 'trials are'} void, or failed by what no load shows: for what reason is taken as it is recorded`,
        ]),
    ...(isSearch(run)
      ? ['a search for capacity: its windows were found and not planned, so that a missing one would not be seen']
      : []),
    ...(manifest.complete
      ? []
      : ['the run was interrupted: trials may be missing, and nobody can tell which were left out later']),
  ];
}

function sealOf(directory: string): string {
  return digestOf(['run.json', 'trials.jsonl'].map((name) => digestOf(readFileSync(join(directory, name)))).join('\n'));
}

/** What is no JSON differs from everything, and is shown as such. */
function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (thrown) {
    return { unreadable: messageOf(thrown) };
  }
}

function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function shorten(json: string | undefined): string {
  if (json === undefined) return 'nothing';
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}
