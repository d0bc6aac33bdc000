import type { CustomSeriesOption, EChartsCoreOption } from 'echarts';
import type { ReportModel, ScenarioRows } from '../model.js';
import { type Drawn, drawCurve, drawSlot, FONT, levelLabel } from './draw.js';
import { footTop, LEGEND, LINE_HEIGHT, MARGIN, plotArea, WIDTH } from './layout.js';
import { footLines, type Graphic, heading, key, legendEntries, text } from './legend.js';
import { type Panel, panelsOf } from './panels.js';
import { type Mark, marksOf, type Theme } from './theme.js';

/** What echarts draws for a scenario: heading, legend, four diagrams, and what is absent. */
export interface Picture {
  readonly option: EChartsCoreOption;
  readonly width: number;
  readonly height: number;
}

/** Whether a picture says itself what it is about, or stands on a page that does. */
export type Setting = 'alone' | 'on-page';

/** Lays out the picture of a scenario. */
export function pictureOf(model: ReportModel, scenario: ScenarioRows, theme: Theme, setting: Setting): Picture {
  const alone = setting === 'alone';
  const panels = panelsOf(model, scenario);
  const head = alone ? heading(model, scenario, theme) : null;
  const legendY = head === null ? LEGEND.topOnPage : LEGEND.top + head.more;
  const marks = legendEntries(model, legendY, theme);
  const keyY = legendY + marks.rows * LEGEND.rowHeight;
  const top = keyY + LEGEND.toPlots;
  const foot = alone ? footLines(model) : [];
  const footY = footTop(panels.length, top);
  const height = footY + foot.length * LINE_HEIGHT + (foot.length === 0 ? -10 : 14);
  return {
    width: WIDTH,
    height,
    option: {
      animation: false,
      backgroundColor: theme.background,
      textStyle: { fontFamily: FONT, color: theme.ink },
      grid: panels.map((_, i) => plotArea(i, top)),
      xAxis: panels.map((panel, i) => xAxis(panel, i, theme)),
      yAxis: panels.map((panel, i) => yAxis(panel, i, theme)),
      series: panels.map((panel, i) => seriesOf(panel, i, top, marksOf(model.targets, theme), theme)),
      graphic: [
        ...(head?.drawn ?? []),
        ...marks.drawn,
        ...key(
          keyY,
          panels.some(({ levels }) => levels.some(({ floor }) => floor !== null)),
          theme,
        ),
        ...panels.map((panel, i) => panelTitle(panel, i, top, theme)),
        ...foot.map((line, i) => text(line, MARGIN, footY + i * LINE_HEIGHT, { size: 12, fill: theme.muted })),
      ],
    },
  };
}

function xAxis({ levels, look }: Panel, index: number, theme: Theme): object {
  if (look === 'curve') return { type: 'value', gridIndex: index, min: 0, max: 1, show: false };
  return {
    type: 'category',
    gridIndex: index,
    data: levels.map(({ label }) => label),
    axisLine: { lineStyle: { color: theme.muted }, onZero: false },
    axisTick: { show: false },
    axisLabel: { color: theme.ink, fontSize: 12, fontFamily: FONT, interval: 0, margin: 10 },
    splitLine: { show: true, lineStyle: { color: theme.line } },
  };
}

function yAxis(panel: Panel, index: number, theme: Theme): object {
  const range = yRange(panel);
  return {
    type: panel.scale === 'log' ? 'log' : 'value',
    gridIndex: index,
    ...range,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      color: theme.muted,
      fontSize: 12,
      fontFamily: FONT,
      formatter: axisNumber,
      showMaxLabel: panel.line === null,
      // An end below zero is hardly ever on a tick, and its label would lie over that of the nearest.
      showMinLabel: range.min >= 0,
    },
    splitLine: { lineStyle: { color: theme.line } },
  };
}

/** Everything that is drawn, with air above it. */
function yRange({ levels, scale, line, look }: Panel): { min: number; max: number } {
  const estimates = levels.flatMap(({ slots }) =>
    slots.flatMap(({ value, tail }) => [value, tail].flatMap((of) => of ?? [])),
  );
  const floors = levels.flatMap(({ floor }) => floor ?? []);
  // On a log axis the floor is worth seeing even where every overhead is far above it.
  const low = Math.min(...(scale === 'log' ? floors : []), ...estimates.map((of) => of.low));
  const high = Math.max(line ?? 0, ...floors, ...estimates.map((of) => of.high));
  if (estimates.length === 0) return { min: 0, max: 1 };
  if (scale === 'log')
    return { min: 10 ** Math.floor(Math.log10(low * 0.9)), max: 10 ** Math.ceil(Math.log10(high * 1.1)) };
  const top = roundUp(high * (look === 'bars' ? 1.12 : 1.08));
  return { min: low < 0 ? -roundUp(-low * 1.08) : 0, max: line === 100 && high <= 101 ? 112 : top };
}

