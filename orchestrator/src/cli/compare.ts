import { whyNotComparable } from '../analyse/compare/comparable.js';
import { compareRuns } from '../analyse/compare/compare.js';
import { BenchError, EXIT, type ExitCode } from '../errors.js';
import type { Comparison } from '../record/comparison.js';
import type { Gate } from '../record/gate.js';
import { renderComparisonMarkdown } from '../report/comparison-markdown.js';
import type { AllowedChange } from '../report/comparison-page-model.js';
import { renderComparison } from '../report/comparison-terminal.js';
import { styleOf } from '../report/terminal-style.js';
import { COMPARISON_SHOWN, readComparisonShown, writeComparison } from './show-comparison.js';
import { type Command, flagOption, type RawOptions, textOption, valueOf } from './options/command.js';
import { type ChosenSides, chooseSides, leadsTo, RUNS_OF_CELLS } from '../record/compare-sides.js';
import { RUNS_OF_CONDUCT } from '../record/conduct-directory.js';
import { compareConductAloud } from './compare-conduct.js';
import { checkGates } from '../analyse/compare/gate.js';
import { parseGates } from './options/gates.js';
import { type GateLines, gateLines } from '../report/gate-text.js';

const HOW = 'How';

/** Says whether one gateway is better or worse than another, or than it was. */
export const compareCommand: Command = {
  name: 'compare',
  about: 'Say what is better, worse or not to be told apart: two runs, or two gateways of one run',
  words: ['a'],
  optionalWords: ['b'],
  options: {
    'fail-on': textOption(
      HOW,
      'End with 1 when b is proven worse: "worse", or limits such as "overhead.p99>5%, cpu>50us, memory>10MiB"',
    ),
    force: flagOption(HOW, 'Compare what is not comparable all the same; the reasons stand in the result'),
    ...COMPARISON_SHOWN,
  },
  exitCodes:
    'Exit codes: 0 compared, and every gate passes · 1 a gate fails · 2 not comparable, or bad input · 3 what a gate is about was not measured · 4 a page or picture cannot be written',
  examples: [
    ['before after --fail-on "overhead.p99>5%"', 'two runs of the same plan on the same machine'],
    ['results', 'the two gateways of one run, such as crabllm@0.0.24 and crabllm@0.0.25'],
    ['results:crabllm results:litellm --html', 'two gateways of a run with more, as a page: comparison.html'],
    ['before after --fail-on "conduct.amplification>10%"', 'two that --group conduct asked'],
  ],
  run: async (given, [a = '', b]) =>
    leadsTo(a, RUNS_OF_CONDUCT) ? compareConductAloud(given, a, b) : compareAloud(given, a, b),
};

async function compareAloud(given: RawOptions, first: string, second: string | undefined): Promise<ExitCode> {
  const shown = readComparisonShown(given);
  const failOn = valueOf(given, 'fail-on');
  const gates = failOn === undefined ? null : parseGates(failOn);
  const comparison = compareSides(chooseSides(first, second, RUNS_OF_CELLS), given['force'] === true);
  const result = gates === null ? null : gateLines(checkGates(gates, comparison));
  if (given['json'] === true) process.stdout.write(`${JSON.stringify({ ...comparison, gate: result }, null, 2)}\n`);
  else process.stdout.write(`${renderComparison(comparison, styleOf(process.stdout, process.env))}\n`);
  const gate = result === null ? null : { ...result, allowed: allowedBy(gates ?? []) };
  await writeComparison(comparison, gate, () => renderComparisonMarkdown(comparison, result), shown);
  return result === null ? EXIT.ok : conclude(result);
}

/** What limits come to on an axis. */
function allowedBy(gates: readonly Gate[]): AllowedChange[] {
  return gates.map(({ measure, least }) => ({ name: measure, scenario: null, least }));
}

/** @throws BenchError `not-comparable` with every reason */
function compareSides({ a, b, notes }: ChosenSides, force: boolean): Comparison {
  const reasons = whyNotComparable(a, b);
  if (reasons.length > 0 && !force) {
    throw new BenchError({
      code: 'not-comparable',
      message: `These runs cannot be compared:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`,
      hint: 'Measure both in one run (crabllm-bench --gateways NAME@VERSION,NAME@VERSION), or say --force and have these reasons in the result.',
      exitCode: EXIT.usage,
    });
  }
  const comparison = compareRuns(a, b);
  const against = reasons.map((reason) => `not comparable, compared by --force: ${reason}`);
  return { ...comparison, notes: [...against, ...notes, ...comparison.notes] };
}

function conclude({ failures, unjudged, reach }: GateLines): ExitCode {
  for (const line of failures) process.stderr.write(`fails: ${line}\n`);
  for (const line of unjudged) process.stderr.write(`not judged: ${line}\n`);
  for (const line of reach) process.stderr.write(`passes: ${line}\n`);
  if (failures.length > 0) return EXIT.refuted;
  return unjudged.length > 0 ? EXIT.incomplete : EXIT.ok;
}
