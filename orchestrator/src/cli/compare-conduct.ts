import { compareConduct } from '../analyse/compare/conduct-changes.js';
import { checkConductGates } from '../analyse/compare/conduct-gate.js';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import { chooseSides, leadsTo } from '../record/compare-sides.js';
import { RUNS_OF_CONDUCT } from '../record/conduct-directory.js';
import { conductGateLines, renderConductComparison } from '../report/conduct-comparison.js';
import { type RawOptions, valueOf } from './options/command.js';
import { parseConductGates } from './options/conduct-gates.js';
import { readComparisonShown, writeComparison } from './show-comparison.js';

/**
 * `compare` of what `--group conduct` wrote.
 * @returns exit code 1 where a gate fails, 3 where one cannot be judged
 */
export async function compareConductAloud(
  given: RawOptions,
  first: string,
  second: string | undefined,
): Promise<ExitCode> {
  const shown = readComparisonShown(given);
  const failOn = valueOf(given, 'fail-on');
  const gates = failOn === undefined ? null : parseConductGates(failOn);
  if (second !== undefined) refuseOther(second);
  const { a, b, notes } = chooseSides(first, second, RUNS_OF_CONDUCT);
  const compared = compareConduct(a, b);
  const comparison = { ...compared, notes: [...notes, ...compared.notes] };
  const result = gates === null ? null : conductGateLines(checkConductGates(gates, comparison));
  const page = renderConductComparison(comparison, result);
  process.stdout.write(given['json'] === true ? `${JSON.stringify({ ...comparison, gate: result }, null, 2)}\n` : page);
  const allowed = (gates ?? []).map(({ row, case: scenario, least }) => ({ name: row, scenario, least }));
  const gate = result === null ? null : { ...result, reach: [], allowed };
  await writeComparison(comparison, gate, () => page, shown);
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
