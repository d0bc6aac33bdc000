import type { Search, Step } from './chart.js';
import { NAME_ALONG, numberWords, stepsOf } from './chart-words.js';
import { type Drawn, shapeAt } from './draw.js';
import { laneAt, laneHeading, laneText, ownAxes, stroke } from './lanes.js';
import type { Area } from './layout.js';
import type { Parts } from './parts.js';
import type { Mark, Theme } from './theme.js';

/** Pixels between two labels of the axis. */
const LABEL_ROOM = 46;
/** Beyond the lowest and the highest rate, as a factor. */
const AIR = 1.25;

interface Api {
  readonly coord: (point: [number, number]) => [number, number];
}

/** A search: rates along x on a log axis that is drawn here, a lane a target. */
export function searchParts(
  search: Search,
  grid: Area,
  targets: readonly string[],
  marks: readonly Mark[],
  theme: Theme,
): Parts {
  const rates = search.lanes.flatMap(({ steps }) => steps.map(({ rate }) => rate));
  const [least, most] = [Math.min(...rates) / AIR, Math.max(...rates) * AIR];
  const laneOf = search.lanes.flatMap(({ steps }, lane) => steps.map(() => lane));
  return {
    ...ownAxes(Math.log10(least), Math.log10(most)),
    series: [
      {
        type: 'custom',
        silent: true,
        data: [[Math.log10(least), 0]],
        tooltip: { show: false },
        renderItem: (_params: unknown, api: Api) => {
          const xOf = (rate: number): number => api.coord([Math.log10(rate), 0])[0];
          const children = [
            ...axis(least, most, xOf, grid, theme),
            ...search.lanes.flatMap((lane, i) => {
              const place = laneAt(i, search.lanes.length, grid);
              const mark = marks[lane.target] as Mark;
              return [
                stroke([grid.left, place.bottom + 4], [grid.left + grid.width, place.bottom + 4], {
                  stroke: theme.line,
                  lineWidth: 1,
                }),
                ...laneHeading(targets[lane.target] ?? '', lane.text, mark, place.name, grid, theme),
                ...rangeBand(lane.range, place, xOf, grid, mark),
              ];
            }),
          ];
          return { type: 'group', children };
        },
      },
      {
        type: 'custom',
        data: stepsOf(search).map(([, { rate }]) => [Math.log10(rate), 0]),
        renderItem: ({ dataIndex }: { dataIndex: number }, api: Api) => {
          const [target, step] = stepsOf(search)[dataIndex] ?? [];
          if (target === undefined || step === undefined) return null;
          const place = laneAt(laneOf[dataIndex] ?? 0, search.lanes.length, grid);
          return {
            type: 'group',
            children: stepMarks(step, api.coord([Math.log10(step.rate), 0])[0], place, marks[target] as Mark, theme),
          };
        },
      },
    ],
  };
}

/** Where the capacity lies; an open end runs out of the diagram. */
function rangeBand(
  { low, high }: Search['lanes'][number]['range'],
  { top, bottom }: { readonly top: number; readonly bottom: number },
  xOf: (rate: number) => number,
  { left, width }: Area,
  { colour }: Mark,
): Drawn[] {
  if (low === null && high === null) return [];
  const [from, to] = [low === null ? left : xOf(low), high === null ? left + width : xOf(high)];
  const edge = { stroke: colour, lineWidth: 1.5 };
  return [
    {
      type: 'rect',
      silent: true,
      shape: { x: from, y: top, width: Math.max(1, to - from), height: bottom - top },
      style: { fill: colour, opacity: low === null || high === null ? 0.12 : 0.25 },
    },
    ...(low === null ? [] : [stroke([from, top], [from, bottom], edge)]),
    ...(high === null ? [] : [stroke([to, top], [to, bottom], edge)]),
  ];
}

/** Held above, not held in the middle as a cross, void below; the larger, the more windows. */
function stepMarks(
  { held, broken, spoilt }: Step,
  x: number,
  { top, bottom }: { readonly top: number; readonly bottom: number },
  mark: Mark,
  theme: Theme,
): Drawn[] {
  const rowOf = (row: number): number => top + ((row + 0.5) * (bottom - top)) / 3;
  const size = (windows: number): number => 3 + Math.min(2.5, 0.3 * windows);
  const drawn: Drawn[] = [
    // What a pointer meets: more than the marks themselves.
    {
      type: 'rect',
      shape: { x: x - 5, y: top, width: 10, height: bottom - top },
      style: { fill: theme.ink, opacity: 0 },
    },
  ];
  if (held > 0) drawn.push(shapeAt(mark.shape, x, rowOf(0), size(held), { fill: mark.colour }));
  if (broken > 0) drawn.push(...cross(x, rowOf(1), size(broken), theme.ink));
  if (spoilt > 0)
    drawn.push(
      shapeAt('circle', x, rowOf(2), size(spoilt), { fill: theme.background, stroke: theme.muted, lineWidth: 1 }),
    );
  return drawn;
}

function cross(x: number, y: number, radius: number, colour: string): Drawn[] {
  const style = { stroke: colour, lineWidth: 1.8 };
  const reach = radius * 0.85;
  return [
    stroke([x - reach, y - reach], [x + reach, y + reach], style),
    stroke([x - reach, y + reach], [x + reach, y - reach], style),
  ];
}

/** Labels at 1, 2 and 5 of each decade, as far as there is room, with what the marks mean above. */
function axis(
  least: number,
  most: number,
  xOf: (rate: number) => number,
  { left, top, width, height }: Area,
  theme: Theme,
): Drawn[] {
  const ticks = ticksBetween(least, most);
  const bottom = top + height;
  let last = Number.NEGATIVE_INFINITY;
  const drawn = ticks.flatMap((rate): Drawn[] => {
    const x = xOf(rate);
    const line = stroke([x, top], [x, bottom], { stroke: theme.line, lineWidth: 1 });
    if (x - last < LABEL_ROOM) return [line];
    last = x;
    return [line, laneText(numberWords(rate), x, bottom + 12, theme.ink, { align: 'center' })];
  });
  return [
    ...drawn,
    stroke([left, bottom], [left + width, bottom], { stroke: theme.muted, lineWidth: 1 }),
    laneText(`${NAME_ALONG.rate}, log`, left + width / 2, bottom + 30, theme.muted, { align: 'center' }),
    laneText('full: held · cross: did not · hollow: void', left, top - 12, theme.muted),
  ];
}

/** Places for labels on a log axis. */
export function ticksBetween(least: number, most: number): number[] {
  const decades = Array.from(
    { length: Math.ceil(Math.log10(most)) - Math.floor(Math.log10(least)) + 1 },
    (_, i) => 10 ** (Math.floor(Math.log10(least)) + i),
  );
  // Of a range within one decade 1, 2 and 5 may be none or one.
  const steps = most / least < 12 ? [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9] : [1, 2, 5];
  return decades
    .flatMap((decade) => steps.map((step) => step * decade))
    .filter((rate) => rate >= least && rate <= most);
}
