import { MOST_CHARACTERS } from './comparison-markdown.js';
import { VERDICT_TEXT } from './comparison-verdict.js';
import {
  breakLines,
  type ChangeLine,
  changeLines,
  historyHeadline,
  type HistoryPage,
  historyRow,
  HOW_TO_READ_HISTORY,
  leftOutLines,
  smallestLine,
} from './history-rows.js';
import { escapeMarkdown, markdownTable } from './markdown-table.js';

const COLUMNS = [
  { head: 'cell', words: true },
  { head: 'figure', words: true },
  { head: 'newest' },
  { head: 'against the runs before' },
  { head: 'verdict', words: true },
];
/** So many lines of one kind say what there is to say. */
const MOST_LINES = 30;

/** A history as a summary that fits a comment: the answer, what changed, and the lines of the newest run folded away. */
export function renderHistoryMarkdown(page: HistoryPage): string {
  const { history } = page;
  const head = [
    `### ${escapeMarkdown(historyHeadline(history))}`,
    marked(changeLines(page).map(changeMarkdown)),
    escapeMarkdown(smallestLine(history)),
    list(breakLines(history)),
    list(leftOutLines(page)),
    HOW_TO_READ_HISTORY,
  ].filter((part) => part !== '');
  const rows = history.lines
    .map((line) => historyRow(line, history.runs))
    .map(({ cell, name, newest, step, verdict }) => [cell, name, newest, step, VERDICT_TEXT[verdict]]);
  const room = MOST_CHARACTERS - head.join('\n\n').length - 500;
  const fits = rowsThatFit(rows, room);
  const more = rows.length - fits;
  const rest = more === 0 ? '' : `\n\n${more} more would not fit a comment: \`history … --json\` has them all.`;
  return `${head.join('\n\n')}\n\n<details><summary>${rows.length} figures</summary>\n\n${markdownTable(COLUMNS, rows.slice(0, fits))}${rest}\n\n</details>\n`;
}

function rowsThatFit(rows: readonly (readonly string[])[], most: number): number {
  let room = most;
  const cut = rows.findIndex((row) => (room -= row.map(escapeMarkdown).join(' | ').length + 5) < 0);
  return cut === -1 ? rows.length : cut;
}

function changeMarkdown({ text, commits }: ChangeLine): string {
  if (commits === null) return escapeMarkdown(text);
  const { text: range, href } = commits;
  return `${escapeMarkdown(text)} (${href === null ? range : `[${range}](${href})`})`;
}

function list(lines: readonly string[]): string {
  return marked(lines.map(escapeMarkdown));
}

/** @param lines Markdown already */
function marked(lines: readonly string[]): string {
  const more = lines.length - MOST_LINES;
  const shown = lines.slice(0, MOST_LINES).map((line) => `- ${line}`);
  return [...shown, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}
