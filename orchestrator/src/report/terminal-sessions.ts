import Table from 'cli-table3';
import type { Summary } from '../record/summary.js';
import { SESSION_LEGEND, SESSION_TITLE, sessionTables } from './session-rows.js';
import type { Paint, TerminalStyle } from './terminal-style.js';
import { wrap } from './wrap.js';

/** Latency of sessions by turn: a table a level. */
export function sessionLines(
  summary: Pick<Summary, 'sessions' | 'cells'>,
  { columns }: TerminalStyle,
  paint: Paint,
): string[] {
  const tables = sessionTables(summary);
  if (tables.length === 0) return [];
  return [
    '',
    paint.bold(SESSION_TITLE),
    ...tables.flatMap(({ at, heads, rows }) => {
      const table = new Table({ head: [...heads], style: { head: [], border: [], compact: true } });
      for (const row of rows) table.push([...row]);
      return ['', at, ...table.toString().split('\n')];
    }),
    ...wrap(SESSION_LEGEND, columns).map((line) => paint.dim(line)),
  ];
}
