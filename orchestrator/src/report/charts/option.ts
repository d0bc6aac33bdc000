import type { CustomSeriesOption, EChartsCoreOption, GraphicComponentOption } from 'echarts';
import { clockOf, type ReportModel, type ScenarioRows } from '../model.js';
import { wrap } from '../wrap.js';
import { drawSlot, type Drawn, shapeAt } from './draw.js';
import { type Panel, panelsOf } from './panels.js';
import { markOf, type Theme } from './theme.js';

/** The width of a scenario's picture in CSS pixels; its height depends on how many lines the legend and the foot take. */
const WIDTH = 1200;

const MARGIN = 40;
const PLOT = { left: 70, right: 24, height: 268, between: 92 } as const;
const LEGEND = { top: 128, rowHeight: 26, toPlots: 74 } as const;
const FONT = 'Inter, system-ui, sans-serif';
const LINE_HEIGHT = 18;
/** Pixels that a bold letter of 14 pixels takes, generously: there is nothing to measure text with. */
const LETTER = 8.8;

/** What echarts draws for a scenario: heading, legend, four diagrams, and what is absent. */
export interface Picture {
  readonly option: EChartsCoreOption;
  readonly width: number;
  readonly height: number;
}

/** Lays out the picture of a scenario. */
export function pictureOf(model: ReportModel, scenario: ScenarioRows, theme: Theme): Picture {
  const panels = panelsOf(model, scenario);
  const marks = legendEntries(model, theme);
  const keyY = LEGEND.top + marks.rows * LEGEND.rowHeight;
  const top = keyY + LEGEND.toPlots;
  const foot = footLines(model);
  const rows = Math.ceil(panels.length / 2);
  const footTop = top + rows * (PLOT.height + PLOT.between) - PLOT.between + 62;
  const height = footTop + foot.length * LINE_HEIGHT + (foot.length === 0 ? -10 : 14);
  return {
    width: WIDTH,
    height,
    option: {
      animation: false,
      backgroundColor: theme.background,
      textStyle: { fontFamily: FONT, color: theme.ink },
      grid: panels.map((_, i) => gridAt(i, top)),
      xAxis: panels.map((panel, i) => xAxis(panel, i, theme)),
      yAxis: panels.map((panel, i) => yAxis(panel, i, theme)),
      series: panels.map((panel, i) => seriesOf(panel, i, top, theme)),
      graphic: [
        ...heading(model, scenario, theme),
        ...marks.drawn,
        ...key(keyY, theme),
        ...panels.map((panel, i) => panelTitle(panel, i, top, theme)),
        ...foot.map((line, i) => text(line, MARGIN, footTop + i * LINE_HEIGHT, { size: 12, fill: theme.muted })),
      ],
    },
  };
}

/** Two columns; `top` is where the first row's diagrams begin. */
function gridAt(index: number, top: number): { left: number; top: number; width: number; height: number } {
  const width = (WIDTH - 2 * (PLOT.left + PLOT.right)) / 2;
  return {
    left: PLOT.left + (index % 2) * (width + PLOT.right + PLOT.left),
    top: top + Math.floor(index / 2) * (PLOT.height + PLOT.between),
    width,
    height: PLOT.height,
  };
}

