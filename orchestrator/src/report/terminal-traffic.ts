import Table from 'cli-table3';
import type { Summary } from '../record/summary.js';
import { NEIGHBOUR_LEGEND, NEIGHBOUR_TITLE, neighbourTables } from './neighbour-rows.js';
import { SESSION_LEGEND, SESSION_TITLE, sessionTables, type TrafficTable } from './session-rows.js';
import type { Paint, TerminalStyle } from './terminal-style.js';
import { wrap } from './wrap.js';

/** Latency of sessions by turn: a table a level. */
export function sessionLines(
  summary: Pick<Summary, 'sessions' | 'cells'>,
  style: TerminalStyle,
  paint: Paint,
): string[] {
  return tableLines({ title: SESSION_TITLE, legend: SESSION_LEGEND }, sessionTables(summary), style, paint);
}

/** What neighbours do to the latency of others: a table a level. */
export function neighbourLines(
  summary: Pick<Summary, 'neighbours' | 'cells'>,
  style: TerminalStyle,
  paint: Paint,
): string[] {
  return tableLines({ title: NEIGHBOUR_TITLE, legend: NEIGHBOUR_LEGEND }, neighbourTables(summary), style, paint);
}

function tableLines(
  { title, legend }: { readonly title: string; readonly legend: string },
  tables: readonly TrafficTable[],
  { columns }: TerminalStyle,
  paint: Paint,
): string[] {
  if (tables.length === 0) return [];
  return [
    '',
    paint.bold(title),
    ...tables.flatMap(({ at, heads, rows, notes }) => {
      const told = notes.flatMap((note) =>
        wrap(note, columns - 4).map((line, i) => `${i === 0 ? '  ' : '    '}${line}`),
      );
      if (rows.length === 0) return ['', at, ...told];
      const table = new Table({ head: [...heads], style: { head: [], border: [], compact: true } });
      for (const row of rows) table.push([...row]);
      return ['', at, ...table.toString().split('\n'), ...told];
    }),
    ...wrap(legend, columns).map((line) => paint.dim(line)),
  ];
}
