import { formatLevel } from '../record/cell.js';
import type { ComparedCase, ComparedCell, ComparedMeasure, ComparedRow, Comparison } from '../record/comparison.js';
import { figure as conductFigure, shift as conductShift } from './conduct-figures.js';
import type { ShownVerdict } from './comparison-verdict.js';
import { formatMiB, formatMs, formatShiftMs } from './format.js';

/** A change in numbers, in the unit of what changed. */
export interface ChangedFigure {
  readonly unit: ComparedMeasure['unit'] | ComparedRow['unit'];
  readonly a: number;
  readonly b: number;
  /** b − a, with its 95 % interval. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** What a change has to be beyond to be one: noise floor and least effect; null where the floor is unknown. */
  readonly needed: number | null;
  /** Which way is better; null: neither is by itself. */
  readonly better: ComparedRow['better'];
  readonly blocks: number;
}

/** One quantity of one cell, or one row of one case, in words and in numbers. */
export interface ComparisonRow {
  readonly name: string;
  readonly a: string;
  readonly b: string;
  /** The change with its 95 % interval and its share of a's figure. */
  readonly change: string;
  /** That share: 0.13 for 13 %; null where there are no figures. */
  readonly share: number | null;
  readonly verdict: ShownVerdict;
  /** Null where there is no change to judge. */
  readonly figure: ChangedFigure | null;
}

/** A row with where it was measured. */
export interface PlacedRow extends ComparisonRow {
  /** Names of the two gateways. */
  readonly of: { readonly a: string; readonly b: string };
  /** A scenario, or a case of conduct. */
  readonly scenario: string;
  /** Empty for a case of conduct. */
  readonly level: string;
  /** All of that as one sentence names it. */
  readonly cell: string;
}

/** Everything that is shown of a comparison, in its order. */
export function placedRows({ cells, conduct = [] }: Comparison): PlacedRow[] {
  return [
    ...cells.flatMap((cell) => {
      const { a, b, scenario, level } = cell;
      const place = { of: { a, b }, scenario, level: formatLevel(level), cell: cellTitle(cell) };
      return rowsOf(cell).map((row) => ({ ...row, ...place }));
    }),
    ...conduct.flatMap((each) => {
      const place = { of: { a: each.a, b: each.b }, scenario: each.case, level: '', cell: caseTitle(each) };
      return each.rows.map((row) => ({ ...conductRowOf(row), ...place }));
    }),
  ];
}

/** The quantities of a cell that are shown: latencies are in the JSON, for their overhead says the same with the machine taken out. */
export function rowsOf({ measures, verdict, reason }: ComparedCell): ComparisonRow[] {
  if (measures.length === 0) {
    const change = reason ?? 'no figure on both sides, from two blocks or more';
    const told = reason === null ? 'not-compared' : verdict;
    return [{ name: 'state', a: '', b: '', change, share: null, verdict: told, figure: null }];
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
      figure: figureOf(measure),
    }));
}

/** Less is better in everything that is measured in cells. */
function figureOf({ unit, a, b, change, noiseFloor, least, blocks }: ComparedMeasure): ChangedFigure {
  const needed = noiseFloor === null ? null : Math.max(noiseFloor, least);
  return { unit, a, b, ...change, needed, better: 'less', blocks };
}

/** A row of a case, in words and in numbers. */
function conductRowOf(row: ComparedRow): ComparisonRow {
  const { name, unit, a, b, change, least, better, blocks, verdict, reason } = row;
  const [before, behind] = [a, b].map((value) => (value === null ? '–' : conductFigure(value, unit)));
  return {
    name,
    a: before ?? '',
    b: behind ?? '',
    change: change === null ? (reason ?? '') : conductChangeText(change, unit),
    share: change === null || a === null || a === 0 ? null : change.value / Math.abs(a),
    verdict,
    figure:
      change === null || a === null || b === null ? null : { unit, a, b, ...change, needed: least, better, blocks },
  };
}

/** `+0.40 [+0.31, +0.49]`. */
export function conductChangeText(
  { value, low, high }: NonNullable<ComparedRow['change']>,
  unit: ComparedRow['unit'],
): string {
  return `${conductShift(value, unit)} [${conductShift(low, unit)}, ${conductShift(high, unit)}]`;
}

/** `litellm+resilient against litellm+defaults, outage-503`. */
export function caseTitle({ a, b, case: name }: ComparedCase): string {
  return `${a === b ? b : `${b} against ${a}`}, ${name}`;
}

/** `crabllm@0.0.25 against crabllm@0.0.24, chat-stream at 500 rps`. */
export function cellTitle({ a, b, scenario, level }: ComparedCell): string {
  return `${a === b ? b : `${b} against ${a}`}, ${scenario} at ${formatLevel(level)}`;
}

/** `2 worse, 0 better, 30 cannot be told`, over everything that is shown. */
export function tally(comparison: Comparison): string {
  const verdicts = placedRows(comparison).map(({ verdict }) => verdict);
  const count = (verdict: ShownVerdict): number => verdicts.filter((found) => found === verdict).length;
  const [missing, differing] = [count('not-compared'), count('differs')];
  const parts = [
    `${count('worse')} worse`,
    `${count('better')} better`,
    ...(differing > 0 ? [`${differing} ${differing === 1 ? 'differs' : 'differ'}`] : []),
    `${count('cannot-be-told')} cannot be told apart`,
  ];
  return [...parts, ...(missing > 0 ? [`${missing} not compared`] : [])].join(', ');
}

/** What stands on the two sides, and how differences were taken. */
export function sidesOf({ a, b, pairing, runToRun, cells, conduct = [] }: Comparison): string[] {
  const blocks = Math.max(
    0,
    ...cells.flatMap(({ measures }) => measures.map((measure) => measure.blocks)),
    ...conduct.flatMap(({ rows }) => rows.map((row) => row.blocks)),
  );
  return [
    `a: ${sideText(a)}`,
    `b: ${sideText(b)}`,
    pairing === 'blocks'
      ? `differences within each of ${blocks} blocks of one run`
      : `two runs of ${blocks} blocks or more${cells.length === 0 ? '' : ', each gateway over its own direct'}${addedText(runToRun)}`,
  ];
}

/** Whose figures a side's are, and when they were measured. */
export function sideText({ run, startedAt, targets }: Comparison['a']): string {
  const names = targets.map(({ name, version }) =>
    version === null || name.includes('@') ? name : `${name} ${version}`,
  );
  return `${names.join(', ')} (run ${run}, ${startedAt.slice(0, 16).replace('T', ' ')} UTC)`;
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
