import { capitalised } from '../capitalised.js';
import Table from 'cli-table3';
import type { CellSummary, Estimate, OverheadKind, Summary } from '../record/summary.js';
import { LEAST_ACHIEVED_SHARE } from '../record/validity.js';
import {
  formatAtMostMs,
  formatBoundsMs,
  formatMiB,
  formatMs,
  formatNumber,
  formatSuccess,
  formatShiftMs,
  formatSpread,
} from './format.js';
import { askedRps, basisOf, type LevelRows, type ReportModel, reportModel, shownName, stateText } from './model.js';
import { overheadOf } from './overhead-kinds.js';
import { ERRATIC, kindsIn, legend, OVERHEAD_HEAD } from './terminal-legend.js';
import { VERDICT_SIGN } from './verdict-sign.js';
import { type Paint, paintFor, type TerminalStyle } from './terminal-style.js';
import { featureLines } from './terminal-features.js';
import { pairedLines } from './terminal-paired.js';
import { neighbourLines, sessionLines } from './terminal-traffic.js';
import { answerSentences } from './answer-text.js';
import { absentLines, findingLines, placesLines } from './terminal-notes.js';
import { cut, wrap } from './wrap.js';

interface Column {
  readonly head: string;
  readonly text: (cell: CellSummary) => string;
}

/**
 * The result for a terminal: the answer in sentences, then the table, then what is to be known of it. In the table one part a scenario and level, so that what is compared stands together, one line a target.
 * A cell without figures has its reason in their place; a target that is absent altogether is told once, below.
 */
export function renderTable(summary: Summary, style: TerminalStyle): string {
  const model = reportModel(summary);
  const paint = paintFor(style);
  const { table, notes } = fittingTable(model, style, paint);
  return [
    ...answerLines(summary, model, style, paint),
    ...wrap(`${model.title} · ${model.subtitle}`, style.columns).map((line) => paint.dim(line)),
    '',
    table,
    ...noteLines(notes, style),
    ...absentLines(model, style, paint),
    ...placesLines(model, style, paint),
    ...featureLines(summary.features ?? [], style, paint),
    ...sessionLines(summary, style, paint),
    ...neighbourLines(summary, style, paint),
    '',
    ...wrap(legend(model, table), style.columns).map((line) => paint.dim(line)),
    ...findingLines(summary.findings, style, paint),
  ].join('\n');
}

/** What a reader of ten seconds takes home; of a pair its differences, which are what it was measured for. */
export function answerLines(summary: Summary, model: ReportModel, style: TerminalStyle, paint: Paint): string[] {
  const paired = pairedLines(summary.paired ?? [], style, paint).slice(1);
  if (paired.length > 0) return [...paired, ''];
  const text = answerSentences(summary, model).join(' ');
  return [...wrap(capitalised(text), style.columns).map((line) => paint.bold(line)), ''];
}

/**
 * The table alone, for a screen on which a run goes on: as many parts of it as there is room for, each whole.
 * @param rows lines that there are, at least one
 */
export function renderStanding(summary: Summary, style: TerminalStyle, rows: number): string[] {
  const model = reportModel(summary);
  const lines = fittingTable(model, style, paintFor(style)).table.split('\n');
  if (lines.length <= rows) return lines;
  const sizes = model.scenarios.flatMap(({ levels }) => levels.map((level) => level.rows.length + 1));
  let shown = 1;
  for (const size of sizes) {
    if (shown + size + 1 > rows) break;
    shown += size;
  }
  if (shown === 1) return [];
  const parts = sizes.length;
  const told = sizes.findIndex((_, i) => 1 + sizes.slice(0, i).reduce((sum, size) => sum + size, 0) === shown);
  return [...lines.slice(0, shown), paintFor(style).dim(`… and ${parts - told} more parts, at the end`)];
}

/** Reasons too long for a row, with their numbers; told in full below the table, once each. */
type Notes = ReadonlyMap<string, number>;

/** @param most characters that a reason may have in a row */
function longReasons({ scenarios }: ReportModel, most: number): Notes {
  const reasons = scenarios.flatMap(({ levels }) => levels.flatMap(({ rows }) => rows.map(reasonOf)));
  const long = [...new Set(reasons)].filter((reason) => reason.length > most);
  return new Map(long.map((reason, i) => [reason, i + 1]));
}

function reasonOf({ reason }: CellSummary): string {
  return reason?.message ?? '';
}

