import type { Comparison } from '../record/comparison.js';
import { answerOf } from './comparison-answer.js';
import { type PlacedRow, placedRows, sidesOf, tally } from './comparison-rows.js';
import { VERDICT_TEXT, worstFirst, isChange } from './comparison-verdict.js';
import { HOW_TO_READ } from './comparison-terminal.js';
import type { GateLines } from './gate-text.js';

/** GitHub refuses a comment of more than 65 536 characters, and with it the job; what is written around this one has the rest. */
export const MOST_CHARACTERS = 60_000;
/** So many lines of one kind of the gate, and so many notes, say what there is to say. */
const MOST_LINES = 20;

/**
 * A comparison as a comment for a pull request: the verdict, then what differs with the worst first, everything else folded away. No
 * figure stands there twice, and what would not fit a comment is cut, with the number of what is missing and where it is.
 */
export function renderComparisonMarkdown(comparison: Comparison, gate: GateLines | null): string {
  const rows = placedRows(comparison);
  const differing = worstFirst(rows.filter(({ verdict }) => isChange(verdict)));
  const others = rows.filter(({ verdict }) => !isChange(verdict));
  const head = [
    `### Gateway benchmark: ${tally(comparison)}`,
    upTo(answerOf(comparison).map((sentence) => `- ${escape(sentence)}`)),
    ...(gate === null ? [] : [gateText(gate)]),
    ...(comparison.notes.length === 0 ? [] : [upTo(comparison.notes.map((note) => `> ${escape(note)}`))]),
  ];
  const foot = `${sidesOf(comparison)
    .map((line) => `- ${escape(line)}`)
    .join('\n')}\n\n${HOW_TO_READ}`;
  const fixed = [...head, foot].join('\n\n').length + 500;
  const first = table(differing, MOST_CHARACTERS - fixed);
  const rest = table(others, MOST_CHARACTERS - fixed - first.length);
  return [
    ...head,
    ...(differing.length === 0 ? [] : [first]),
    `<details><summary>${others.length} figures without a difference</summary>\n\n${rest}\n\n${foot}\n\n</details>`,
    '',
  ].join('\n\n');
}

function gateText({ failures, unjudged, reach }: GateLines): string {
  if (failures.length === 0 && unjudged.length === 0)
    return ['✅ The gate passes.', upTo(reach.map((line) => `- ${escape(line)}`))]
      .filter((part) => part !== '')
      .join('\n');
  const lines = [
    upTo(failures.map((line) => `- ❌ ${escape(line)}`)),
    upTo(unjudged.map((line) => `- ⚠️ not judged: ${escape(line)}`)),
  ];
  return `The gate does not pass:\n${lines.filter((part) => part !== '').join('\n')}`;
}

function upTo(lines: readonly string[]): string {
  const more = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES), ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}

/** As many rows as fit, from the first on. */
function table(rows: readonly PlacedRow[], most: number): string {
  const head = ['| cell | | a | b | change | |', '| :-- | :-- | --: | --: | --: | :-- |'];
  const lines = rows.map(
    ({ cell, name, a, b, change, verdict }) =>
      `| ${[cell, name, a, b, change, VERDICT_TEXT[verdict]].map(escape).join(' | ')} |`,
  );
  let room = most - head.join('\n').length;
  const cut = lines.findIndex((line) => (room -= line.length + 1) < 0);
  if (cut === -1) return [...head, ...lines].join('\n');
  const left = lines.length - cut;
  return [
    ...head,
    ...lines.slice(0, cut),
    '',
    `${left} more would not fit a comment: \`compare … --json\` has them all.`,
  ].join('\n');
}

function escape(text: string): string {
  return text.replaceAll(/[\\|*_<>`]/g, (character) => `\\${character}`).replaceAll(/\s+/g, ' ');
}
