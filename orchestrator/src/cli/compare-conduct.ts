import { compareConduct } from '../analyse/compare/conduct-changes.js';
import { checkConductGates } from '../analyse/compare/conduct-gate.js';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import { chooseSides, leadsTo } from '../record/compare-sides.js';
import { RUNS_OF_CONDUCT } from '../record/conduct-directory.js';
import { conductGateLines, renderConductComparison } from '../report/conduct-comparison.js';
import { type RawOptions, valueOf } from './options/command.js';
import { parseConductGates } from './options/conduct-gates.js';
import { markdownFile } from './options/shown.js';
import { writePage } from './write-page.js';

/**
 * `compare` of what `--group conduct` wrote.
 * @returns exit code 1 where a gate fails, 3 where one cannot be judged
 */
export function compareConductAloud(given: RawOptions, first: string, second: string | undefined): ExitCode {
  const markdown = markdownFile(given);
  const failOn = valueOf(given, 'fail-on');
  const gates = failOn === undefined ? null : parseConductGates(failOn);
  if (second !== undefined) refuseOther(second);
  const { a, b, notes } = chooseSides(first, second, RUNS_OF_CONDUCT);
  const compared = compareConduct(a, b);
  const comparison = { ...compared, notes: [...notes, ...compared.notes] };
  const result = gates === null ? null : conductGateLines(checkConductGates(gates, comparison));
  const page = renderConductComparison(comparison, result);
  process.stdout.write(given['json'] === true ? `${JSON.stringify({ ...comparison, gate: result }, null, 2)}\n` : page);
  if (markdown !== null) {
    writePage(markdown, page);
    process.stderr.write(`wrote ${markdown}\n`);
  }
  if (result === null) return EXIT.ok;
  for (const line of result.failures) process.stderr.write(`fails: ${line}\n`);
  for (const line of result.unjudged) process.stderr.write(`not judged: ${line}\n`);
  if (result.failures.length > 0) return EXIT.refuted;
  return result.unjudged.length > 0 ? EXIT.incomplete : EXIT.ok;
}

function refuseOther(second: string): void {
  if (leadsTo(second, RUNS_OF_CONDUCT)) return;
  throw usageError(
    'run-missing',
    `${second} holds nothing of --group conduct, and a does.`,
    'Compare two of a kind: give another directory that --group conduct wrote.',
  );
}
