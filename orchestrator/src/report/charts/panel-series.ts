import type { CustomSeriesOption } from 'echarts';
import { type Drawn, drawCurve, drawSlot, FONT, levelLabel } from './draw.js';
import type { Area } from './layout.js';
import type { Panel } from './panels.js';
import type { Mark, Theme } from './theme.js';

/** The axis of a diagram's levels; a curve has them on a log axis, which it draws itself. */
export function panelXAxis({ levels, look }: Panel, index: number, theme: Theme): object {
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

/** The axis of a diagram's quantity. */
export function panelYAxis(panel: Panel, index: number, theme: Theme): object {
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
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** A number at an axis. */
export function axisNumber(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(3)));
}

/** All curves of a diagram at once; the axis of levels is drawn here, for the levels are the only places on it that mean something. */
function curvesOf(panel: Panel, index: number, grid: Area, marks: readonly Mark[], theme: Theme): CustomSeriesOption {
  return {
    type: 'custom',
    xAxisIndex: index,
    yAxisIndex: index,
    silent: true,
    data: [[0, 1]],
    renderItem: (_params, api) => {
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

/**
 * One custom series a diagram: echarts gives the coordinates, draw.ts the shapes.
 * @param index of the diagram's axes and grid in the picture
 * @param grid where it lies, in pixels
 * @param marks of all targets, in plan order
 */
export function panelSeries(
  panel: Panel,
  index: number,
  grid: Area,
  marks: readonly Mark[],
  theme: Theme,
): CustomSeriesOption {
  if (panel.look === 'curve') return curvesOf(panel, index, grid, marks, theme);
  return {
    type: 'custom',
    xAxisIndex: index,
    yAxisIndex: index,
    silent: true,
    data: panel.levels.map((_, level) => [level, 0]),
    renderItem: ({ dataIndex }, api) => {
      const level = panel.levels[dataIndex];
      if (level === undefined) return null;
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
