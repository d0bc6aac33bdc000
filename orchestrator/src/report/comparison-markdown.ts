import { escapeMarkdown } from './markdown-table.js';
import type { Comparison } from '../record/comparison.js';
import { cellTitle, rowsOf, sidesOf, tally, VERDICT_TEXT } from './comparison-rows.js';
import { HOW_TO_READ } from './comparison-terminal.js';
import type { GateLines } from './gate-text.js';

/** A comparison as a comment for a pull request: what differs first, everything else folded away. */
export function renderComparisonMarkdown(comparison: Comparison, gate: GateLines | null): string {
  const rows = comparison.cells.flatMap((cell) => rowsOf(cell).map((row) => ({ ...row, cell: cellTitle(cell) })));
  const differing = rows.filter(({ verdict }) => verdict === 'better' || verdict === 'worse');
  return [
    `### Gateway benchmark: ${tally(comparison)}`,
    ...(gate === null ? [] : [gateText(gate)]),
    ...(differing.length === 0 ? [] : [table(differing)]),
    ...(comparison.notes.length === 0 ? [] : [comparison.notes.map((note) => `> ${escapeMarkdown(note)}`).join('\n')]),
    `<details><summary>All ${rows.length} figures</summary>\n\n${table(rows)}\n\n${sidesOf(comparison)
      .map((line) => `- ${escapeMarkdown(line)}`)
      .join('\n')}\n\n${HOW_TO_READ}\n\n</details>`,
    '',
  ].join('\n\n');
}

function gateText({ failures, unjudged, reach }: GateLines): string {
  if (failures.length === 0 && unjudged.length === 0)
    return ['✅ The gate passes.', ...reach.map((line) => `- ${escapeMarkdown(line)}`)].join('\n');
  const lines = [
    ...failures.map((line) => `- ❌ ${escapeMarkdown(line)}`),
    ...unjudged.map((line) => `- ⚠️ not judged: ${escapeMarkdown(line)}`),
  ];
  return `The gate does not pass:\n${lines.join('\n')}`;
}

function table(rows: readonly (ReturnType<typeof rowsOf>[number] & { readonly cell: string })[]): string {
  const lines = rows.map(({ cell, name, a, b, change, verdict }) => [cell, name, a, b, change, VERDICT_TEXT[verdict]]);
  return [
    '| cell | | a | b | change | |',
    '| :-- | :-- | --: | --: | --: | :-- |',
    ...lines.map((line) => `| ${line.map(escape).join(' | ')} |`),
  ].join('\n');
}
