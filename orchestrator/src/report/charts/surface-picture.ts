import type { CapacityAnswer } from '../../record/capacity.js';
import type { Range, SurfacePoint } from '../../record/surface.js';
import { formatNumber } from '../format.js';
import { surfaceReason } from '../surface-rows.js';
import { wrap } from '../wrap.js';
import { ABSENCE_WORDS, type Absence, absenceMark } from './absence-mark.js';
import { type Drawn, FONT, shapeAt } from './draw.js';
import { laneText, stroke } from './lanes.js';
import type { Area } from './layout.js';
import type { Picture } from './option.js';
import { axisNumber, roundUp } from './panel-series.js';
import { ticksBetween } from './search-series.js';
import {
  type Along,
  drawnValue,
  settingText,
  type SurfaceLine,
  surfaceLines,
  type SurfaceLines,
} from './surface-lines.js';
import { type Mark, marksOf, type Theme } from './theme.js';

/** Of the picture in CSS pixels: about as wide as a README is shown, so that its letters stay as large as they are. */
const WIDTH = 900;
const MARGIN = 20;
/** Room at the left for the names of lines, which stand below the axes as well. */
const NAMES = 190;
const PLOT_HEIGHT = { rate: 260, cost: 150, empty: 60 } as const;
const HEADING_LINE = 19;
/** Of a line in the table below the diagrams. */
const ROW = 38;
const LETTERS = 136;
/** Values further apart than this are on a log axis. */
const WIDEST_LINEAR = 12;
/** Pixels between lines at one place along x, so that intervals stand beside each other. */
const DODGE = 11;
/** The same of the arrow that an open end has. */
export const ARROW = 24;

const AXIS: Readonly<Record<Along, string>> = {
  cpus: 'CPUs that it may use',
  memoryBytes: 'memory that it may use, MiB',
  workers: 'workers',
};

/** By the settings of a gateway, in their order. */
const DASHES: readonly (readonly number[] | null)[] = [null, [7, 4], [2, 3], [9, 3, 2, 3]];

/** What gave way, short enough to stand at a point, and in full. */
const LIMITS: Readonly<Record<NonNullable<CapacityAnswer['limit']>, readonly [short: string, full: string]>> = {
  cpu: ['CPU', 'CPU: it used all that it may'],
  'one-core': ['one core', 'one core: it used one, as a program of one thread does, and may use more'],
  memory: ['memory', 'memory: it used all that it may'],
  ended: ['it ended', 'it ended: the program did'],
  instrument: ['driver or mock', 'driver or mock: not the gateway'],
  machine: ['the machine', 'the machine: shared with driver and mock'],
  unknown: ['unseen', 'unseen: neither CPU nor memory; a queue, a lock or a limit of its own'],
};

interface Setting {
  readonly lines: SurfaceLines;
  readonly answers: readonly CapacityAnswer[];
  readonly marks: ReadonlyMap<string, Mark>;
  /** Each reason of a point without a rate once, in the order in which it is met. */
  readonly reasons: readonly string[];
  readonly theme: Theme;
  readonly xOf: (place: number | null) => number;
}

/**
 * A search over limits in one scenario: the rate that holds the objective, and where a price was given what a million requests cost, by CPUs (or
 * whatever was varied), a line a gateway and setting; below, at each place, the range in figures and what gave way.
 * @param points of that scenario
 * @param answers of the search, of which those of the points are taken
 */
