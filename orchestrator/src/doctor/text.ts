import { paintFor, type TerminalStyle } from '../report/terminal-style.js';
import { wrap } from '../report/wrap.js';
import type { Check } from './check.js';
import type { Diagnosis } from './diagnosis.js';
import { formatUs } from './figures.js';

const MARK: Readonly<Record<Check['state'], string>> = { good: '✓', note: 'i', warning: '!' };

/**
 * A diagnosis for a person: a line for each thing, what it means below, and the sum at the end.
 * @param ruler what the newest certificate says, in a sentence
 */
export function renderDiagnosis({ checks, smallestOverhead }: Diagnosis, ruler: string, style: TerminalStyle): string {
  return [
    ...checkLines(checks, style),
    '',
    ...wrap(sumOf(smallestOverhead), style.columns),
    ...wrap(ruler, style.columns),
  ].join('\n');
}

/** A line for each thing, and what it means below. */
export function checkLines(checks: readonly Check[], style: TerminalStyle): string[] {
  const paint = paintFor(style);
  const colour = { good: paint.green, note: paint.cyan, warning: paint.yellow };
  const width = Math.max(...checks.map(({ name }) => name.length));
  const indent = ' '.repeat(width + 4);
  return checks.flatMap(({ name, state, found, meaning }) => [
    ...wrap(found, style.columns - indent.length).map((line, nth) =>
      nth === 0 ? `${colour[state](MARK[state])} ${name.padEnd(width)}  ${line}` : indent + line,
    ),
    ...(meaning === null ? [] : wrap(meaning, style.columns - indent.length).map((line) => paint.dim(indent + line))),
  ]);
}

function sumOf({ p50Us, p99Us }: Diagnosis['smallestOverhead']): string {
  if (p50Us === null && p99Us === null)
    return 'The smallest overhead that can be told is not known: no self-test was made.';
  const told = [
    p50Us === null ? 'none known at p50' : `${formatUs(p50Us)} at p50`,
    p99Us === null ? 'none known at p99' : `${formatUs(p99Us)} at p99`,
  ];
  return `No overhead below this can be told by a run as short as this self-test: ${told.join(', ')}. More blocks tell smaller ones.`;
}