/** The next of 1, 1.5, 2, 3, 4, 5, 6, 8 × 10^k. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}

function axisNumber(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(3)));
}

/** All curves of a diagram at once; the axis of levels is drawn here, for the levels are the only places on it that mean something. */
function curvesOf(panel: Panel, index: number, top: number, marks: readonly Mark[], theme: Theme): CustomSeriesOption {
  return {
    type: 'custom',
    xAxisIndex: index,
    yAxisIndex: index,
    silent: true,
    data: [[0, 1]],
    renderItem: (_params, api) => {
      const grid = plotArea(index, top);
      const bottom = grid.top + grid.height;
      const xs = placesAlong(
        panel.levels.map(({ value }) => value),
        grid,
      );
      const yOf = (value: number): number => api.coord([0, value])[1] as number;
      const curves = (panel.levels[0]?.slots ?? []).flatMap(({ target }, slot) =>
        ([true, false] as const).flatMap((dashed) => {
          const points = panel.levels.flatMap(({ slots }, level) => {
            const estimate = dashed ? slots[slot]?.tail : slots[slot]?.value;
            return estimate === null || estimate === undefined
              ? []
              : [{ x: xs[level] as number, y: yOf(estimate.value) }];
          });
          return drawCurve({ mark: marks[target] as Mark, points, dashed }, theme);
        }),
      );
      const axis = panel.levels.flatMap(({ label }, level): Drawn[] => {
        const x = xs[level] as number;
        return [
          {
            type: 'line',
            shape: { x1: x, y1: grid.top, x2: x, y2: bottom },
            style: { stroke: theme.line, lineWidth: 1 },
          },
          ...(level > 0 && x - (xs[level - 1] as number) < LABEL_ROOM ? [] : [levelLabel(label, x, bottom, theme)]),
        ];
      });
      const foot = { x1: grid.left, y1: bottom, x2: grid.left + grid.width, y2: bottom };
      const line: Drawn = { type: 'line', shape: foot, style: { stroke: theme.muted, lineWidth: 1 } };
      return { type: 'group', children: [...axis, line, ...curves] };
    },
  } as CustomSeriesOption;
}

/** Pixels that the label of a level takes. */
const LABEL_ROOM = 64;

/** Where values lie on a log axis, in pixels. */
function placesAlong(values: readonly number[], { left, width }: { left: number; width: number }): number[] {
  const [least, most] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  const inner = { left: left + LABEL_ROOM / 2, width: width - LABEL_ROOM };
  return values.map((value) =>
    most === least ? left + width / 2 : inner.left + (inner.width * (Math.log(value) - least)) / (most - least),
  );
}

/** One custom series a diagram: echarts gives the coordinates, draw.ts the shapes. */
function seriesOf(panel: Panel, index: number, top: number, marks: readonly Mark[], theme: Theme): CustomSeriesOption {
  if (panel.look === 'curve') return curvesOf(panel, index, top, marks, theme);
  return {
    type: 'custom',
    xAxisIndex: index,
    yAxisIndex: index,
    silent: true,
    data: panel.levels.map((_, level) => [level, 0]),
    renderItem: ({ dataIndex }, api) => {
      const level = panel.levels[dataIndex];
      if (level === undefined) return null;
      const grid = plotArea(index, top);
      const step = grid.width / panel.levels.length;
      const group = Math.min(step * 0.84, 74 * level.slots.length);
      const left = grid.left + step * (dataIndex + 0.5) - group / 2;
      const slotWidth = group / level.slots.length;
      const yOf = (value: number): number => api.coord([dataIndex, value])[1] as number;
      const plot = { top: grid.top, bottom: grid.top + grid.height };
      const children: Drawn[] = [
        ...floorBand(level.floor, panel, { left: left - 6, width: group + 12 }, yOf, plot, theme),
        ...(panel.line === null ? [] : [across(grid.left + step * dataIndex, step, yOf(panel.line), theme)]),
        ...level.slots.flatMap((slot, i) =>
          drawSlot(slot, {
            look: panel.look,
            mark: marks[slot.target] as Mark,
            theme,
            x: left + (i + 0.5) * slotWidth,
            width: slotWidth,
            yOf,
            plot,
          }),
        ),
      ];
      return { type: 'group', children };
    },
  } as CustomSeriesOption;
}

/** The range of shifts that direct against direct shows as well. */
function floorBand(
  floor: number | null,
  { scale }: Panel,
  { left, width }: { left: number; width: number },
  yOf: (value: number) => number,
  plot: { top: number; bottom: number },
  theme: Theme,
): Drawn[] {
  if (floor === null) return [];
  const inside = (y: number): number => Math.min(plot.bottom, Math.max(plot.top, y));
  const top = inside(yOf(floor));
  const bottom = scale === 'log' ? plot.bottom : inside(yOf(-floor));
  return [
    {
      type: 'rect',
      shape: { x: left, y: top, width, height: Math.max(0, bottom - top) },
      style: { fill: theme.floor },
    },
  ];
}

function across(x: number, width: number, y: number, theme: Theme): Drawn {
  return {
    type: 'line',
    shape: { x1: x, y1: y, x2: x + width, y2: y },
    style: { stroke: theme.muted, lineWidth: 1, lineDash: [4, 4] },
  };
}

function panelTitle({ title, unit, scale }: Panel, index: number, plotsTop: number, theme: Theme): Graphic {
  const { left, top } = plotArea(index, plotsTop);
  const scaled = scale === 'log' ? `${unit}, log scale` : unit;
  return text(`${title} (${scaled})`, left - 30, top - 20, { size: 14, fill: theme.ink, bold: true });
}
