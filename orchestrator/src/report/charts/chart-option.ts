import type { EChartsCoreOption } from 'echarts';
import { changesHeight, changesParts } from './changes-series.js';
import type { Drawing } from './chart.js';
import { wordsAt } from './chart-words.js';
import { targetsIn } from './chosen.js';
import { FONT, shapeAt } from './draw.js';
import type { Area } from './layout.js';
import { linesParts } from './lines-series.js';
import { lanesHeight } from './lanes.js';
import { searchParts } from './search-series.js';
import { panelSeries, panelXAxis, panelYAxis } from './panel-series.js';
import type { Parts } from './parts.js';
import { stackParts } from './stack-series.js';
import { type Mark, marksOf, type Theme } from './theme.js';

/** Where and how a chart is drawn. */
export interface ChartSetting {
  readonly width: number;
  readonly height: number;
  /** Names of all targets, in plan order: they decide colours and shapes. */
  readonly targets: readonly string[];
  readonly theme: Theme;
  /** Lines above a picture that has to say itself what it is; none on a page that does. */
  readonly heading: readonly string[];
  /** Whether it answers a pointer. */
  readonly isLive: boolean;
}

/** Room about the diagram, in pixels. */
const ROOM = { left: 58, right: 18, above: 28, below: 44 } as const;
/** Lanes have no labels at their left. */
const LANES_LEFT = 14;
const HEADING_LINE = 20;
/** Of the legend. */
const ROW = 20;
const LETTER = 7;

/**
 * How high a drawing is: what is asked for, or what its lanes need.
 * @param least pixels
 */
export function heightOf(drawing: Drawing, least: number): number {
  if (drawing.kind === 'changes') return ROOM.above + ROOM.below + changesHeight(drawing.lanes.length);
  return drawing.kind === 'search' ? ROOM.above + ROOM.below + lanesHeight(drawing.lanes.length) : least;
}

/** What echarts draws for a chart of a page: one diagram with its legend. */
export function chartOption(drawing: Drawing, setting: ChartSetting): EChartsCoreOption {
  const { width, height, targets, theme, heading, isLive } = setting;
  const marks = marksOf(targets, theme);
  const headed = heading.length * HEADING_LINE + (heading.length === 0 ? 0 : 10);
  // Lanes have the names of their targets in them.
  const hasLanes = drawing.kind === 'search' || drawing.kind === 'changes';
  const legend = hasLanes ? { drawn: [], rows: 0 } : legendOf(targetsIn(drawing), setting, marks, headed + 10);
  const top = headed + legend.rows * ROW + ROOM.above;
  const left = hasLanes ? LANES_LEFT : ROOM.left;
  const grid: Area = {
    left,
    top,
    width: Math.max(40, width - left - ROOM.right),
    height: Math.max(40, height - top - ROOM.below),
  };
  const { xAxis, yAxis, series } = partsOf(drawing, grid, marks, setting);
  return {
    animation: false,
    backgroundColor: theme.canvas ?? theme.background,
    textStyle: { fontFamily: FONT, color: theme.ink },
    grid,
    xAxis,
    yAxis,
    series,
    graphic: [...headingOf(heading, theme), ...legend.drawn],
    ...(isLive ? live(drawing, setting) : {}),
  };
}

function partsOf(drawing: Drawing, grid: Area, marks: readonly Mark[], { targets, theme }: ChartSetting): Parts {
  if (drawing.kind === 'lines') return linesParts(drawing, grid, marks, theme);
  if (drawing.kind === 'stack') return stackParts(drawing, grid, targets, marks, theme);
  if (drawing.kind === 'changes') return changesParts(drawing, grid, theme);
  if (drawing.kind === 'search') return searchParts(drawing, grid, targets, marks, theme);
  return {
    xAxis: panelXAxis(drawing.panel, 0, theme),
    yAxis: panelYAxis(drawing.panel, 0, theme),
    series: [panelSeries(drawing.panel, 0, grid, marks, theme)],
  };
}

function live(drawing: Drawing, { targets, theme }: ChartSetting): EChartsCoreOption {
  return {
    tooltip: {
      trigger: drawing.kind === 'search' || drawing.kind === 'changes' ? 'item' : 'axis',
      // Drawn as text: what a target is called can never become markup.
      renderMode: 'richText',
      confine: true,
      backgroundColor: theme.background,
      borderColor: theme.muted,
      textStyle: { color: theme.ink, fontFamily: FONT, fontSize: 12 },
      axisPointer: { type: 'line', lineStyle: { color: theme.muted } },
      formatter: (at: unknown) => wordsAt(drawing, placeOf(at), targets).join('\n'),
    },
    // Turning the wheel moves the page, as everywhere on it.
    ...(drawing.kind === 'lines'
      ? {
          dataZoom: [
            {
              type: 'inside',
              filterMode: 'none',
              zoomOnMouseWheel: 'ctrl',
              moveOnMouseWheel: false,
              preventDefaultMouseMove: false,
            },
          ],
        }
      : {}),
  };
}

/** Where the pointer is, from what echarts hands to a formatter: of an axis an index of categories or a value, else the index of an item. */
function placeOf(at: unknown): number {
  if (!Array.isArray(at)) return (at as { dataIndex?: number }).dataIndex ?? Number.NaN;
  const [first] = at as { axisType?: string; axisValue?: unknown; dataIndex?: number }[];
  if (first === undefined) return Number.NaN;
  return first.axisType === 'xAxis.category' ? (first.dataIndex ?? Number.NaN) : Number(first.axisValue);
}

function headingOf([title, ...others]: readonly string[], theme: Theme): object[] {
  if (title === undefined) return [];
  return [
    words(title, 12, 18, { fill: theme.ink, size: 15, weight: 'bold' }),
    ...others.map((line, i) => words(line, 12, 18 + (i + 1) * HEADING_LINE, { fill: theme.muted, size: 12 })),
  ];
}

function legendOf(
  shown: readonly number[],
  { width, targets, theme }: ChartSetting,
  marks: readonly Mark[],
  top: number,
): { drawn: object[]; rows: number } {
  const drawn: object[] = [];
  let [x, row] = [12, 0];
  for (const target of shown) {
    const name = targets[target] ?? '';
    const room = 30 + name.length * LETTER;
    if (x + room > width - 6 && x > 12) [x, row] = [12, row + 1];
    const mark = marks[target] as Mark;
    const y = top + row * ROW;
    drawn.push(shapeAt(mark.shape, x + 6, y, 5, { fill: mark.colour }));
    drawn.push(words(name, x + 16, y, { fill: theme.ink, size: 12 }));
    x += room;
  }
  return { drawn, rows: row + 1 };
}

function words(text: string, x: number, y: number, ink: { fill: string; size: number; weight?: string }): object {
  const style = { text, fill: ink.fill, fontSize: ink.size, fontFamily: FONT, fontWeight: ink.weight ?? 'normal' };
  return { type: 'text', x, y, silent: true, style: { ...style, verticalAlign: 'middle' } };
}