export function surfacePicture(
  points: readonly SurfacePoint[],
  answers: readonly CapacityAnswer[],
  { title, of }: { readonly title: string; readonly of: string },
  theme: Theme,
): Picture {
  const lines = surfaceLines(points);
  const gateways = [...new Set(points.map(({ gateway }) => gateway))];
  const marks = marksOf(gateways, theme);
  const setting: Setting = {
    lines,
    answers,
    marks: new Map(gateways.map((gateway, i) => [gateway, marks[i] as Mark])),
    reasons: [...new Set(points.flatMap((point) => (point.rps === null ? [surfaceReason(point)] : [])))],
    theme,
    xOf: placesAlong(lines.places),
  };
  const drawn: Drawn[] = [];
  let y = 26;
  drawn.push(laneText(title, MARGIN, y, theme.ink, { bold: true, size: 17 }));
  const sentence =
    'The rate that held all conditions: a point within the ends that were settled (96 %). An arrow: at least that, as above it ' +
    'something else than the gateway gave way or nothing was settled.';
  for (const line of [...wrap(of, LETTERS), ...wrap(sentence, LETTERS)])
    drawn.push(laneText(line, MARGIN, (y += HEADING_LINE), theme.muted));
  y += 38;
  const hasCost = points.some(({ costPerMillion }) => costPerMillion !== null);
  const isEmpty = points.every(({ rps }) => rps === null);
  const rate = areaAt(y, isEmpty ? PLOT_HEIGHT.empty : PLOT_HEIGHT.rate);
  drawn.push(...plot('requests a second', rate, ({ rps }) => rps, setting));
  y = rate.top + rate.height + 22;
  if (hasCost) {
    const cost = areaAt(y + 34, PLOT_HEIGHT.cost);
    drawn.push(
      ...plot(
        'cost of a million requests, in the money of --price',
        cost,
        ({ costPerMillion }) => costPerMillion,
        setting,
      ),
    );
    y = cost.top + cost.height + 22;
  }
  drawn.push(laneText(AXIS[lines.along], (NAMES + WIDTH) / 2, y + 20, theme.muted, { align: 'center' }));
  y += 40;
  for (const line of lines.lines) {
    drawn.push(...row(line, y, setting));
    y += ROW;
  }
  y += 8;
  for (const line of footOf(setting)) {
    y += line.isFirst ? 4 : 0;
    if (line.absence !== null) drawn.push(...absenceMark(line.absence, MARGIN + 5, y + 4, theme.muted));
    drawn.push(laneText(line.text, line.isReason ? MARGIN + 18 : MARGIN, y + 4, theme.muted));
    y += HEADING_LINE;
  }
  return {
    width: WIDTH,
    height: y + 10,
    option: {
      animation: false,
      backgroundColor: theme.canvas ?? theme.background,
      textStyle: { fontFamily: FONT, color: theme.ink },
      graphic: drawn,
    },
  };
}

function areaAt(top: number, height: number): Area {
  return { left: NAMES + 20, top, width: WIDTH - MARGIN - NAMES - 20, height };
}

/** By their logarithm, no limit a step beyond the rest. */
function placesAlong(places: readonly (number | null)[]): (place: number | null) => number {
  const known = places.filter((place) => place !== null);
  const inner = { left: NAMES + 96, width: WIDTH - MARGIN - NAMES - 176 };
  const [least, most] = [Math.min(...known), Math.max(...known)].map(Math.log2) as [number, number];
  const beyond = places.includes(null) && known.length > 0 ? 1 : 0;
  const span = most - least + beyond;
  return (place) => {
    if (places.length === 1 || span === 0) return inner.left + inner.width / 2;
    const at = place === null ? span : Math.log2(place) - least;
    return inner.left + (inner.width * at) / span;
  };
}

type Pick = (point: SurfacePoint) => Range | null;