export function noteLines(notes: Notes, { columns }: TerminalStyle): string[] {
  return [...notes].flatMap(([reason, number]) =>
    wrap(`[${number}] ${reason}`, columns - 4).map((line, i) => (i === 0 ? line : `    ${line}`)),
  );
}

/** Room for what stands beside a reason in its row. */
const BESIDE_REASON = 45;
/** Shorter, a name is none. */
const LEAST_NAME = 12;

/**
 * The richest set of columns that fits, and the notes that its rows refer to. Where none does, all reasons become notes, and then names of
 * targets are cut: no line is ever broken by the terminal.
 */
export function fittingTable(
  model: ReportModel,
  style: TerminalStyle,
  paint: Paint,
): { readonly table: string; readonly notes: Notes } {
  const plain = paintFor({ ...style, colour: false });
  const cells = model.scenarios.flatMap(({ levels }) => levels.flatMap(({ rows }) => rows));
  const sets = columnSets(streams(model), kindsIn(model)).map((columns) =>
    columns.filter(({ text }) => cells.some((cell) => text(cell).trim() !== '')),
  );
  const whole = Math.max(0, ...cells.map(({ target }) => shownName(model, target).length));
  for (const most of [Math.max(20, style.columns - BESIDE_REASON), 0]) {
    const notes = longReasons(model, most);
    const fits = sets.find(
      (columns) => widthOf(drawTable(model, columns, notes, plain, style, whole)) <= style.columns,
    );
    if (fits !== undefined) return { table: drawTable(model, fits, notes, paint, style, whole), notes };
  }
  const [notes, least] = [longReasons(model, 0), sets.at(-1) as Column[]];
  const over = widthOf(drawTable(model, least, notes, plain, style, whole)) - style.columns;
  const name = Math.max(LEAST_NAME, whole - over);
  return { table: drawTable(model, least, notes, paint, style, name), notes };
}

/** From all there is to what matters most. */
function columnSets(streaming: boolean, kinds: readonly OverheadKind[]): Column[][] {
  const full = { spread: true };
  // A cell that is ok kept up: in a short window the answers that were under way at its end would look like a shortfall.
  const rate = column('rps', (cell) => rateText(cell.achievedRps, cell.state === 'ok' ? null : askedRps(cell)));
  const ok = column('ok %', formatSuccess);
  const memory = column('MiB', ({ memoryPeakBytes }) => orDash(memoryPeakBytes, formatMiB));
  const cpu = column('CPU µs', ({ cpuUsPerRequest }) => orDash(cpuUsPerRequest, formatNumber));
  const [p50, p90, p99] = [latency('p50', full), latency('p90', full), latency('p99', full)];
  // Of streams it is the figure that people wait for: other columns give way to it.
  const first = streaming ? [firstToken('p50', {})] : [];
  const both = streaming ? [firstToken('p50', full), firstToken('p99', full)] : [];
  const over = (name: 'p50' | 'p99', how: { readonly spread?: boolean }): Column[] =>
    kinds.map((kind) => overhead(kind, name, how));
  const [over50, over99] = [over('p50', full), over('p99', full)];
  return [
    [rate, ok, p50, p90, p99, ...over50, ...over99, ...both, memory, cpu],
    [rate, ok, p50, latency('p90', {}), p99, ...over50, ...over99, ...first, memory, cpu],
    [rate, ok, p50, latency('p90', {}), p99, ...over50, ...over('p99', {}), ...first, memory, cpu],
    [rate, ok, p50, p99, ...over50, ...over('p99', {}), ...first, memory, cpu],
    [rate, ok, p50, p99, ...over50, ...first, memory, cpu],
    [rate, ok, p50, latency('p99', {}), ...over50, ...first, memory],
    [rate, ok, latency('p50', {}), latency('p99', {}), ...over50, ...first, memory],
    [rate, latency('p50', {}), latency('p99', {}), ...over50, ...first, memory],
    [rate, ok, latency('p50', {}), latency('p99', {}), ...over('p50', {}), ...first, memory],
    [rate, latency('p50', {}), latency('p99', {}), ...over('p50', {}), ...first],
    [rate, latency('p50', {}), latency('p99', {}), ...first],
  ];
}

function column(head: string, text: Column['text']): Column {
  return { head, text };
}

/** Whether any row has a time to first token. */
function streams({ scenarios }: ReportModel): boolean {
  return scenarios.some(({ levels }) => levels.some(({ rows }) => rows.some(({ ttftUs }) => ttftUs !== undefined)));
}

function latency(name: 'p50' | 'p90' | 'p99', { spread = false }): Column {
  return column(`${name} ms`, ({ latencyUs }) => estimateText(latencyUs[name], spread));
}