function xAxis({ levels }: Panel, index: number, theme: Theme): object {
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
  return {
    type: panel.scale === 'log' ? 'log' : 'value',
    gridIndex: index,
    ...yRange(panel),
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      color: theme.muted,
      fontSize: 12,
      fontFamily: FONT,
      formatter: axisNumber,
      showMaxLabel: panel.line === null,
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

/** One custom series a diagram: echarts gives the coordinates, draw.ts the shapes. */
function seriesOf(panel: Panel, index: number, top: number, theme: Theme): CustomSeriesOption {
  return {
    type: 'custom',
    xAxisIndex: index,
    yAxisIndex: index,
    silent: true,
    data: panel.levels.map((_, level) => [level, 0]),
    renderItem: ({ dataIndex }, api) => {
      const level = panel.levels[dataIndex];
      if (level === undefined) return null;
      const grid = gridAt(index, top);
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
            mark: markOf(slot.target, theme),
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

type Graphic = GraphicComponentOption;

function text(
  content: string,
  x: number,
  y: number,
  { size, fill, bold = false }: { size: number; fill: string; bold?: boolean },
): Graphic {
  return {
    type: 'text',
    x,
    y,
    silent: true,
    style: {
      text: content,
      fill,
      fontSize: size,
      fontFamily: FONT,
      fontWeight: bold ? 'bold' : 'normal',
      verticalAlign: 'middle',
    },
  } as Graphic;
}

function heading(model: ReportModel, scenario: ScenarioRows, theme: Theme): Graphic[] {
  return [
    text(scenario.scenario, MARGIN, 42, { size: 26, fill: theme.ink, bold: true }),
    text(`${model.title} · latency ${clockOf(model, scenario)}`, MARGIN, 72, { size: 14, fill: theme.ink }),
    text(model.subtitle, MARGIN, 94, { size: 13, fill: theme.muted }),
  ];
}

/** Marks and names of the targets, in as many rows as they need. */
function legendEntries({ targets, absentTargets }: ReportModel, theme: Theme): { drawn: Graphic[]; rows: number } {
  const drawn: Graphic[] = [];
  let x: number = MARGIN;
  let row = 0;
  for (const [index, name] of targets.entries()) {
    if (absentTargets.some((absent) => absent.target === name)) continue;
    const width = 42 + name.length * LETTER;
    if (x + width > WIDTH - MARGIN && x > MARGIN) {
      x = MARGIN;
      row += 1;
    }
    const y = LEGEND.top + row * LEGEND.rowHeight;
    const mark = markOf(index, theme);
    drawn.push(shapeAt(mark.shape, x + 8, y, 7, { fill: mark.colour }) as Graphic);
    drawn.push(text(name, x + 22, y, { size: 14, fill: theme.ink, bold: true }));
    x += width;
  }
  return { drawn, rows: row + 1 };
}

/** What the signs in the diagrams mean. */
function key(y: number, theme: Theme): Graphic[] {
  const grey = { stroke: theme.muted, lineWidth: 2 };
  const bounds = [y - 7, y + 7];
  const line = (x1: number, y1: number, x2: number, y2: number): Graphic =>
    ({ type: 'line', silent: true, shape: { x1, y1, x2, y2 }, style: grey }) as Graphic;
  const label = (content: string, x: number): Graphic => text(content, x, y, { size: 12, fill: theme.muted });
  return [
    shapeAt('circle', 48, y, 5, { fill: theme.muted }) as Graphic,
    label('p50', 60),
    shapeAt('circle', 108, y, 5, { fill: 'none', ...grey }) as Graphic,
    label('p99', 120),
    line(168, y - 7, 168, y + 7),
    ...bounds.map((at) => line(162, at, 174, at)),
    label('95 % interval', 182),
    {
      type: 'rect',
      silent: true,
      shape: { x: 284, y: y - 7, width: 14, height: 14 },
      style: { fill: theme.floor, stroke: theme.line },
    } as Graphic,
    label('noise floor: what direct against direct shows as well', 306),
  ];
}

function panelTitle({ title, unit, scale }: Panel, index: number, plotsTop: number, theme: Theme): Graphic {
  const { left, top } = gridAt(index, plotsTop);
  const scaled = scale === 'log' ? `${unit}, log scale` : unit;
  return text(`${title} (${scaled})`, left - 30, top - 20, { size: 14, fill: theme.ink, bold: true });
}

function footLines({ absentTargets }: ReportModel): string[] {
  return absentTargets.flatMap(({ target, message }) => wrap(`${target} is absent: ${message}`, 170));
}
