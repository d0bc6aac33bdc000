import { type Drawn, FONT, shapeAt } from './draw.js';
import type { Area } from './layout.js';
import type { Mark, Theme } from './theme.js';

/** Pixels of a lane, and where in it its name and its marks stand. */
const LANE = { height: 64, name: 13, top: 25, bottom: 58 } as const;
const LETTER = 6.6;

/** Pixels that so many lanes take. */
export function lanesHeight(lanes: number): number {
  return lanes * LANE.height;
}

/** Where a lane is drawn, in pixels: its name's middle, and the strip below it. */
export interface LanePlace {
  readonly name: number;
  readonly top: number;
  readonly bottom: number;
}

/** The lane of an index, the first one on top; lanes share whatever height there is. */
export function laneAt(index: number, lanes: number, { top, height }: Area): LanePlace {
  const own = height / Math.max(1, lanes);
  const y = top + index * own;
  return { name: y + LANE.name, top: y + LANE.top, bottom: y + Math.min(own - 6, LANE.bottom) };
}

/** A lane's heading: the target's mark and name, and what is to be said of it, cut where the lane ends. */
export function laneHeading(
  name: string,
  text: string,
  mark: Mark,
  y: number,
  { left, width }: Area,
  theme: Theme,
): Drawn[] {
  const from = left + 22 + name.length * (LETTER + 1);
  const room = Math.max(0, Math.floor((left + width - from) / LETTER));
  const said = text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
  return [
    shapeAt(mark.shape, left + 6, y, 5, { fill: mark.colour }),
    laneText(name, left + 16, y, theme.ink, { bold: true }),
    laneText(said, from, y, theme.ink),
  ];
}

/** Small text with its middle at that height. */
export function laneText(
  content: string,
  x: number,
  y: number,
  fill: string,
  {
    bold = false,
    align = 'left',
    size = 12,
  }: { bold?: boolean; align?: 'left' | 'center' | 'right'; size?: number } = {},
): Drawn {
  const weight = bold ? 'bold' : 'normal';
  return {
    type: 'text',
    silent: true,
    style: {
      text: content,
      x,
      y,
      fill,
      fontSize: size,
      fontFamily: FONT,
      fontWeight: weight,
      align,
      verticalAlign: 'middle',
    },
  };
}

/** A straight stroke. */
export function stroke([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number], style: object): Drawn {
  return { type: 'line', silent: true, shape: { x1, y1, x2, y2 }, style };
}

/** Axes of a diagram that draws its own: x as it is given, y for the lanes, which are placed in pixels. */
export function ownAxes(min: number, max: number): { readonly xAxis: object; readonly yAxis: object } {
  return {
    xAxis: { type: 'value', min, max, show: false },
    yAxis: { type: 'value', min: 0, max: 1, show: false },
  };
}