function plot(heading: string, area: Area, pick: Pick, setting: Setting): Drawn[] {
  const { lines, theme, xOf } = setting;
  const bottom = area.top + area.height;
  const ends = lines.lines.flatMap(({ points }) =>
    points.flatMap((point) => {
      const range = pick(point);
      return range === null ? [] : [range.value, range.low, range.high].filter((end) => end !== null);
    }),
  );
  const title = laneText(heading, area.left, area.top - 18, theme.ink, { bold: true, size: 13 });
  const foot = [
    stroke([area.left, bottom], [area.left + area.width, bottom], { stroke: theme.muted, lineWidth: 1 }),
    ...lines.places.flatMap((place) => [
      stroke([xOf(place), bottom], [xOf(place), bottom + 4], { stroke: theme.muted, lineWidth: 1 }),
      laneText(placeText(lines.along, place), xOf(place), bottom + 14, theme.ink, { align: 'center' }),
    ]),
  ];
  if (ends.length === 0) {
    const middle = [area.left + area.width / 2, area.top + area.height / 2] as const;
    return [title, ...foot, laneText('no point has a figure', ...middle, theme.muted, { align: 'center' })];
  }
  const { yOf, ticks, isLog } = scaleOf(ends, area);
  return [
    isLog ? laneText(`${heading}, log`, area.left, area.top - 18, theme.ink, { bold: true, size: 13 }) : title,
    ...ticks.flatMap((tick) => [
      stroke([area.left, yOf(tick)], [area.left + area.width, yOf(tick)], { stroke: theme.line, lineWidth: 1 }),
      laneText(axisNumber(tick), area.left - 8, yOf(tick), theme.muted, { align: 'right' }),
    ]),
    ...foot,
    ...lines.lines.flatMap((line, i) =>
      drawLine(line, (i - (lines.lines.length - 1) / 2) * DODGE, { yOf, area }, pick, setting),
    ),
  ];
}

function placeText(along: Along, place: number | null): string {
  if (place === null) return along === 'workers' ? 'its own' : 'no limit';
  return along === 'memoryBytes' ? settingText(along, place).replace(' MiB', '') : String(place);
}

function scaleOf(
  ends: readonly number[],
  { top, height }: Area,
): { yOf: (value: number) => number; ticks: number[]; isLog: boolean } {
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  if (least > 0 && most > WIDEST_LINEAR * least) {
    const [low, high] = [Math.log(least / 1.3), Math.log(most * 1.3)];
    const yOf = (value: number): number => top + (height * (high - Math.log(value))) / (high - low);
    return { yOf, ticks: ticksBetween(least / 1.3, most * 1.3), isLog: true };
  }
  const above = roundUp(most === 0 ? 1 : 1.08 * most);
  const yOf = (value: number): number => top + height * (1 - value / above);
  return { yOf, ticks: [0, 1, 2, 3, 4].map((i) => (i * above) / 4), isLog: false };
}

function drawLine(
  { gateway, index, points }: SurfaceLine,
  beside: number,
  { yOf, area }: { readonly yOf: (value: number) => number; readonly area: Area },
  pick: Pick,
  { lines, marks, theme, xOf }: Setting,
): Drawn[] {
  const mark = marks.get(gateway) as Mark;
  const known = points.flatMap((point) => {
    const range = pick(point);
    const value = drawnValue(range);
    return range === null || value === null ? [] : [{ range, x: xOf(point[lines.along]) + beside, y: yOf(value) }];
  });
  const way = known.slice(1).map(({ x, y }, i) => {
    const from = known[i] as { readonly x: number; readonly y: number };
    return stroke([from.x, from.y], [x, y], lineStyle(mark, index));
  });
  return [
    ...way,
    ...known.flatMap(({ range, x, y }) => [
      ...interval(range, x, { yOf, area }, mark.colour),
      settingMark(mark, index, x, y, theme),
    ]),
  ];
}

function lineStyle({ colour }: Mark, index: number): object {
  const dash = DASHES[index % DASHES.length] ?? null;
  return { stroke: colour, lineWidth: 2, ...(dash === null ? {} : { lineDash: dash }) };
}

/** The mark of a gateway, full at its first setting and hollow at the others. */
function settingMark({ shape, colour }: Mark, index: number, x: number, y: number, theme: Theme): Drawn {
  return index === 0
    ? shapeAt(shape, x, y, 6, { fill: colour, stroke: theme.background, lineWidth: 1 })
    : shapeAt(shape, x, y, 6, { fill: theme.background, stroke: colour, lineWidth: 2 });
}

