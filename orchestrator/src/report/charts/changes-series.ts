import type { ChangeLane, Changes } from './chart.js';
import { changeWords } from './chart-words.js';
import { cut } from '../wrap.js';
import { type Drawn, shapeAt } from './draw.js';
import { laneText, ownAxes, stroke } from './lanes.js';
import type { Area } from './layout.js';
import type { Parts } from './parts.js';
import type { Shape, Theme } from './theme.js';

/** Pixels of a lane: its height, and where in it its words and its interval stand. */
const LANE = { height: 40, words: 11, top: 20, middle: 28, bottom: 36 } as const;
/** Pixels between two labels of the axis, and of a letter. */
const LABEL_ROOM = 52;
const LETTER = 6.6;
/** An interval that reaches further than this many times the furthest point is cut: it would press all others together. */
const REACH = 1.5;
/** Beyond what is drawn, as a share of it. */
const AIR = 0.05;

/** Pixels that so many lanes take. */
export function changesHeight(lanes: number): number {
  return lanes * LANE.height;
}

/** Changes: where nothing changes in one line from top to bottom, a lane a change. */
export function changesParts(changes: Changes, grid: Area, theme: Theme): Parts {
  const scale = scaleOf(changes);
  const [from, to] = rangeOf(changes, scale);
  const xOf = (value: number): number => {
    const share = (scale(value) - from) / (to - from);
    return grid.left + Math.min(1, Math.max(0, share)) * grid.width;
  };
  const origin = xOf(changes.as === 'ratio' ? 1 : 0);
  const own = grid.height / Math.max(1, changes.lanes.length);
  return {
    ...ownAxes(0, 1),
    series: [
      {
        type: 'custom',
        silent: true,
        data: [[0, 0]],
        tooltip: { show: false },
        renderItem: () => ({ type: 'group', children: axis(changes, ticksOf(changes, from, to), xOf, grid, theme) }),
      },
      {
        type: 'custom',
        data: changes.lanes.map(() => [0, 0]),
        renderItem: ({ dataIndex }: { dataIndex: number }) => {
          const lane = changes.lanes[dataIndex];
          if (lane === undefined) return null;
          const place = { y: grid.top + dataIndex * own, xOf, origin, grid, theme };
          return { type: 'group', children: [target(place), ...words(lane, place), ...interval(lane, place)] };
        },
      },
    ],
  };
}

/** Where a value lies, 0 being no change; a ratio of nothing or less is further to the left than any. */
function scaleOf({ as }: Changes): (value: number) => number {
  if (as === 'difference') return (value) => value;
  return (value) => (value > 0 ? Math.log10(value) : Number.NEGATIVE_INFINITY);
}

function rangeOf({ lanes }: Changes, scale: (value: number) => number): [number, number] {
  const finite = (values: readonly number[]): number[] => values.map(scale).filter(Number.isFinite);
  const points = finite(
    lanes.flatMap(({ value, needed, limit }) => [
      value,
      ...(needed === null ? [] : [needed.low, needed.high]),
      ...(limit === null ? [] : [limit]),
    ]),
  );
  const furthest = points.reduce((far, at) => Math.max(far, Math.abs(at)), 0);
  const reach = REACH * (furthest > 0 ? furthest : 1);
  const all = [0, ...points, ...finite(lanes.flatMap(({ low, high }) => [low, high]))].map((at) =>
    Math.min(reach, Math.max(-reach, at)),
  );
  const [least, most] = all.reduce(([low, high], at) => [Math.min(low, at), Math.max(high, at)], [0, 0]);
  const air = AIR * (most - least || 1);
  return [least - air, most + air];
}

interface Place {
  readonly y: number;
  readonly xOf: (value: number) => number;
  /** Where nothing changes. */
  readonly origin: number;
  readonly grid: Area;
  readonly theme: Theme;
}

/** What a pointer meets: the whole lane. */
function target({ y, grid: { left, width }, theme }: Place): Drawn {
  const shape = { x: left, y, width, height: LANE.height - 2 };
  return { type: 'rect', shape, style: { fill: theme.ink, opacity: 0 } };
}

/** Whose change it is at the left, and as much of it in words as there is room for at the right. */
function words({ label, text, short, verdict }: ChangeLane, { y, grid: { left, width }, theme }: Place): Drawn[] {
  const letters = Math.floor(width / LETTER) - 2;
  const said = label.length + text.length <= letters ? text : short;
  const ink = verdict === 'cannot-be-told' ? theme.muted : theme.ink;
  const own = (drawn: Drawn): Drawn => ({
    ...drawn,
    // Lines of the axis end where words stand.
    style: { ...(drawn['style'] as object), backgroundColor: theme.canvas === undefined ? theme.background : 'none' },
  });
  return [
    laneText(cut(label, Math.max(8, letters - said.length)), left, y + LANE.words, theme.ink),
    laneText(said, left + width, y + LANE.words, ink, { bold: verdict !== 'cannot-be-told', align: 'right' }),
  ].map(own);
}

