import { formatLevel } from '../record/cell.js';
import type { ComparedCell, ComparedMeasure, CompareVerdict, Comparison } from '../record/comparison.js';
import { formatMiB, formatMs, formatShiftMs } from './format.js';

/** What a verdict is called, with a sign that stands out in a column. */
export const VERDICT_TEXT: Readonly<Record<CompareVerdict, string>> = {
  better: '▼ better',
  worse: '▲ worse',
  'cannot-be-told': '≈ cannot be told',
  'not-compared': '– not compared',
};

/** One quantity of one cell, in words. */
export interface ComparisonRow {
  readonly name: string;
  readonly a: string;
  readonly b: string;
  /** The change with its 95 % interval and its share of a's figure. */
  readonly change: string;
  /** That share: 0.13 for 13 %; null where there are no figures. */
  readonly share: number | null;
  readonly verdict: CompareVerdict;
}

/** The quantities of a cell that are shown: latencies are in the JSON, for their overhead says the same with the machine taken out. */
export function rowsOf({ measures, verdict, reason }: ComparedCell): ComparisonRow[] {
  if (measures.length === 0) {
    const change = reason ?? 'no figure on both sides, from two blocks or more';
    return [{ name: 'state', a: '', b: '', change, share: null, verdict: reason === null ? 'not-compared' : verdict }];
  }
  return measures
    .filter(({ name }) => !name.startsWith('latency.'))
    .map((measure) => ({
      name: measure.name,
      a: figure(measure, measure.a),
      b: figure(measure, measure.b),
      change: changeText(measure),
      share: measure.a === 0 ? null : measure.change.value / Math.abs(measure.a),
      verdict: measure.verdict,
    }));
}

/** `crabllm@0.0.25 against crabllm@0.0.24, chat-stream at 500 rps`. */
export function cellTitle({ a, b, scenario, level }: ComparedCell): string {
  return `${a === b ? b : `${b} against ${a}`}, ${scenario} at ${formatLevel(level)}`;
}

/** `2 worse, 0 better, 30 cannot be told`, over everything that is shown. */
export function tally({ cells }: Comparison): string {
  const verdicts = cells.flatMap((cell) => rowsOf(cell)).map(({ verdict }) => verdict);
  const count = (verdict: CompareVerdict): number => verdicts.filter((found) => found === verdict).length;
  const missing = count('not-compared');
  const parts = [
    `${count('worse')} worse`,
    `${count('better')} better`,
    `${count('cannot-be-told')} cannot be told apart`,
  ];
  return [...parts, ...(missing > 0 ? [`${missing} not compared`] : [])].join(', ');
}

/** What stands on the two sides, and how differences were taken. */
export function sidesOf({ a, b, pairing, runToRun, cells }: Comparison): string[] {
  const side = ({ run, startedAt, targets }: Comparison['a']): string => {
    const names = targets.map(({ name, version }) =>
      version === null || name.includes('@') ? name : `${name} ${version}`,
    );
    return `${names.join(', ')} (run ${run}, ${startedAt.slice(0, 16).replace('T', ' ')} UTC)`;
  };
  const blocks = Math.max(0, ...cells.flatMap(({ measures }) => measures.map((measure) => measure.blocks)));
  return [
    `a: ${side(a)}`,
    `b: ${side(b)}`,
    pairing === 'blocks'
      ? `differences within each of ${blocks} blocks of one run`
      : `two runs of ${blocks} blocks or more, each gateway over its own direct${addedText(runToRun)}`,
  ];
}

/** What the intervals hold beside what blocks differ by. */
function addedText(runToRun: Comparison['runToRun']): string {
  if (runToRun === null) return '';
  const shares = [runToRun.a, runToRun.b].map(({ overhead, source }) => {
    return `${(100 * overhead).toFixed(0)} % (${source === 'default' ? 'the stated default' : 'by calibrate'})`;
  });
  return `; a run adds to the blocks of an overhead by itself ± ${[...new Set(shares)].join(' and ')}`;
}

/** `1.20 ms → 1.35 ms, +0.15 [+0.08, +0.22] (+13 %)`. */
export function figuresText(measure: ComparedMeasure): string {
  return `${figure(measure, measure.a)} → ${figure(measure, measure.b)}, ${changeText(measure)}`;
}

/** `+0.15 [+0.08, +0.22] (+13 %)`. */
export function changeText({ unit, a, change }: Pick<ComparedMeasure, 'unit' | 'a' | 'change'>): string {
  const shift = unit === 'us' ? formatShiftMs : shiftMiB;
  const share = a === 0 ? '' : ` (${signed((100 * change.value) / Math.abs(a))} %)`;
  return `${shift(change.value)} [${shift(change.low)}, ${shift(change.high)}]${share}`;
}

/** A figure with its unit: `1.20 ms`, `18.4 MiB`. */
export function figure({ unit }: Pick<ComparedMeasure, 'unit'>, value: number): string {
  return unit === 'us' ? `${formatMs(value)} ms` : `${formatMiB(value)} MiB`;
}

function shiftMiB(bytes: number): string {
  return `${bytes < 0 ? '−' : '+'}${formatMiB(Math.abs(bytes))}`;
}

/** A share of a hundred with its sign: `+4.9`, `−13`. */
export function signed(percent: number): string {
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(Math.abs(percent) < 9.95 ? 1 : 0)}`;
}
