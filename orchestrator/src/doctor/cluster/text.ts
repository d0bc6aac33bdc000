import { paintFor, type TerminalStyle } from '../../report/terminal-style.js';
import { wrap } from '../../report/wrap.js';
import { checkLines } from '../text.js';
import type { Advice, Judged } from './judged.js';

/** A diagnosis of a cluster for a person: a line for each thing, what it means below, and what to change at the end. */
export function renderClusterDiagnosis({ checks, advice }: Judged, style: TerminalStyle): string {
  return [...checkLines(checks, style), '', ...adviceLines(advice, style)].join('\n');
}

function adviceLines(advice: readonly Advice[], style: TerminalStyle): string[] {
  if (advice.length === 0) return ['Nothing to change.'];
  const paint = paintFor(style);
  const lines = advice.flatMap(({ change, because, gives }, index) => {
    const number = `${index + 1}. `;
    const indent = ' '.repeat(number.length);
    const wrapped = (text: string): string[] => wrap(text, style.columns - indent.length);
    return [
      ...wrapped(`${change}.`).map((line, nth) => `${nth === 0 ? number : indent}${line}`),
      ...wrapped(`Why: ${because}.`).map((line) => paint.dim(indent + line)),
      ...wrapped(`Gives: ${gives}.`).map((line) => paint.dim(indent + line)),
    ];
  });
  return ['What to change:', ...lines];
}
