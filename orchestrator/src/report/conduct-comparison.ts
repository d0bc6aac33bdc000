import type { ConductGateResult } from '../analyse/compare/conduct-gate.js';
import type { ComparedRow, Comparison } from '../record/comparison.js';
import { answerOf } from './comparison-answer.js';
import { conductChangeText, type PlacedRow, placedRows, sidesOf, tally } from './comparison-rows.js';
import { VERDICT_TEXT } from './comparison-verdict.js';
import { escapeMarkdown, markdownTable } from './markdown-table.js';

/** What gates say, line by line. */
export interface ConductGateLines {
  readonly failures: readonly string[];
  readonly unjudged: readonly string[];
}

/** What gates say, for a person. */
export function conductGateLines({ failures, unjudged }: ConductGateResult): ConductGateLines {
  return {
    failures: failures.map(
      ({ gate, of, row }) => `${gate}: ${of.b} ${of.case} ${row.name} is worse: ${changeText(row)}`,
    ),
    unjudged,
  };
}

const HEADS = ['case', 'row', 'a', 'b', 'change', ''].map((head) => ({ head, words: true }));

/** The comparison as Markdown that can be read as it is: what differs, the worse first; the rest is counted. */
export function renderConductComparison(comparison: Comparison, gate: ConductGateLines | null): string {
  const rows = placedRows(comparison);
  const changed = (['worse', 'better', 'differs'] as const).flatMap((verdict) =>
    rows.filter((row) => row.verdict === verdict).map(line),
  );
  return [
    `### Conduct while providers fail: ${tally(comparison)}`,
    answerOf(comparison)
      .map((sentence) => `- ${escapeMarkdown(sentence)}`)
      .join('\n'),
    sidesOf(comparison).join('\n'),
    ...(changed.length === 0 ? [] : [markdownTable(HEADS, changed)]),
    ...(gate === null ? [] : [gateText(gate)]),
    ...comparison.notes.map((note) => `> ${note}`),
    HOW_TO_READ_CONDUCT,
  ]
    .join('\n\n')
    .concat('\n');
}

/** For every form in which such a comparison is shown. */
export const HOW_TO_READ_CONDUCT =
  'The change is b − a with its 95 % interval. It is one when it holds after Holm’s correction over all rows and cases, and is at least ' +
  '3 % of a (a time 1 ms, a share one point).';

function line({ cell, name, a, b, change, verdict }: PlacedRow): string[] {
  return [cell, name, a, b, change, VERDICT_TEXT[verdict]];
}

function changeText({ change, unit, reason }: ComparedRow): string {
  return change === null ? (reason ?? '') : conductChangeText(change, unit);
}

function gateText({ failures, unjudged }: ConductGateLines): string {
  if (failures.length + unjudged.length === 0) return 'The gate passes.';
  const lines = [...failures.map((each) => `- ${each}`), ...unjudged.map((each) => `- not judged: ${each}`)];
  return `The gate does not pass:\n${lines.join('\n')}`;
}