function interval(
  { value, low, high, needed, limit, verdict }: ChangeLane,
  { y, xOf, origin, grid, theme }: Place,
): Drawn[] {
  const [top, middle, bottom] = [y + LANE.top, y + LANE.middle, y + LANE.bottom];
  const colour = inkOf(verdict, theme);
  const [from, to] = [xOf(low), xOf(high)];
  const line = { stroke: colour, lineWidth: 2 };
  const [isCutLow, isCutHigh] = [from <= grid.left, to >= grid.left + grid.width];
  const end = (x: number): Drawn => stroke([x, middle - 5], [x, middle + 5], line);
  const arrow = (x: number, sign: number): Drawn[] =>
    [-4, 4].map((dy) => stroke([x, middle], [x + sign * 6, middle + dy], line));
  return [
    ...(needed === null
      ? []
      : [
          {
            type: 'rect',
            silent: true,
            shape: { x: xOf(needed.low), y: top, width: xOf(needed.high) - xOf(needed.low), height: bottom - top },
            style: { fill: theme.floor },
          } as const,
        ]),
    stroke([origin, top], [origin, bottom], { stroke: theme.muted, lineWidth: 1 }),
    ...(limit === null
      ? []
      : [
          stroke([xOf(limit), top - 2], [xOf(limit), bottom + 2], {
            stroke: theme.ink,
            lineWidth: 1.5,
            lineDash: [4, 3],
          }),
        ]),
    stroke([from, middle], [to, middle], line),
    ...(isCutLow ? arrow(from, 1) : [end(from)]),
    ...(isCutHigh ? arrow(to, -1) : [end(to)]),
    verdict === 'cannot-be-told'
      ? shapeAt('circle', xOf(value), middle, 5, { fill: theme.background, stroke: colour, lineWidth: 2 })
      : shapeAt(SHAPE[verdict], xOf(value), middle, 6, { fill: colour, stroke: theme.background, lineWidth: 1 }),
  ];
}

const SHAPE: Readonly<Record<Exclude<ChangeLane['verdict'], 'cannot-be-told'>, Shape>> = {
  worse: 'triangle',
  better: 'triangle-down',
  differs: 'diamond',
};

/** What cannot be told has no colour. */
function inkOf(verdict: ChangeLane['verdict'], theme: Theme): string {
  if (verdict === 'worse' || verdict === 'better') return theme[verdict];
  return verdict === 'differs' ? theme.ink : theme.muted;
}

/** Labels above and below, as far as there is room, with a line each; where nothing changes has one whatever else fits. */
function axis(
  changes: Changes,
  ticks: readonly number[],
  xOf: (value: number) => number,
  { left, top, width, height }: Area,
  theme: Theme,
): Drawn[] {
  const bottom = top + height;
  const origin = changes.as === 'ratio' ? 1 : 0;
  const taken: number[] = [];
  const drawn = [origin, ...ticks.filter((tick) => tick !== origin)].flatMap((tick): Drawn[] => {
    const x = xOf(tick);
    if (taken.some((other) => Math.abs(other - x) < LABEL_ROOM)) return [];
    taken.push(x);
    const said = changeWords(tick, { as: changes.as, unit: '' });
    const ink = tick === origin ? theme.muted : theme.line;
    return [
      stroke([x, top], [x, bottom], { stroke: ink, lineWidth: 1 }),
      ...[top - 10, bottom + 10].map((y) => laneText(said, x, y, theme.ink, { align: 'center' })),
    ];
  });
  const along =
    changes.as === 'ratio' ? 'b as a multiple of a, log' : `b − a${changes.unit === '' ? '' : `, ${changes.unit}`}`;
  return [...drawn, laneText(along, left + width / 2, bottom + 30, theme.muted, { align: 'center' })];
}

const RATIOS = [
  1.1, 0.9, 1.25, 0.8, 1.5, 0.7, 2, 0.5, 3, 0.3, 5, 0.2, 10, 0.1, 20, 0.05, 50, 0.02, 100, 0.01, 1e3, 1e-3, 1e4, 1e-4,
  1e6,
];
/** Where all is about as it was. */
const NEAR_RATIOS = [1.02, 0.98, 1.05, 0.95];

/** From the middle outwards. */
function ticksOf({ as }: Changes, from: number, to: number): number[] {
  if (as === 'ratio') {
    const within = (ratio: number): boolean => Math.log10(ratio) >= from && Math.log10(ratio) <= to;
    const ratios = to - from < 0.3 ? [...NEAR_RATIOS, ...RATIOS] : RATIOS;
    return ratios.filter(within);
  }
  const rough = (to - from) / 7;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((times) => times * decade >= rough) ?? 10) * decade;
  return Array.from({ length: Math.ceil(Math.max(to, -from) / step) }, (_, i) => (i + 1) * step)
    .flatMap((at) => [at, -at])
    .filter((at) => at >= from && at <= to);
}
