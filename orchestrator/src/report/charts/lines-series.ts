import type { Line, Lines } from './chart.js';
import { NAME_ALONG, tailWords } from './chart-words.js';
import { type Drawn, FONT, shapeAt } from './draw.js';
import type { Area } from './layout.js';
import { axisNumber, roundUp } from './panel-series.js';
import type { Parts } from './parts.js';
import { type Mark, outlineOf, type Theme } from './theme.js';

/** Symbols along a line, for those who cannot go by its colour. */
const SYMBOLS = 8;

/** Axes and series of lines. */
export function linesParts(drawing: Lines, grid: Area, marks: readonly Mark[], theme: Theme): Parts {
  return {
    xAxis: xAxis(drawing, theme),
    yAxis: yAxis(drawing, theme),
    series: [
      ...drawing.lines.map((line) => lineSeries(drawing, line, marks[line.target] as Mark, theme)),
      overlay(drawing, grid, marks, theme),
    ],
  };
}

function xAxis({ along, from, step, lines }: Lines, theme: Theme): object {
  const points = Math.max(...lines.map(({ ys }) => ys.length));
  return {
    type: 'value',
    min: from,
    max:
      along === 'tail'
        ? Math.max(1, Math.ceil(from + (points - 1) * step - 1e-9))
        : from + Math.max(1, points - 1) * step,
    ...(along === 'tail' ? { interval: 1 } : { minInterval: 1 }),
    name: NAME_ALONG[along],
    nameLocation: 'middle',
    nameGap: 26,
    nameTextStyle: { color: theme.muted, fontFamily: FONT },
    axisLine: { lineStyle: { color: theme.muted }, onZero: false },
    axisTick: { show: false },
    axisLabel: {
      color: theme.ink,
      fontFamily: FONT,
      hideOverlap: true,
      formatter: (x: number) => (along === 'tail' ? tailWords(x) : axisNumber(x)),
    },
    splitLine: { lineStyle: { color: theme.line } },
  };
}

function yAxis({ log, lines, figures, limits, fit, isClose = false, unit }: Lines, theme: Theme): object {
  const ys = [
    ...lines.flatMap(({ ys: own }) => own.filter((y) => y !== null)),
    ...figures.flatMap(({ low, high }) => [low, high]),
    ...limits.map(({ y }) => y),
    ...(fit === undefined ? [] : [...fit.value, ...fit.low, ...fit.high]),
  ].filter((y) => !log || y > 0);
  const [least, high] = [Math.min(...ys), Math.max(...ys)];
  if (isClose) return { ...closeRange(least, high), ...yLook(unit, log, theme) };
  return {
    type: log ? 'log' : 'value',
    min: log ? decadeBelow(least) : 0,
    max: log ? decadeAbove(high) : high === 0 ? 1 : roundUp(1.05 * high),
    ...yLook(unit, log, theme),
  };
}

/** An axis of a tenth of air about the figures, which are never drawn finer than a fiftieth of what they are. */
function closeRange(least: number, most: number): object {
  const span = Math.max(most - least, Math.abs(most) / 50, Number.MIN_VALUE);
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = ([1, 2, 5].find((one) => one * power >= span / 4) ?? 10) * power;
  return {
    type: 'value',
    interval: step,
    min: Math.floor((least - span / 10) / step) * step,
    max: Math.ceil((most + span / 10) / step) * step,
  };
}

function yLook(unit: string, log: boolean, theme: Theme): object {
  return {
    name: log ? `${unit}, log` : unit,
    nameTextStyle: { color: theme.muted, fontFamily: FONT, align: 'right' },
    nameGap: 8,
    axisLabel: { color: theme.muted, fontFamily: FONT, formatter: axisNumber },
    splitLine: { lineStyle: { color: theme.line } },
  };
}

function decadeBelow(value: number): number {
  return 10 ** Math.floor(Math.log10(value));
}

function decadeAbove(value: number): number {
  return 10 ** Math.ceil(Math.log10(value));
}

const DASH: Readonly<Record<Line['part'], number[] | 'solid'>> = {
  '': 'solid',
  p50: 'solid',
  p90: [2, 3],
  p99: [7, 4],
};