/** A whisker, or an arrow where one end is open. */
function interval(
  { value, low, high }: Range,
  x: number,
  { yOf, area }: { readonly yOf: (value: number) => number; readonly area: Area },
  colour: string,
): Drawn[] {
  const style = { stroke: colour, lineWidth: 1.6 };
  if (value === null) {
    const known = low ?? high;
    if (known === null) return [];
    // Pixels are counted downwards: more than what is known lies above it.
    const [from, towards] = [yOf(known), low === null ? 1 : -1];
    const tip = Math.max(area.top, Math.min(area.top + area.height, from + towards * ARROW));
    return [
      stroke([x, from], [x, tip], style),
      stroke([x - 4, tip - towards * 6], [x, tip], style),
      stroke([x + 4, tip - towards * 6], [x, tip], style),
    ];
  }
  if (low === null || high === null || low === high) return [];
  const [bottom, top] = [yOf(low), yOf(high)];
  return [
    stroke([x, bottom], [x, top], style),
    stroke([x - 5, bottom], [x + 5, bottom], style),
    stroke([x - 5, top], [x + 5, top], style),
  ];
}

/** A line's name with its look, and at each place its range in figures with what gave way below, or why there is none. */
function row(line: SurfaceLine, top: number, setting: Setting): Drawn[] {
  const { marks, lines, theme, xOf } = setting;
  const mark = marks.get(line.gateway) as Mark;
  const drawn: Drawn[] = [
    stroke([MARGIN, top], [WIDTH - MARGIN, top], { stroke: theme.line, lineWidth: 1 }),
    stroke([MARGIN, top + 19], [MARGIN + 34, top + 19], lineStyle(mark, line.index)),
    settingMark(mark, line.index, MARGIN + 17, top + 19, theme),
    laneText(line.gateway, MARGIN + 42, line.setting === '' ? top + 19 : top + 12, theme.ink, { bold: true, size: 13 }),
    laneText(line.setting, MARGIN + 42, top + 27, theme.muted),
  ];
  for (const point of line.points) {
    const x = xOf(point[lines.along]);
    if (point.rps === null) {
      const absence = absenceOf(point);
      const number = ` [${setting.reasons.indexOf(surfaceReason(point)) + 1}]`;
      drawn.push(
        ...absenceMark(absence, x, top + 12, theme.muted),
        laneText(`${ABSENCE_WORDS[absence]}${number}`, x, top + 27, theme.muted, { align: 'center' }),
      );
    } else {
      drawn.push(
        laneText(rateText(point.rps), x, top + 12, theme.ink, { align: 'center' }),
        laneText(limitAt(point, setting)?.[0] ?? '', x, top + 27, theme.muted, { align: 'center' }),
      );
    }
  }
  return drawn;
}

function rateText({ low, high }: Range): string {
  if (low === null) return '–';
  return high === null ? `≥ ${formatNumber(low)}` : `${formatNumber(low)}–${formatNumber(high)}`;
}

function limitAt({ target, scenario, gaveWay }: SurfacePoint, { answers }: Setting): readonly [string, string] | null {
  const limit = answers.find((answer) => answer.target === target && answer.scenario === scenario)?.limit ?? null;
  return gaveWay === null || limit === null ? null : LIMITS[limit];
}

function absenceOf({ state }: SurfacePoint): Absence {
  if (state === 'failed' || state === 'none' || state === 'absent') return state;
  return 'unsettled';
}

interface FootLine {
  readonly text: string;
  readonly absence: Absence | null;
  readonly isReason: boolean;
  readonly isFirst: boolean;
}

/** What gave way in full, then each reason with its number. */
function footOf(setting: Setting): FootLine[] {
  const { lines, reasons } = setting;
  const points = lines.lines.flatMap((line) => line.points);
  const full = new Set(points.flatMap((point) => (point.rps === null ? [] : (limitAt(point, setting)?.[1] ?? []))));
  const gave = full.size === 0 ? [] : wrap(`Below a range what gave way above it. ${[...full].join(' · ')}.`, LETTERS);
  const why = reasons.flatMap((reason, number) => {
    const point = points.find((one) => one.rps === null && surfaceReason(one) === reason);
    return wrap(`[${number + 1}] ${reason}`, LETTERS - 4).map((text, i) => ({
      text,
      absence: i === 0 && point !== undefined ? absenceOf(point) : null,
      isReason: true,
      isFirst: number === 0 && i === 0,
    }));
  });
  return [...gave.map((text, i) => ({ text, absence: null, isReason: false, isFirst: i === 0 })), ...why];
}
