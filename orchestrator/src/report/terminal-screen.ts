import type { Summary } from '../record/summary.js';
import { reportModel } from './model.js';
import { shortLegend } from './terminal-legend.js';
import { absentLines, briefFindingLines, briefPlacesLines } from './terminal-notes.js';
import { paintFor, type TerminalStyle } from './terminal-style.js';
import { answerLines, fittingTable, noteLines, renderTable } from './terminal-table.js';
import { wrap } from './wrap.js';

/** What a result may take of a screen of 50 lines: above it stands what the run was told to do, and where its time went. */
export const RESULT_ROWS = 41;

/**
 * The result where it is looked at first: the answer, the table, and as much of the notes as makes a screen. What is longer than a screen
 * anyway (more cells than a `--quick` has, what features cost) is told whole, as {@link renderTable} does.
 * @param ruler what the instrument can tell apart, in a sentence
 * @param whole the command that prints all of it
 */
export function renderScreen(summary: Summary, ruler: string, whole: string, style: TerminalStyle): string {
  const all = renderWhole(summary, ruler, style);
  if (all.split('\n').length <= RESULT_ROWS || (summary.features ?? []).length > 0) return all;
  const model = reportModel(summary);
  const paint = paintFor(style);
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

/** All of the result, however long. */
export function renderWhole(summary: Summary, ruler: string, style: TerminalStyle): string {
  return [renderTable(summary, style), '', ...wrap(ruler, style.columns)].join('\n');
}
