import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conductOf } from '../analyse/conduct/over-run.js';
import { conductSummary } from '../analyse/conduct/summary.js';
import { messageOf } from '../errors.js';
import { resultOf } from '../execute/conduct-raw.js';
import { CONDUCT_CASES } from '../plan/conduct-cases.js';
import { CONDUCT_FILE, type ConductRun, conductRunSchema } from '../record/conduct.js';
import { countLeaves, differences } from '../record/differences.js';
import type { Summary } from '../record/summary.js';
import { checkFile } from '../record/trial-files.js';
import { asJson, type Fault, readJson, shorten } from './fault.js';

/** What was looked at in the record of `--group conduct`, and what was found. */
export interface ConductVerification {
  /** Null when the record cannot be read. */
  readonly run: string | null;
  readonly faults: readonly Fault[];
  /** Cases computed anew from both raw records, and how many values of them and of what is made of them. */
  readonly checked: { readonly cases: number; readonly values: number };
}

/** Computes every case, and what is made of them all, from the driver's rows and the mock's ledgers, and compares. */
export function verifyConduct(directory: string): ConductVerification {
  const parsed = conductRunSchema.safeParse(readJson(readFileSync(join(directory, CONDUCT_FILE))));
  if (!parsed.success) {
    const message = `it is not what this version writes: ${parsed.error.issues[0]?.message ?? ''}`;
    return {
      run: null,
      faults: [{ file: CONDUCT_FILE, field: parsed.error.issues[0]?.path.join('.') ?? null, message }],
      checked: { cases: 0, values: 0 },
    };
  }
  const run = parsed.data;
  const played = run.played.map((each) => checkPlayed(directory, each));
  const faults = played.flatMap(({ faults: found }) => found);
  const values = played.reduce((sum, each) => sum + each.values, 0);
  const summary = checkSummary(directory, conductSummary(run));
  return {
    run: run.id,
    faults: [...faults, ...compare(run.conduct, conductOf(run.played, run.targets), 'conduct'), ...summary.faults],
    checked: {
      cases: played.filter((each) => each.values > 0).length,
      values: values + countLeaves(run.conduct) + summary.values,
    },
  };
}

const SUMMARY = 'summary.json';

/** `summary.json` is made of the record alone. */
function checkSummary(directory: string, expected: Summary): Checked {
  const path = join(directory, SUMMARY);
  if (!existsSync(path)) return { faults: [{ file: SUMMARY, field: null, message: 'it is missing' }], values: 0 };
  const faults = differences(readJson(readFileSync(path)), asJson(expected)).map((each) => ({
    file: SUMMARY,
    field: each.field,
    message: `${shorten(each.written)} is written, ${shorten(each.expected)} follows from ${CONDUCT_FILE}`,
  }));
  return { faults, values: countLeaves(expected) };
}

type Checked = { readonly faults: readonly Fault[]; readonly values: number };

function checkPlayed(directory: string, each: ConductRun['played'][number]): Checked {
  if ('reason' in each) return { faults: [], values: 0 };
  const { target, block, files, warnings: _, looks, ...written } = each;
  const where = `${target}, ${each.case}, block ${block}`;
  const raw: Partial<Record<keyof typeof files, Uint8Array>> = {};
  const damaged: Fault[] = [];
  for (const part of ['requests', 'ledger', 'witnesses'] as const) {
    const file = files[part];
    if (file === undefined) continue;
    const checked = checkFile(directory, file);
    if ('fault' in checked) damaged.push({ file: file.name, field: null, message: checked.fault });
    else raw[part] = checked.bytes;
  }
  const { requests, ledger, witnesses } = raw;
  if (damaged.length > 0 || requests === undefined || ledger === undefined) return { faults: damaged, values: 0 };
  const known = CONDUCT_CASES.find(({ name }) => name === each.case);
  const refused = (message: string): Checked => ({
    faults: [{ file: CONDUCT_FILE, field: where, message }],
    values: 0,
  });
  if (known === undefined) return refused('there is no such case');
  try {
    const computed = resultOf(known, { requests, ledger, witnesses, looks, phases: each.phases });
    return { faults: compare(written, computed, where), values: countLeaves(written) };
  } catch (thrown) {
    return refused(messageOf(thrown));
  }
}

function compare(written: unknown, computed: unknown, where: string): Fault[] {
  return differences(asJson(written), asJson(computed), where).map(({ field, written: stands, expected }) => ({
    file: CONDUCT_FILE,
    field,
    message: `${shorten(stands)} is written, ${shorten(expected)} follows from the records`,
  }));
}