function lineSeries({ from, step, log, isClose = false }: Lines, { part, ys }: Line, mark: Mark, theme: Theme): object {
  const known = ys.filter((y) => y !== null).length;
  const every = Math.max(1, Math.round(known / SYMBOLS));
  return {
    type: 'line',
    data: ys.map((y, i) => [from + i * step, y === null || (log && y <= 0) ? null : y]),
    symbol: symbolOf(mark),
    showAllSymbol: true,
    // Of a fitted line the marks are what it was fitted to.
    symbolSize: (_value: unknown, { dataIndex }: { dataIndex: number }) =>
      dataIndex % every === 0 && !isClose ? 7 : 0,
    lineStyle: { color: mark.colour, width: isClose ? 1 : part === '' || part === 'p50' ? 2 : 1.25, type: DASH[part] },
    itemStyle: { color: part === 'p99' ? theme.background : mark.colour, borderColor: mark.colour, borderWidth: 1 },
    emphasis: { disabled: true },
  };
}

/** A mark as echarts takes it for a symbol. */
function symbolOf({ shape }: Mark): string {
  const outline = outlineOf(shape);
  return outline === null ? 'circle' : `path://M${outline.map(([x, y]) => `${x},${y}`).join('L')}Z`;
}

/** What lies over the lines: where blocks begin, limits, and the figures with their intervals. */
function overlay(drawing: Lines, grid: Area, marks: readonly Mark[], theme: Theme): object {
  const [left, right] = [grid.left, grid.left + grid.width];
  return {
    type: 'custom',
    silent: true,
    clip: true,
    data: [[drawing.from, drawing.log ? 1 : 0]],
    tooltip: { show: false },
    renderItem: (_params: unknown, api: { coord: (point: [number, number]) => [number, number] }) => {
      const at = (x: number, y: number): [number, number] => api.coord([x, y]);
      const anyY = drawing.log ? 1 : 0;
      const begins = drawing.begins.flatMap(({ x, label }, i): Drawn[] => {
        const [px] = at(x, anyY);
        if (px < left - 1 || px > right) return [];
        const [next] = at(drawing.begins[i + 1]?.x ?? Number.MAX_SAFE_INTEGER, anyY);
        const wall = rule([px, grid.top], [px, grid.top + grid.height], {
          stroke: theme.muted,
          lineWidth: 1,
          opacity: 0.5,
        });
        return next - px < 7 * label.length ? [wall] : [wall, text(label, px + 4, grid.top + 8, theme.muted)];
      });
      const limits = drawing.limits.flatMap(({ target, y, label }): Drawn[] => {
        const [, py] = at(drawing.from, y);
        const stroke = target === null ? theme.muted : (marks[target] as Mark).colour;
        return [
          rule([left, py], [right, py], { stroke, lineWidth: 1.5, lineDash: [6, 4] }),
          text(label, right - 6, py - 8, theme.muted, 'right'),
        ];
      });
      const figures = drawing.figures.flatMap(({ target, x, y, low, high }): Drawn[] => {
        const mark = marks[target] as Mark;
        const [[px, py], [, from], [, to]] = [at(x, y), at(x, low), at(x, high)];
        if (px < left - 1 || px > right + 1) return [];
        const style = { stroke: mark.colour, lineWidth: 2 };
        return [
          ...(low === high
            ? []
            : [
                rule([px, from], [px, to], style),
                rule([px - 5, from], [px + 5, from], style),
                rule([px - 5, to], [px + 5, to], style),
              ]),
          shapeAt(mark.shape, px, py, 5, { fill: mark.colour, stroke: theme.background, lineWidth: 1 }),
        ];
      });
      const fitted = fitOf(drawing, at, marks);
      return { type: 'group', children: [...begins, ...limits, ...fitted, ...figures] };
    },
  };
}

/** The fitted line, dashed, over the fan of its interval. */
function fitOf({ fit }: Lines, at: (x: number, y: number) => [number, number], marks: readonly Mark[]): Drawn[] {
  if (fit === undefined) return [];
  const { colour } = marks[fit.target] as Mark;
  const [from, to] = fit.xs;
  const ends = (ys: readonly [number, number]): [[number, number], [number, number]] => [
    at(from, ys[0]),
    at(to, ys[1]),
  ];
  const [low, high] = [ends(fit.low), ends(fit.high)];
  return [
    {
      type: 'polygon',
      silent: true,
      shape: { points: [low[0], low[1], high[1], high[0]] },
      style: { fill: colour, opacity: 0.22 },
    },
    rule(...ends(fit.value), { stroke: colour, lineWidth: 2.5, lineDash: [8, 5] }),
  ];
}

function rule([x1, y1]: [number, number], [x2, y2]: [number, number], style: object): Drawn {
  return { type: 'line', silent: true, shape: { x1, y1, x2, y2 }, style };
}

function text(content: string, x: number, y: number, fill: string, align: 'left' | 'right' = 'left'): Drawn {
  return {
    type: 'text',
    silent: true,
    style: { text: content, x, y, fill, fontSize: 11, fontFamily: FONT, align, verticalAlign: 'middle' },
  };
}
