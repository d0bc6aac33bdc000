import type { EChartsCoreOption } from 'echarts';
import type { ConductSeries, ConductStep } from '../../analyse/conduct/series.js';
import { wrap } from '../wrap.js';
import { FONT } from './draw.js';
import { type Graphic, text } from './legend.js';
import type { Picture } from './option.js';
import { drawn } from './svg.js';
import { type Theme, THEMES } from './theme.js';

const WIDTH = 960;
const LEFT = 72;
const RIGHT = 24;
const LINE = 22;
const PANEL = { height: 120, gap: 52 } as const;
/** Letters of a title that fit the width. */
const LETTERS = 110;
/** Pixels that a letter of a panel's legend takes, generously. */
const LETTER = 7.4;

/** Of the providers, in their order. */
const PROVIDERS = ['crimson', 'blue', 'mustard'] as const;

/** A line of a panel; null: nothing is there to be drawn. */
interface Line {
  readonly name: string;
  readonly colour: string;
  readonly of: (step: ConductStep) => number | null;
}

interface Panel {
  readonly heading: string;
  readonly lines: readonly Line[];
}

/**
 * A case over time as an SVG: what was asked and served, attempts at each provider, latency of what was served; the time in which the mock
 * played the fault is shaded.
 * @param title of whom and of which case
 * @param id that no other picture of a page has
 */
export function conductPicture(
  series: ConductSeries,
  title: string,
  theme: Theme = THEMES.light,
  id = 'conduct',
): string {
  return `${drawn(pictureOfCase(series, title, theme), `${id}-${theme.name}`)}\n`;
}

function pictureOfCase(series: ConductSeries, title: string, theme: Theme): Picture {
  const panels = panelsOf(series, theme);
  const lines = wrap(title, LETTERS);
  const top = 20 + lines.length * LINE + 34;
  const topOf = (i: number): number => top + i * (PANEL.height + PANEL.gap);
  const height = topOf(panels.length - 1) + PANEL.height + 40;
  const endS = Math.max(series.steps.length * series.stepS, series.stepS);
  const small = { fontFamily: FONT, fontSize: 12, color: theme.muted };
  const option: EChartsCoreOption = {
    animation: false,
    backgroundColor: theme.background,
    graphic: [
      ...lines.map((line, i) => text(line, LEFT, 28 + i * LINE, { size: 16, fill: theme.ink, bold: true })),
      ...panels.flatMap((panel, i) => legendOf(panel, topOf(i) - 16, theme)),
    ],
    grid: panels.map((_, i) => ({
      left: LEFT,
      right: RIGHT,
      top: topOf(i),
      height: PANEL.height,
      containLabel: false,
    })),
    xAxis: panels.map((_, i) => ({
      type: 'value',
      gridIndex: i,
      min: 0,
      max: endS,
      axisLabel: { ...small, show: i === panels.length - 1, formatter: (second: number) => `${second} s` },
      axisLine: { lineStyle: { color: theme.line } },
      axisTick: { show: false },
      splitLine: { show: false },
    })),
    yAxis: panels.map((_, i) => ({
      type: 'value',
      gridIndex: i,
      min: 0,
      splitNumber: 2,
      axisLabel: small,
      splitLine: { lineStyle: { color: theme.line } },
    })),
    series: panels.flatMap(({ lines: own }, i) => own.map((line, j) => seriesOf(line, series, i, j === 0, theme))),
  };
  return { option, width: WIDTH, height };
}

function panelsOf({ stepS, providers }: ConductSeries, { targets }: Theme): readonly Panel[] {
  return [
    {
      heading: 'requests a second',
      lines: [
        { name: 'asked', colour: targets.grey, of: ({ asked }) => asked / stepS },
        { name: 'served', colour: targets.green, of: ({ served }) => served / stepS },
      ],
    },
    {
      heading: 'attempts a second',
      lines: providers.map((name, i) => ({
        name: `at ${name}`,
        colour: targets[PROVIDERS[i % PROVIDERS.length] ?? 'grey'],
        of: ({ attempts }) => (attempts[name] ?? 0) / stepS,
      })),
    },
    {
      heading: 'median latency of the served, ms',
      lines: [
        { name: '', colour: targets.violet, of: ({ latencyUs }) => (latencyUs === null ? null : latencyUs / 1000) },
      ],
    },
  ];
}

/** The heading of a panel and the names of its lines, beside each other above it. */
function legendOf({ heading, lines }: Panel, y: number, theme: Theme): Graphic[] {
  const drawnWords: Graphic[] = [text(heading, LEFT, y, { size: 12, fill: theme.ink })];
  let x = LEFT + 24 + heading.length * LETTER;
  for (const { name, colour } of lines.filter((line) => line.name !== '')) {
    drawnWords.push({
      type: 'rect',
      silent: true,
      shape: { x, y: y - 2, width: 14, height: 4 },
      style: { fill: colour },
    });
    drawnWords.push(text(name, x + 20, y, { size: 12, fill: theme.ink }));
    x += 40 + name.length * LETTER;
  }
  return drawnWords;
}

/** Steps, because what a line shows is a count over a quarter of a second; broken where there is nothing. */
function seriesOf(
  { name, colour, of }: Line,
  { steps, stepS, fault }: ConductSeries,
  panel: number,
  isFirst: boolean,
  theme: Theme,
): object {
  const points = steps.map((step): [number, number | null] => [step.fromS, of(step)]);
  const last = steps.at(-1);
  const endS = steps.length * stepS;
  const shade = {
    silent: true,
    itemStyle: { color: theme.floor, opacity: 1 },
    label: { show: panel === 0, position: 'insideTopLeft', color: theme.muted, fontFamily: FONT, fontSize: 12 },
    data: [[{ name: 'fault', xAxis: Math.max(0, fault.fromS) }, { xAxis: Math.min(endS, fault.untilS) }]],
  };
  return {
    type: 'line',
    name,
    xAxisIndex: panel,
    yAxisIndex: panel,
    step: 'end',
    symbol: 'none',
    silent: true,
    connectNulls: false,
    lineStyle: { color: colour, width: 1.6 },
    data: last === undefined ? points : [...points, [endS, of(last)]],
    ...(isFirst && fault.untilS > fault.fromS ? { markArea: shade } : {}),
  };
}
