import { warmupOf } from '../catalogue/scenario.js';
import { messageOf } from '../errors.js';
import { FIRST_WARMUP_MS } from '../plan/warm-up.js';
import type { Hopeless } from '../execute/hopeless.js';
import { recount, rejoin, startOf } from '../load/native/recount.js';
import { differences } from '../record/differences.js';
import type { Manifest } from '../record/manifest.js';
import { describeTrial } from '../record/planned-trials.js';
import { checkFile } from '../record/trial-files.js';
import type { LoadRecord, TrialFile, TrialFiles, TrialRecord } from '../record/trial.js';
import { asJson, type Fault, readJson, shorten } from './fault.js';
import { holdAgainstOha } from './hold-against-oha.js';
import { misfiled } from './misfiled.js';
import { rejudge } from './rejudge.js';

/** What became of verifying one trial. */
export interface TrialCheck {
  readonly faults: readonly Fault[];
  /** Files that were looked at. */
  readonly files: number;
  /** What its load was held against. */
  readonly how: 'recounted' | 'compared' | 'bounded' | 'unmeasured';
  /** The trial, when nobody can say whether its state follows from its record. */
  readonly open: string | null;
}

/** What the files hold, of those that are as they were written; `beside`: the requests of the trial that was run at the same time. */
type Contents = Partial<Record<keyof TrialFiles | 'beside', Uint8Array>>;

type ScenarioRecord = Manifest['scenarios'][number];

/**
 * Holds a trial's record against the files that it was made of, and its state against the rules that gave it.
 * @param hopeless has taken note of every trial that is recorded before it
 * @param beside the record of the trial that was run at the same time; null: none was
 */
export function verifyTrial(
  directory: string,
  trial: TrialRecord,
  manifest: Manifest,
  hopeless: Hopeless,
  beside: TrialRecord | null = null,
): TrialCheck {
  const files = Object.values(trial.files).filter((file) => file !== null);
  const { contents, faults } = contentsOf(directory, trial.files);
  const scenario = manifest.scenarios.find(({ name }) => name === trial.scenario);
  const rejudged = rejudge(trial, scenario?.expectedErrorShare ?? 0, hopeless);
  const why = trial.reason === null ? '' : `, ${trial.reason.code}`;
  const held = holdLoad(trial, manifest, scenario, { ...contents, ...requestsBeside(directory, beside) });
  return {
    faults: [
      ...faults,
      ...misfiled(manifest, trial).map(({ field, message }) => ofTrial(trial, field, message)),
      ...resourcesFaults(trial, contents),
      ...(rejudged.state === 'fault' ? [ofTrial(trial, 'state', rejudged.message)] : []),
      ...held.faults,
    ],
    files: files.length,
    how: held.how,
    open: rejudged.state === 'open' ? `${describeTrial(trial)} (${trial.state}${why})` : null,
  };
}

function contentsOf(directory: string, files: TrialFiles): { readonly contents: Contents; readonly faults: Fault[] } {
  const contents: Contents = {};
  const faults: Fault[] = [];
  for (const [kind, file] of Object.entries(files) as [keyof TrialFiles, TrialFile | null][]) {
    if (file === null) continue;
    const checked = checkFile(directory, file);
    if ('fault' in checked) faults.push({ file: file.name, field: null, message: checked.fault });
    else contents[kind] = checked.bytes;
  }
  return { contents, faults };
}

/** What is wrong with that file is told of the trial that it belongs to. */
function requestsBeside(directory: string, beside: TrialRecord | null): Pick<Contents, 'beside'> {
  const file = beside?.files.requests ?? null;
  const checked = file === null ? null : checkFile(directory, file);
  return checked !== null && 'bytes' in checked ? { beside: checked.bytes } : {};
}

function resourcesFaults(trial: TrialRecord, { resources: bytes }: Contents): Fault[] {
  if (bytes === undefined) return [];
  const { memory_kb: _, ...resources } = readJson(bytes) as Record<string, unknown>;
  return recordFaults(trial, 'resources', resources, trial.files.resources);
}

function holdLoad(
  trial: TrialRecord,
  manifest: Manifest,
  scenario: ScenarioRecord | undefined,
  { raw, requests, ledger, beside }: Contents,
): Pick<TrialCheck, 'how' | 'faults'> {
  const { load, files } = trial;
  if (load === null || raw === undefined) return { how: 'unmeasured', faults: [] };
  if (manifest.driver === 'oha')
    return { how: 'bounded', faults: readable(files.raw, () => ohaFaults(trial, load, raw, manifest, scenario)) };
  const faults = recordFaults(trial, 'load', (readJson(raw) as { record?: unknown }).record, files.raw);
  if (requests === undefined) return { how: 'compared', faults };
  return {
    how: 'recounted',
    faults: [
      ...faults,
      ...readable(files.requests, () => recordFaults(trial, 'load', recount(requests, load), files.requests)),
      ...(beside === undefined ? [] : readable(files.requests, () => apartFaults(trial, requests, beside))),
      ...(ledger === undefined ? [] : ledgerFaults(trial, requests, ledger, beside ?? null)),
    ],
  };
}

function ohaFaults(
  trial: TrialRecord,
  load: LoadRecord,
  raw: Uint8Array,
  { warmupMs, againWarmupMs = warmupMs }: Manifest,
  scenario: ScenarioRecord | undefined,
): Fault[] {
  const usualMs = warmupOf(scenario ?? {}, warmupMs);
  const asked = {
    level: trial.level,
    streaming: scenario?.streaming ?? false,
    warmupsMs: [usualMs, warmupOf(scenario ?? {}, againWarmupMs), Math.max(FIRST_WARMUP_MS, usualMs)],
  };
  return holdAgainstOha(raw, load, asked).map(({ field, message }) => ofTrial(trial, `load.${field}`, message));
}

/** The two sides of a pair begin with one schedule. */
function apartFaults(trial: TrialRecord, requests: Uint8Array, beside: Uint8Array): Fault[] {
  const apartUs = Math.abs(startOf(requests) - startOf(beside));
  if (apartUs === 0) return [];
  return [ofTrial(trial, 'paired', `begun ${apartUs} µs apart from the trial that it is said to have run beside`)];
}

function ledgerFaults(
  trial: TrialRecord,
  requests: Uint8Array,
  ledger: Uint8Array,
  beside: Uint8Array | null,
): Fault[] {
  const faults = (): Fault[] =>
    recordFaults(trial, 'ledger', rejoin(requests, ledger, beside, trial.ledger), trial.files.ledger);
  if (trial.ledger !== null) return readable(trial.files.ledger, faults);
  try {
    return faults();
  } catch {
    // A ledger that nobody could read left its file and no record; it is no more readable now.
    return [];
  }
}

/** What is not readable is a fault of its file. */
function readable(file: TrialFile | null, compare: () => Fault[]): Fault[] {
  try {
    return compare();
  } catch (thrown) {
    return [{ file: file?.name ?? '', field: null, message: messageOf(thrown) }];
  }
}

function recordFaults(trial: TrialRecord, name: keyof TrialRecord, expected: unknown, from: TrialFile | null): Fault[] {
  return differences(asJson(trial[name]), asJson(expected)).map(({ field, written, expected: found }) =>
    ofTrial(
      trial,
      field === '' ? name : `${name}.${field}`,
      `${shorten(written)} is recorded, ${from?.name ?? ''} says ${shorten(found)}`,
    ),
  );
}

function ofTrial(trial: TrialRecord, field: string, message: string): Fault {
  return { file: 'trials.jsonl', field: `${describeTrial(trial)}: ${field}`, message };
}
