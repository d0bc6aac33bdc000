import { resolve } from 'node:path';
import { EXIT, type ExitCode } from '../errors.js';
import { type Command, flagOption } from './options/command.js';
import type { Fault } from '../verify/fault.js';
import { holdsConduct } from '../record/conduct-directory.js';
import { verifyConduct } from '../verify/verify-conduct.js';
import { type Verification, verifyRun } from '../verify/verify-run.js';

/** More than these are counted, not told. */
const SHOWN = 20;

/** Says whether a run directory is what this program measured. */
export const verifyCommand: Command = {
  name: 'verify',
  about: 'Compute a run anew from its raw records and refuse it where anything differs (exit code 1)',
  words: ['directory'],
  options: { json: flagOption('What is shown', 'Print the result as JSON on standard output and nothing else') },
  examples: [['results', 'digests, records, planned trials and summary.json of the run in results/']],
  run: async (given, [directory = '']) => verifyAloud(directory, given['json'] === true),
};

function verifyAloud(directory: string, json: boolean): ExitCode {
  if (holdsConduct(resolve(directory))) return verifyConductAloud(directory, json);
  const verification = verifyRun(resolve(directory));
  const lines = json ? [JSON.stringify(verification, null, 2)] : describe(directory, verification);
  process.stdout.write(`${lines.join('\n')}\n`);
  return verification.faults.length === 0 ? EXIT.ok : EXIT.refuted;
}

/** The same of what `--group conduct` wrote. */
function verifyConductAloud(directory: string, json: boolean): ExitCode {
  const verification = verifyConduct(resolve(directory));
  const { run, faults, checked } = verification;
  const lines =
    faults.length > 0
      ? [`${directory}: REFUSED, it is not what was measured`, ...listed(faults.map(faultLine), '  ')]
      : [
          `${directory}: as it was measured`,
          `  run ${run ?? ''}: ${checked.cases} cases, ${checked.values} values computed anew from requests and ledgers, all equal`,
        ];
  process.stdout.write(json ? `${JSON.stringify(verification, null, 2)}\n` : `${lines.join('\n')}\n`);
  return faults.length === 0 ? EXIT.ok : EXIT.refuted;
}

function describe(directory: string, { run, faults, checked, seal, notes }: Verification): string[] {
  const open =
    checked.notJudged.length === 0
      ? []
      : [
          `  ${checked.notJudged.length} trials not judged anew: what their state rests on is not in the record`,
          ...listed(checked.notJudged, '    '),
        ];
  const noted = notes.map((note) => `  note: ${note}`);
  if (faults.length > 0) {
    return [
      `${directory}: REFUSED, it is not what was measured`,
      ...listed(faults.map(faultLine), '  '),
      ...open,
      ...noted,
    ];
  }
  const records = [
    [checked.recounted, 'counted anew from each of their requests'],
    [checked.compared, 'equal to the driver’s own record'],
    [
      checked.bounded,
      'possible by oha’s own output: their counts follow from it, their latencies lie within its bounds (its rows are not kept)',
    ],
  ] as const;
  return [
    `${directory}: as it was measured`,
    `  run ${run ?? ''}: ${checked.trials} trials${checked.planned ? ', none missing, none added' : ''}`,
    `  ${checked.files} files have the digests that were recorded when they were written`,
    ...records.filter(([count]) => count > 0).map(([count, how]) => `  ${count} trials ${how}`),
    ...open,
    `  ${checked.values} values of what is computed from them (${checked.computed.join(', ')}) computed anew, all equal`,
    ...noted,
    `  seal ${seal ?? ''} (ask the sender for it by another way: it is this run’s alone)`,
    '  not covered: pages and pictures (draw them again: crabllm-bench chart), and records forged together with their digests',
  ];
}

function listed(lines: readonly string[], indent: string): string[] {
  const rest = lines.length - SHOWN;
  return [...lines.slice(0, SHOWN), ...(rest > 0 ? [`and ${rest} more`] : [])].map((line) => `${indent}${line}`);
}

function faultLine({ file, field, message }: Fault): string {
  return `${file}: ${field === null ? '' : `${field}: `}${message}`;
}
