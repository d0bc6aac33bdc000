import type { Comparison } from '../record/comparison.js';
import { answerOf } from './comparison-answer.js';
import { cellTitle, rowsOf, sidesOf, tally } from './comparison-rows.js';
import { type ShownVerdict, VERDICT_TEXT } from './comparison-verdict.js';
import { paintFor, type TerminalStyle } from './terminal-style.js';
import { wrap } from './wrap.js';

/** A comparison for a terminal: a part a cell, a line a quantity. */
export function renderComparison(comparison: Comparison, style: TerminalStyle): string {
  const paint = paintFor(style);
  const rows = comparison.cells.flatMap((cell) => rowsOf(cell));
  const width = (of: 'name' | 'a' | 'b' | 'change'): number =>
    Math.max(0, ...rows.filter(({ a }) => a !== '').map((row) => row[of].length));
  const colour: Readonly<Record<ShownVerdict, (text: string) => string>> = {
    better: paint.green,
    worse: paint.red,
    differs: paint.bold,
    'cannot-be-told': paint.dim,
    'not-compared': paint.yellow,
  };
  const lines = comparison.cells.flatMap((cell) => [
    '',
    paint.bold(cellTitle(cell)),
    ...rowsOf(cell).map(({ name, a, b, change, verdict }) => {
      const figures = a === '' ? '' : `${a.padStart(width('a'))} → ${b.padStart(width('b'))}  `;
      return `  ${name.padEnd(width('name'))}  ${figures}${change.padEnd(width('change'))}  ${colour[verdict](VERDICT_TEXT[verdict])}`;
    }),
  ]);
  return [
    ...answerOf(comparison).flatMap((sentence) => wrap(sentence, style.columns)),
    '',
    ...sidesOf(comparison),
    ...lines,
    '',
    paint.bold(tally(comparison)),
    ...wrap(HOW_TO_READ, style.columns).map((line) => paint.dim(line)),
    ...comparison.notes.flatMap((note) => wrap(`note: ${note}`, style.columns)).map((line) => paint.yellow(line)),
  ].join('\n');
}

/** For every form in which a comparison is shown. */
export const HOW_TO_READ =
  'The change is b − a with its 95 % interval. Better or worse is said when it is beyond the noise floor (direct against direct) after ' +
  'Holm’s correction over all cells, and at least 3 % of a: of an overhead per request, of that overhead; of a shift of quantiles, of the ' +
  'whole latency. Memory is the peak; cpu is of one request.';
