import type { Stack } from './chart.js';
import { numberWords } from './chart-words.js';
import { type Drawn, FONT } from './draw.js';
import type { Area } from './layout.js';
import { axisNumber } from './panel-series.js';
import type { Parts } from './parts.js';
import type { Mark, Theme } from './theme.js';

/** How strongly each part is filled: the first and the last are the target's, what lies between is not. */
const STRENGTH = [0.95, 0.2, 0.55] as const;

/** Axes and series of bars that are made of parts: a target a row, the time from left to right. */
export function stackParts(
  { unit, parts, bars }: Stack,
  grid: Area,
  targets: readonly string[],
  marks: readonly Mark[],
  theme: Theme,
): Parts {
  const label = { color: theme.ink, fontFamily: FONT, fontSize: 12 };
  return {
    xAxis: {
      type: 'category',
      data: bars.map(({ target }) => targets[target] ?? ''),
      axisLabel: { ...label, interval: 0, width: grid.width / bars.length - 4, overflow: 'truncate' },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: theme.muted } },
    },
    yAxis: {
      type: 'value',
      min: 0,
      name: unit,
      nameGap: 8,
      nameTextStyle: { color: theme.muted, fontFamily: FONT, align: 'right' },
      axisLabel: { color: theme.muted, fontFamily: FONT, formatter: axisNumber },
      splitLine: { lineStyle: { color: theme.line } },
    },
    series: [
      {
        type: 'custom',
        silent: true,
        // The second value tells the axis how high the bar is.
        data: bars.map(({ values }, i) => [i, values.reduce((sum, value) => sum + value, 0)]),
        renderItem: (
          { dataIndex }: { dataIndex: number },
          api: { coord: (point: [number, number]) => [number, number] },
        ) => {
          const bar = bars[dataIndex];
          if (bar === undefined) return null;
          const mark = marks[bar.target] as Mark;
          const width = Math.min(90, (grid.width / bars.length) * 0.66);
          let sum = 0;
          const children = bar.values.flatMap((value, i): Drawn[] => {
            const [x, from] = api.coord([dataIndex, sum]);
            sum += value;
            const [, to] = api.coord([dataIndex, sum]);
            const shape = { x: x - width / 2, y: to, width, height: Math.max(0, from - to) };
            const rect: Drawn = {
              type: 'rect',
              shape,
              style: {
                fill: mark.colour,
                opacity: STRENGTH[i % STRENGTH.length],
                stroke: theme.background,
                lineWidth: 1,
              },
            };
            if (from - to < 30) return [rect];
            const ink = i === 0 ? theme.background : theme.ink;
            return [
              rect,
              words(parts[i] ?? '', x, (from + to) / 2 - 7, ink),
              words(numberWords(value), x, (from + to) / 2 + 7, ink),
            ];
          });
          return { type: 'group', children };
        },
      },
    ],
  };
}

function words(text: string, x: number, y: number, fill: string): Drawn {
  const style = { text, x, y, fill, fontSize: 11, fontFamily: FONT, align: 'center', verticalAlign: 'middle' };
  return { type: 'text', silent: true, style };
}
