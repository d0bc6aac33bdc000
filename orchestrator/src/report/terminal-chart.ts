import type { CellSummary, Summary } from '../record/summary.js';
import { drawnInterval, formatIntervalMs, formatMs } from './format.js';
import { clocksOf, type LevelRows, type ReportModel, reportModel, type ScenarioRows, stateText } from './model.js';
import { type Scale, scaleFor } from './scale.js';
import { type BarLayout, barName, drawBar, summaryBars } from './terminal-bars.js';
import { absentLines } from './terminal-notes.js';
import { type Paint, paintFor, paintTarget, type TerminalStyle } from './terminal-style.js';
import { wrap } from './wrap.js';

const SHOWN = ['p50', 'p99'] as const;

/**
 * Bars of p50 and p99 for a terminal, and below them those of overhead, memory and missing success: a group a scenario and level, on one scale a scenario so that levels compare as well. A bar is
 * solid up to the lower bound of its interval and shaded up to the upper. Nothing depends on colour.
 */
export function renderChart(summary: Summary, style: TerminalStyle): string {
  const model = reportModel(summary);
  const paint = paintFor(style);
  const layout = layoutFor(model, style);
  const absent = absentLines(model, style, paint);
  return [
    ...wrap(`Latency ${clocksOf(model)}, p50 and p99 in ms`, style.columns).map((line) => paint.bold(line)),
    paint.dim('█ up to the lower bound of the 95 % interval, ▒ up to the upper'),
    ...model.scenarios.flatMap((scenario) => scenarioLines(scenario, layout, paint)),
    ...summaryBars(model, layout, paint),
    ...(absent.length === 0 ? [] : ['', ...absent]),
  ].join('\n');
}

/** Wide enough for `123.4 [123.4, 123.4]`. */
const LABEL_WIDTH = 22;

function layoutFor({ targets }: ReportModel, style: TerminalStyle): BarLayout {
  const nameWidth = Math.min(20, Math.max(...targets.map((target) => target.length)));
  return { style, nameWidth, barWidth: Math.max(10, Math.min(80, style.columns - nameWidth - LABEL_WIDTH - 8)) };
}

function scenarioLines({ scenario, levels }: ScenarioRows, layout: BarLayout, paint: Paint): string[] {
  const cells = levels.flatMap(({ rows }) => rows);
  const estimates = cells.flatMap(({ latencyUs }) => SHOWN.flatMap((name) => latencyUs[name] ?? []).map(drawnInterval));
  const scale = scaleFor(estimates.flatMap(({ value, high }) => [value, high]));
  return levels.flatMap((level) => levelLines(scenario, level, scale, layout, paint));
}

function levelLines(
  scenario: string,
  { label, rows }: LevelRows,
  scale: Scale,
  layout: BarLayout,
  paint: Paint,
): string[] {
  const log = scale.kind === 'log' ? paint.dim(` (log scale from ${formatMs(scale.from)} ms)`) : '';
  return [
    '',
    `${paint.bold(`${scenario} · ${label}`)}${log}`,
    ...rows.flatMap((cell) => cellLines(cell, scale, layout, paint)),
  ];
}

function cellLines(cell: CellSummary, scale: Scale, layout: BarLayout, paint: Paint): string[] {
  const name = barName(cell.target, layout);
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
  return shown.map(({ quantile, estimate }, i) => {
    const bar = drawBar(drawnInterval(estimate), scale, layout.barWidth);
    return `${i === 0 ? name : ' '.repeat(name.length)}${quantile} ${paintTarget(cell.target, bar.padEnd(layout.barWidth), layout.style)} ${formatIntervalMs(estimate)}`;
  });
}
