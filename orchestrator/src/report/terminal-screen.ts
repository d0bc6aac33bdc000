import type { Summary } from '../record/summary.js';
import { reportModel } from './model.js';
import { shortLegend } from './terminal-legend.js';
import { absentLines, briefFindingLines, briefPlacesLines } from './terminal-notes.js';
import { featureLines } from './terminal-features.js';
import { type Paint, paintFor, type TerminalStyle } from './terminal-style.js';
import { neighbourLines, sessionLines } from './terminal-traffic.js';
import { answerLines, fittingTable, noteLines, renderTable } from './terminal-table.js';
import { wrap } from './wrap.js';

/** What a result may take of a screen of 50 lines: above it stands what the run was told to do, and where its time went. */
export const RESULT_ROWS = 41;

/**
 * The result where it is looked at first: the answer, the table, and as much of the notes as makes a screen. What is longer than a screen
 * anyway (more cells than a `--quick` has, tables behind the table) is told whole, as {@link renderTable} does.
 * @param ruler what the instrument can tell apart, in a sentence
 * @param whole the command that prints all of it
 */
export function renderScreen(summary: Summary, ruler: string, whole: string, style: TerminalStyle): string {
  const all = renderWhole(summary, ruler, style);
  const model = reportModel(summary);
  const paint = paintFor(style);
  if (all.split('\n').length <= RESULT_ROWS || hasMoreTables(summary, style, paint)) return all;
  const dim = (text: string): string[] => wrap(text, style.columns).map((line) => paint.dim(line));
  const { table, notes } = fittingTable(model, style, paint);
  const above = [
    ...answerLines(summary, model, style, paint),
    ...table.split('\n'),
    ...noteLines(notes, style),
    ...absentLines(model, style, paint),
    ...briefPlacesLines(model, style, paint),
    ...dim(shortLegend(model, table)),
  ];
  const run = dim(`${model.subtitle}. ${ruler}`);
  const pointer = (without: number): string[] =>
    dim(`${without === 0 ? 'All' : `… and ${without} more; all`} notes, whole: ${whole}`);
  const left = RESULT_ROWS - above.length - run.length - pointer(summary.findings.length).length;
  if (left < 0) return all;
  const { lines, without } = briefFindingLines(summary.findings, style, paint, left);
  return [...above, ...lines, ...pointer(without), ...run].join('\n');
}

function hasMoreTables(summary: Summary, style: TerminalStyle, paint: Paint): boolean {
  const more = [
    ...featureLines(summary.features ?? [], style, paint),
    ...sessionLines(summary, style, paint),
    ...neighbourLines(summary, style, paint),
  ];
  return more.length > 0;
}

/** All of the result, however long. */
export function renderWhole(summary: Summary, ruler: string, style: TerminalStyle): string {
  return [renderTable(summary, style), '', ...wrap(ruler, style.columns)].join('\n');
}
