import { type TerminalStyle, paintFor } from '../report/terminal-style.js';
import { wrap } from '../report/wrap.js';
import {
  type Examination,
  type Grade,
  type SmallestOverheadUs,
  diagnose,
  formatMicroseconds,
  smallestOverhead,
} from './diagnose.js';

/** One letter's room, readable without colour. */
const SIGN: Readonly<Record<Grade, string>> = { good: '✓', limited: '~', poor: '✗', unknown: '?' };

/** The examination as a page for a terminal: one part a finding, and at the end what can be told here. */
export function renderExamination(seen: Examination, style: TerminalStyle): string {
  const paint = paintFor(style);
  const colour = { good: paint.green, limited: paint.yellow, poor: paint.red, unknown: paint.dim };
  const remarks = diagnose(seen);
  const width = Math.max(...remarks.map(({ subject }) => subject.length));
  const indent = ' '.repeat(width + 4);
  const room = Math.max(30, style.columns - indent.length);
  const lines = remarks.flatMap(({ subject, grade, found, means }) => {
    const [first = '', ...rest] = wrap(found, room);
    return [
      `${colour[grade](SIGN[grade])} ${paint.bold(subject.padEnd(width))}  ${first}`,
      ...rest.map((line) => indent + line),
      ...(means === '' ? [] : wrap(means, room).map((line) => paint.dim(indent + line))),
    ];
  });
  return [...lines, '', ...wrap(verdictText(seen, smallestOverhead(seen.selfTest)), style.columns)].join('\n');
}

function verdictText(
  { selfTest: { cell, blocks, runtime, driver } }: Examination,
  smallest: SmallestOverheadUs,
): string {
  const how = `${cell.scenario} at ${cell.level.value} rps, ${blocks} blocks, runtime ${runtime}, driver ${driver}`;
  if (smallest.p50 === null)
    return `What this machine can tell apart is not known: the self-test (${how}) gave no noise floor.`;
  const tail = smallest.p99 === null ? 'not known at p99' : `${formatMicroseconds(smallest.p99)} at p99`;
  return `The smallest overhead that this machine tells from none, today: ${formatMicroseconds(smallest.p50)} at p50, ${tail} (${how}).`;
}
