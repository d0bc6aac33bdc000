import type { CellSummary, Estimate, Summary } from '../record/summary.js';
import { drawnInterval, formatIntervalMs, formatMs, hasInterval } from './format.js';
import { clocksOf, type LevelRows, type ReportModel, reportModel, type ScenarioRows, stateText } from './model.js';
import { type Scale, scaleFor } from './scale.js';
import { absentLines } from './terminal-notes.js';
import { type Paint, paintFor, type TerminalStyle } from './terminal-style.js';
import { wrap } from './wrap.js';

/** Parts of a character cell, by eighths. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const SHOWN = ['p50', 'p99'] as const;

/**
 * Bars of p50 and p99 for a terminal: a group a scenario and level, on one scale a scenario so that levels compare as well. A bar is
 * solid up to the lower bound of its interval and shaded up to the upper. Nothing depends on colour.
 */
export function renderChart(summary: Summary, style: TerminalStyle): string {
  const model = reportModel(summary);
  const paint = paintFor(style);
  const layout = layoutFor(model, style);
  return [
    ...wrap(`Latency ${clocksOf(model)}, p50 and p99 in ms`, style.columns).map((line) => paint.bold(line)),
    paint.dim('█ up to the lower bound of the 95 % interval, ▒ up to the upper'),
    ...model.scenarios.flatMap((scenario) => scenarioLines(scenario, layout, paint)),
    ...(model.absentTargets.length === 0 ? [] : ['', ...absentLines(model, style, paint)]),
  ].join('\n');
}

interface Layout {
  readonly targets: readonly string[];
  readonly nameWidth: number;
  readonly barWidth: number;
}

/** Wide enough for `123.4 [123.4, 123.4]`. */
const LABEL_WIDTH = 22;

function layoutFor({ targets }: ReportModel, { columns }: TerminalStyle): Layout {
  const nameWidth = Math.min(20, Math.max(...targets.map((target) => target.length)));
  return { targets, nameWidth, barWidth: Math.max(10, Math.min(80, columns - nameWidth - LABEL_WIDTH - 8)) };
}

function scenarioLines({ scenario, levels }: ScenarioRows, layout: Layout, paint: Paint): string[] {
  const cells = levels.flatMap(({ rows }) => rows);
  const estimates = cells.flatMap(({ latencyUs }) => SHOWN.flatMap((name) => latencyUs[name] ?? []).map(drawnInterval));
  const scale = scaleFor(estimates.flatMap(({ value, high }) => [value, high]));
  return levels.flatMap((level) => levelLines(scenario, level, scale, layout, paint));
}

function levelLines(
  scenario: string,
  { label, rows }: LevelRows,
  scale: Scale,
  layout: Layout,
  paint: Paint,
): string[] {
  const log = scale.kind === 'log' ? paint.dim(` (log scale from ${formatMs(scale.from)} ms)`) : '';
  return [
    '',
    `${paint.bold(`${scenario} · ${label}`)}${log}`,
    ...rows.flatMap((cell) => cellLines(cell, scale, layout, paint)),
  ];
}

function cellLines(cell: CellSummary, scale: Scale, layout: Layout, paint: Paint): string[] {
  const name = `  ${cell.target.slice(0, layout.nameWidth).padEnd(layout.nameWidth)} `;
  const shown = SHOWN.flatMap((quantile) => {
    const estimate = cell.latencyUs[quantile];
    return estimate === undefined ? [] : [{ quantile, estimate }];
  });
  if (cell.state !== 'ok' || shown.length === 0) {
    const text = cell.state === 'ok' ? 'too few requests for a quantile' : stateText(cell);
    const width = layout.barWidth + LABEL_WIDTH;
    return wrap(`✕ ${text}`, width).map(
      (line, i) => `${i === 0 ? name : ' '.repeat(name.length + 2)}${paint.yellow(line)}`,
    );
  }
  const colour = colourOf(layout.targets.indexOf(cell.target), paint);
  return shown.map(({ quantile, estimate }, i) => {
    const bar = drawBar(drawnInterval(estimate), scale, layout.barWidth);
    return `${i === 0 ? name : ' '.repeat(name.length)}${quantile} ${colour(bar.padEnd(layout.barWidth))} ${formatIntervalMs(estimate)}`;
  });
}

/** Solid to `low` by eighths of a character, shaded to `high` by whole ones. */
export function drawBar(estimate: Estimate, scale: Scale, width: number): string {
  const solidTo = hasInterval(estimate) ? estimate.low : estimate.value;
  const eighths = Math.max(1, Math.round(scale.at(solidTo) * width * 8));
  const solid = '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '');
  const end = hasInterval(estimate) ? Math.round(scale.at(estimate.high) * width) : 0;
  return solid + '▒'.repeat(Math.max(0, end - solid.length));
}

function colourOf(index: number, paint: Paint): (text: string) => string {
  const colours = [paint.gray, paint.cyan, paint.magenta, paint.green, paint.blue, paint.red];
  return colours[index % colours.length] ?? paint.gray;
}
