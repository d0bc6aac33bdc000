import type { CellSummary, Estimate, OverheadKind } from '../record/summary.js';
import { drawnInterval, formatIntervalMs, formatMiB, formatShare, formatShiftMs } from './format.js';
import type { ReportModel } from './model.js';
import { OVERHEAD_NAME, overheadKinds, overheadOf } from './overhead-kinds.js';
import { type Scale, scaleFor } from './scale.js';
import { type Paint, paintTarget, type TerminalStyle } from './terminal-style.js';

/** Parts of a character cell, by eighths. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Solid to `low` by eighths of a character, shaded to `high` by whole ones. */
export function drawBar(estimate: Estimate, scale: Scale, width: number): string {
  const certain = estimate.low === estimate.high;
  const eighths = Math.max(1, Math.round(scale.at(certain ? estimate.value : estimate.low) * width * 8));
  const solid = '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '');
  const end = certain ? 0 : Math.round(scale.at(estimate.high) * width);
  return solid + '▒'.repeat(Math.max(0, end - solid.length));
}

/** How wide names and bars are. */
export interface BarLayout {
  readonly nameWidth: number;
  readonly barWidth: number;
  readonly style: TerminalStyle;
}

/** A target's name as it stands before its bars. */
export function barName(target: string, { nameWidth }: BarLayout): string {
  return `  ${target.length > nameWidth ? `${target.slice(0, nameWidth - 1)}…` : target.padEnd(nameWidth)} `;
}

interface Bar {
  readonly target: string;
  readonly estimate: Estimate;
  readonly label: string;
}

/** Overheads (p50), memory, and success where some target had less than all, each in bars of its own. */
export function summaryBars(model: ReportModel, layout: BarLayout, paint: Paint): string[] {
  return [
    ...overheadBars(model, layout, paint),
    ...memoryBars(model, layout, paint),
    ...successBars(model, layout, paint),
  ];
}

/** Only of what is above direct: there is no bar of less than nothing, and its figure stands alone. */
function overheadBars(model: ReportModel, layout: BarLayout, paint: Paint): string[] {
  return model.scenarios.flatMap(({ scenario, levels }) => {
    const [kind] = overheadKinds(levels.flatMap(({ rows }) => rows));
    const groups = levels.map(({ label, rows }) => ({ label, bars: rows.flatMap((cell) => overheadBar(cell, kind)) }));
    return barPart(
      `Overhead of ${scenario}: ${OVERHEAD_NAME[kind ?? 'quantile-shift']}, p50 in ms`,
      groups,
      layout,
      paint,
    );
  });
}

function overheadBar(cell: CellSummary, kind: OverheadKind | undefined): Bar[] {
  const shown = kind === undefined || cell.overheadUs === undefined ? null : overheadOf(cell, kind, 'p50');
  if (shown === null) return [];
  const { estimate } = shown;
  return [{ target: cell.target, estimate, label: formatIntervalMs(estimate, formatShiftMs) }];
}

/** One bar a target, the most of all its cells: what a person has to provide for. */
function memoryBars(model: ReportModel, layout: BarLayout, paint: Paint): string[] {
  const cells = cellsOf(model);
  const bars = model.targets.flatMap((target) => {
    const seen = cells.flatMap((cell) => (cell.target === target ? (cell.memoryPeakBytes ?? []) : []));
    const most = Math.max(...seen);
    return seen.length === 0 ? [] : [{ target, estimate: exactly(most), label: formatMiB(most) }];
  });
  const title =
    model.memory === 'peak'
      ? 'Peak memory, the most of all cells, MiB'
      : 'Memory behind the load, the most of all cells, MiB';
  const most = Math.max(...bars.map(({ estimate }) => estimate.value));
  return barPart(title, [{ label: '', bars }], layout, paint, linearTo(most));
}

function successBars(model: ReportModel, layout: BarLayout, paint: Paint): string[] {
  const groups = model.scenarios.flatMap(({ scenario, levels }) =>
    levels.map(({ label, rows }) => ({
      label: `${scenario} · ${label}`,
      bars: rows.flatMap(({ target, successRate }) =>
        successRate === null || successRate === 1
          ? []
          : [{ target, estimate: exactly(successRate), label: `${formatShare(successRate)} %` }],
      ),
    })),
  );
  return barPart(
    'Complete, correct answers of all that were due, where less than 100 %',
    groups,
    layout,
    paint,
    linearTo(1),
  );
}

function barPart(
  title: string,
  groups: readonly { readonly label: string; readonly bars: readonly Bar[] }[],
  layout: BarLayout,
  paint: Paint,
  chosen?: Scale,
): string[] {
  const told = groups.filter(({ bars }) => bars.length > 0);
  if (told.length === 0) return [];
  const ends = told.flatMap(({ bars }) =>
    bars.flatMap(({ estimate }) => [estimate.value, drawnInterval(estimate).high]),
  );
  const scale = chosen ?? scaleFor(ends);
  const log = scale.kind === 'log' ? paint.dim(' (log scale)') : '';
  return [
    '',
    `${paint.bold(title)}${log}`,
    ...told.flatMap(({ label, bars }) => [
      ...(label === '' ? [] : [paint.dim(`  ${label}`)]),
      ...bars.map((bar) => barLine(bar, scale, layout)),
    ]),
  ];
}

function barLine({ target, estimate, label }: Bar, scale: Scale, layout: BarLayout): string {
  const drawn = estimate.value > 0 ? drawBar(positive(drawnInterval(estimate)), scale, layout.barWidth) : '';
  return `${barName(target, layout)}${paintTarget(target, drawn.padEnd(layout.barWidth), layout.style)} ${label}`;
}

function positive({ value, low, high }: Estimate): Estimate {
  return { value, low: Math.max(0, low), high };
}

/** Of amounts and shares a bar twice as long is twice as much, however small others are beside it. */
function linearTo(most: number): Scale {
  return { kind: 'linear', from: 0, to: most, at: (value) => Math.min(1, value / most) };
}

function cellsOf({ scenarios }: ReportModel): CellSummary[] {
  return scenarios.flatMap(({ levels }) => levels.flatMap(({ rows }) => rows));
}

function exactly(value: number): Estimate {
  return { value, low: value, high: value };
}
