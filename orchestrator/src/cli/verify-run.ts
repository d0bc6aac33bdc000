import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from '../analyse/analyse.js';
import { analyseSoak } from '../analyse/soak.js';
import { BenchError, messageOf } from '../errors.js';
import { FIRST_WARMUP_MS } from '../execute/execute.js';
import { Hopeless } from '../execute/hopeless.js';
import { recount, rejoin } from '../load/native/recount.js';
import { countLeaves, differences } from '../record/differences.js';
import type { Manifest } from '../record/manifest.js';
import { describeTrial, misplannedTrials } from '../record/planned-trials.js';
import { readRun, type StoredRun } from '../record/run-directory.js';
import { checkFile, digestOf } from '../record/trial-files.js';
import type { TrialFile, TrialFiles, TrialRecord } from '../record/trial.js';
import { VERSION } from '../version.js';
import { holdAgainstOha } from './hold-against-oha.js';
import { misfiled } from './misfiled.js';
import { rejudge } from './rejudge.js';
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
    const checked = verifyTrial(directory, trial, run.manifest, hopeless);
    hopeless.note(trial);
    return checked;
  });
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
      bounded: count('bounded'),
      notJudged: trials.flatMap(({ open }) => open ?? []),
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
  readonly how: 'recounted' | 'compared' | 'bounded' | 'unmeasured';
  /** The trial, when nobody can say whether its state follows from its record. */
  readonly open: string | null;
}

function verifyTrial(directory: string, trial: TrialRecord, manifest: Manifest, hopeless: Hopeless): TrialCheck {
  const faults: Fault[] = [];
  const bytes: Partial<Record<keyof TrialFiles, Uint8Array>> = {};
  let files = 0;
  for (const [kind, file] of Object.entries(trial.files) as [keyof TrialFiles, TrialFiles[keyof TrialFiles]][]) {
    if (file === null) continue;
    files += 1;
    const checked = checkFile(directory, file);
    if ('fault' in checked) faults.push({ file: file.name, field: null, message: checked.fault });
    else bytes[kind] = checked.bytes;
  }
  const ofTrial = (field: string, message: string): void => {
    faults.push({ file: 'trials.jsonl', field: `${describeTrial(trial)}: ${field}`, message });
  };
  for (const { field, message } of misfiled(manifest, trial)) ofTrial(field, message);
  const record = (name: keyof TrialRecord, expected: unknown, from: string): void => {
    for (const { field, written, expected: found } of differences(asJson(trial[name]), asJson(expected)))
      ofTrial(
        field === '' ? name : `${name}.${field}`,
        `${shorten(written)} is recorded, ${from} says ${shorten(found)}`,
      );
  };
  if (bytes.resources !== undefined) {
    const { memory_kb: _, ...resources } = readJson(bytes.resources) as Record<string, unknown>;
    record('resources', resources, trial.files.resources?.name ?? '');
  }
  const scenario = manifest.scenarios.find(({ name }) => name === trial.scenario);
  const rejudged = rejudge(trial, scenario?.expectedErrorShare ?? 0, hopeless);
  if (rejudged.state === 'fault') ofTrial('state', rejudged.message);
  const why = trial.reason === null ? '' : `, ${trial.reason.code}`;
  const open = rejudged.state === 'open' ? `${describeTrial(trial)} (${trial.state}${why})` : null;
  const { load } = trial;
  if (load === null || bytes.raw === undefined) return { faults, files, how: 'unmeasured', open };
  /** What is not readable is a fault of its file. */
  const reading = (file: TrialFile | null, compare: () => void): void => {
    try {
      compare();
    } catch (thrown) {
      faults.push({ file: file?.name ?? '', field: null, message: messageOf(thrown) });
    }
  };
  const { raw, requests, ledger } = bytes;
  if (manifest.driver === 'oha') {
    const { warmupMs } = manifest;
    const asked = {
      level: trial.level,
      streaming: scenario?.streaming ?? false,
      warmupsMs: [warmupMs, Math.max(FIRST_WARMUP_MS, warmupMs)],
    };
    reading(trial.files.raw, () => {
      for (const { field, message } of holdAgainstOha(raw, load, asked)) ofTrial(`load.${field}`, message);
    });
    return { faults, files, how: 'bounded', open };
  }
  record('load', (readJson(raw) as { record?: unknown }).record, trial.files.raw?.name ?? '');
  if (requests === undefined) return { faults, files, how: 'compared', open };
  reading(trial.files.requests, () => record('load', recount(requests, load), trial.files.requests?.name ?? ''));
  if (ledger !== undefined && !(trial.ledger === null && isUnreadable(requests, ledger)))
    reading(trial.files.ledger, () => record('ledger', rejoin(requests, ledger), trial.files.ledger?.name ?? ''));
  return { faults, files, how: 'recounted', open };
}

/** A ledger that nobody could read left its file and no record; it is no more readable now. */
function isUnreadable(requests: Uint8Array, ledger: Uint8Array): boolean {
  try {
    rejoin(requests, ledger);
    return false;
  } catch {
    return true;
  }
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