function firstToken(name: 'p50' | 'p99', { spread = false }): Column {
  return column(`ttft ${name}`, ({ ttftUs }) => (ttftUs === undefined ? '' : estimateText(ttftUs[name], spread)));
}

function estimateText(estimate: Estimate | undefined, spread: boolean): string {
  if (estimate === undefined) return '–';
  return spread ? joined(formatMs(estimate.value), formatSpread(estimate)) : formatMs(estimate.value);
}

function overhead(kind: OverheadKind, name: 'p50' | 'p99', { spread = false }): Column {
  return column(`${OVERHEAD_HEAD[kind]} ${name}`, (cell) => {
    const shown = overheadOf(cell, kind, name);
    if (shown === null) return '';
    const { estimate, verdict } = shown;
    const sign = VERDICT_SIGN[verdict];
    if (verdict === 'within-noise') return joined(formatAtMostMs(estimate), sign);
    return joined(formatShiftMs(estimate.value), spread ? formatBoundsMs(estimate) : '', sign);
  });
}

function rateText(achieved: number | null, asked: number | null): string {
  if (achieved === null) return '–';
  return asked !== null && achieved < LEAST_ACHIEVED_SHARE * asked
    ? `${formatNumber(achieved)}/${formatNumber(asked)}`
    : formatNumber(achieved);
}

function orDash(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value);
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/** @param longest characters of a target's name */
function drawTable(
  model: ReportModel,
  columns: readonly Column[],
  notes: Notes,
  paint: Paint,
  style: TerminalStyle,
  longest: number,
): string {
  const table = new Table({
    head: ['', ...columns.map(({ head }) => head)].map((head) => paint.dim(head)),
    colAligns: ['left', ...columns.map(() => 'right' as const)],
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2, compact: true },
  });
  for (const { scenario, levels } of model.scenarios) {
    for (const level of levels) {
      table.push([{ colSpan: columns.length + 1, content: paint.bold(cut(headOf(scenario, level), style.columns)) }]);
      for (const cell of level.rows)
        table.push(rowOf(cell, nameOf(cell, level, model, paint, longest), columns, notes, paint));
    }
  }
  return trimLines(table.toString());
}

/** With what its figures rest on: a median of 33 requests a block is another thing than one of 10 000. */
function headOf(scenario: string, level: LevelRows): string {
  const basis = basisOf(level);
  return [scenario, level.label, ...(basis === null ? [] : [basis])].join(' · ');
}

const BORDERLESS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

type TableRow = (string | { readonly colSpan: number; readonly content: string; readonly hAlign?: 'left' })[];

/** What a target is that is no LLM gateway stands behind its name, in a low voice. */
function nameOf(
  { target }: CellSummary,
  { erratic }: LevelRows,
  model: ReportModel,
  paint: Paint,
  longest: number,
): string {
  const shown = cut(shownName(model, target), longest);
  const rest = shown.startsWith(target) ? shown.slice(target.length) : '';
  const name = rest === '' ? shown : `${target}${paint.dim(rest)}`;
  return `  ${name}${erratic.has(target) ? ` ${ERRATIC}` : ''}`;
}

function rowOf(cell: CellSummary, name: string, columns: readonly Column[], notes: Notes, paint: Paint): TableRow {
  if (cell.state === 'ok') return [name, ...columns.map(({ text }) => colourVerdict(text(cell), paint))];
  const measured = columns.filter(({ head }) => cell.achievedRps !== null && (head === 'rps' || head === 'ok %'));
  // What a target took while it did not keep up is as true as ever.
  const used = columns.filter(({ head }) => cell.state === 'saturated' && (head === 'MiB' || head === 'CPU µs'));
  const note = notes.get(reasonOf(cell));
  const reason = note === undefined ? stateText(cell) : `${cell.state} [${note}]`;
  const tone = cell.state === 'failed' ? paint.red : paint.yellow;
  return [
    name,
    ...measured.map(({ text }) => text(cell)),
    { colSpan: columns.length - measured.length - used.length, content: tone(reason), hAlign: 'left' },
    ...used.map(({ text }) => text(cell)),
  ];
}

function colourVerdict(text: string, paint: Paint): string {
  if (text.endsWith(VERDICT_SIGN.above)) return text.replace(VERDICT_SIGN.above, paint.red(VERDICT_SIGN.above));
  return text.endsWith(VERDICT_SIGN.below) ? text.replace(VERDICT_SIGN.below, paint.green(VERDICT_SIGN.below)) : text;
}

function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}

function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
