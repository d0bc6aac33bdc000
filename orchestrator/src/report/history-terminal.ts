import type { HistoryLine } from '../analyse/history/history.js';
import { VERDICT_TEXT } from './comparison-verdict.js';
import {
  breakLines,
  changeTexts,
  historyHeadline,
  type HistoryPage,
  historyRow,
  HOW_TO_READ_HISTORY,
  leftOutLines,
  smallestLine,
} from './history-rows.js';
import { paintFor, type TerminalStyle } from './terminal-style.js';
import { wrap } from './wrap.js';

const BARS = '▁▂▃▄▅▆▇█';
/** Further back a terminal has no room. */
const MOST_BARS = 24;

/** A history for a terminal: the answer, what changed, then every line with its sparkline. */
export function renderHistory(page: HistoryPage, style: TerminalStyle): string {
  const { history } = page;
  const paint = paintFor(style);
  const rows = history.lines.map((line) => ({ line, ...historyRow(line, history.runs) }));
  const width = (of: 'cell' | 'name' | 'newest'): number => Math.max(0, ...rows.map((row) => row[of].length));
  const colour = { better: paint.green, worse: paint.red, 'cannot-be-told': paint.dim, 'not-compared': paint.yellow };
  const bars = Math.max(0, ...rows.map(({ line }) => sparkline(line).length));
  const part = (lines: readonly string[]): string[] => lines.flatMap((line) => wrap(line, style.columns));
  return [
    paint.bold(historyHeadline(history)),
    ...part(changeTexts(page)),
    '',
    ...rows.map(
      ({ line, cell, name, newest, step, verdict }) =>
        `${cell.padEnd(width('cell'))}  ${name.padEnd(width('name'))}  ${sparkline(line).padEnd(bars)}  ${newest.padStart(width('newest'))}  ${colour[verdict](VERDICT_TEXT[verdict])}  ${paint.dim(step)}`,
    ),
    '',
    ...part([smallestLine(history)]),
    ...part(breakLines(history)).map((line) => paint.yellow(line)),
    ...part(leftOutLines(page)).map((line) => paint.yellow(line)),
    ...part([HOW_TO_READ_HISTORY]).map((line) => paint.dim(line)),
  ].join('\n');
}

/** The last points as bars from the smallest to the largest; a stroke where the series is another. */
function sparkline({ points, breaks }: HistoryLine): string {
  const shown = points.slice(-MOST_BARS);
  const values = shown.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return shown
    .map(({ run, value }, i) => {
      const share = most > least ? (value - least) / (most - least) : 0.5;
      const bar = BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))] ?? '▁';
      return `${i > 0 && breaks.some((at) => at.run === run) ? '│' : ''}${bar}`;
    })
    .join('');
}
