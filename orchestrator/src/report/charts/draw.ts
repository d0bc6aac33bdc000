import type { Estimate } from '../../record/summary.js';
import { hasInterval } from '../format.js';
import type { Slot } from './panels.js';
import { type Mark, outlineOf, type Shape, type Theme } from './theme.js';

/** A shape as echarts' custom series takes it. */
export interface Drawn {
  readonly type: 'rect' | 'line' | 'circle' | 'polygon' | 'text' | 'group';
  readonly [property: string]: unknown;
}

/** Where and how a slot is drawn, in pixels. */
export interface SlotPlace {
  readonly look: 'points' | 'bars' | 'curve';
  readonly mark: Mark;
  readonly theme: Theme;
  /** Middle of the slot. */
  readonly x: number;
  readonly width: number;
  readonly yOf: (value: number) => number;
  readonly plot: { readonly top: number; readonly bottom: number };
}

/** The bundled font first; an SVG in a browser falls back to the system's. */
export const FONT = 'Inter, system-ui, sans-serif';
const RADIUS = 6;
/** Pixels that a digit of a bar's label takes. */
const DIGIT = 6.4;

/** Everything that stands in a slot: points with whiskers, or a bar, or the word for why there is neither. */
export function drawSlot(slot: Slot, place: SlotPlace): Drawn[] {
  if (slot.note !== null) return [note(slot.note, place)];
  if (slot.value === null) return [];
  if (place.look === 'bars') return bar(slot.value, slot.label, place);
  return [...blockDots(slot.blocks, place), ...points(slot.value, slot.tail, place, slot.untold ?? [])];
}

/** A shape filled with a colour, or hollow with one around it. */
export function shapeAt(
  shape: Shape,
  x: number,
  y: number,
  radius: number,
  style: { readonly fill: string; readonly stroke?: string; readonly lineWidth?: number },
): Drawn {
  const outline = outlineOf(shape);
  return outline === null
    ? { type: 'circle', silent: true, shape: { cx: x, cy: y, r: radius }, style }
    : {
        type: 'polygon',
        silent: true,
        shape: { points: outline.map(([dx, dy]) => [x + dx * radius, y + dy * radius]) },
        style,
      };
}

function points(
  value: Estimate,
  tail: Estimate | null,
  place: SlotPlace,
  untold: NonNullable<Slot['untold']>,
): Drawn[] {
  const { theme, x, yOf } = place;
  // What cannot be told apart is not coloured.
  const markOf = (name: 'p50' | 'p99'): Mark =>
    untold.includes(name) ? { ...place.mark, colour: theme.muted } : place.mark;
  const [mark, tailMark] = [markOf('p50'), markOf('p99')];
  const drawn: Drawn[] = [];
  if (tail !== null) {
    const [from, to] = [yOf(value.value), yOf(tail.value)];
    const width = Math.min(14, place.width * 0.4);
    const shape = { x: x - width / 2, y: to, width, height: Math.max(0, from - to), r: width / 2 };
    drawn.push({ type: 'rect', shape, style: { fill: mark.colour, opacity: 0.16 } });
    drawn.push(...whisker(tail, { ...place, mark: tailMark }));
    drawn.push(shapeAt(mark.shape, x, to, RADIUS, { fill: theme.background, stroke: tailMark.colour, lineWidth: 2 }));
  }
  return [
    ...drawn,
    ...whisker(value, { ...place, mark }),
    shapeAt(mark.shape, x, yOf(value.value), RADIUS, { fill: mark.colour, stroke: theme.background, lineWidth: 1 }),
  ];
}

/** What the interval stands for: two kinds of starts are two clouds. One block is the point itself. */
function blockDots(blocks: readonly number[], { mark, x, yOf, width, plot }: SlotPlace): Drawn[] {
  if (blocks.length < 2) return [];
  const beside = x - Math.min(15, width * 0.42);
  return blocks.map((value) => ({
    type: 'circle',
    silent: true,
    shape: { cx: beside, cy: Math.min(plot.bottom, Math.max(plot.top, yOf(value))), r: 1.8 },
    style: { fill: mark.colour, opacity: 0.7 },
  }));
}

/** The interval, with ends that stay visible beside the symbol. */
function whisker(estimate: Estimate, { mark, x, yOf, width, plot }: SlotPlace): Drawn[] {
  if (!hasInterval(estimate)) return [];
  const inside = (y: number): number => Math.min(plot.bottom, Math.max(plot.top, y));
  const [low, high] = [inside(yOf(estimate.low)), inside(yOf(estimate.high))];
  const half = Math.min(10, width * 0.32);
  const style = { stroke: mark.colour, lineWidth: 2 };
  return [
    { type: 'line', shape: { x1: x, y1: low, x2: x, y2: high }, style },
    { type: 'line', shape: { x1: x - half, y1: low, x2: x + half, y2: low }, style },
    { type: 'line', shape: { x1: x - half, y1: high, x2: x + half, y2: high }, style },
  ];
}

function bar({ value }: Estimate, label: string | null, { mark, theme, x, width, yOf }: SlotPlace): Drawn[] {
  const [top, bottom] = [yOf(value), yOf(0)];
  const thick = Math.min(40, width * 0.7);
  const shape = { x: x - thick / 2, y: top, width: thick, height: Math.max(1, bottom - top), r: [3, 3, 0, 0] };
  const drawn: Drawn[] = [{ type: 'rect', shape, style: { fill: mark.colour, opacity: 0.85 } }];
  // The shape on the bar's foot, for those who cannot rely on the colour.
  if (bottom - top > 26) drawn.push(shapeAt(mark.shape, x, bottom - 12, 4.5, { fill: theme.background }));
  if (label === null) return drawn;
  const ink = { fill: theme.ink, size: 11 };
  const fits = label.length * DIGIT <= width;
  return [...drawn, fits ? words(label, x, top - 9, ink) : upwards(label, x, top - 6, ink)];
}

/** Written upwards from the foot of the slot, behind the target's mark. */
function note(content: string, { mark, x, plot }: SlotPlace): Drawn {
  const fill = mark.colour;
  return {
    type: 'group',
    children: [
      shapeAt(mark.shape, x, plot.bottom - 12, 4.5, { fill: 'none', stroke: fill, lineWidth: 1.5 }),
      upwards(content, x, plot.bottom - 26, { fill, size: 12 }),
    ],
  };
}

/** Text that begins at (x, y) and runs upwards. */
function upwards(content: string, x: number, y: number, ink: { fill: string; size: number }): Drawn {
  return { ...words(content, x, y, ink, 'left'), rotation: Math.PI / 2, originX: x, originY: y };
}

function words(
  content: string,
  x: number,
  y: number,
  { fill, size }: { fill: string; size: number },
  align: 'center' | 'left' = 'center',
): Drawn {
  return {
    type: 'text',
    style: { text: content, x, y, fill, fontSize: size, fontFamily: FONT, align, verticalAlign: 'middle' },
  };
}

/** A target's way through the levels. */
export interface Curve {
  readonly mark: Mark;
  /** In pixels, from the lowest level to the highest; a level without a figure is left out. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly dashed: boolean;
}

/** A line with the target's mark at each level, filled for a solid one and hollow for a dashed one. */
export function drawCurve({ mark, points: through, dashed }: Curve, theme: Theme): Drawn[] {
  const style = { stroke: mark.colour, lineWidth: dashed ? 1.5 : 2, ...(dashed ? { lineDash: [5, 4] } : {}) };
  const lines = through.slice(1).map(({ x, y }, i): Drawn => {
    const from = through[i] as { readonly x: number; readonly y: number };
    return { type: 'line', shape: { x1: from.x, y1: from.y, x2: x, y2: y }, style };
  });
  const marks = through.map(({ x, y }) =>
    shapeAt(
      mark.shape,
      x,
      y,
      dashed ? 4 : 5,
      dashed
        ? { fill: theme.background, stroke: mark.colour, lineWidth: 1.5 }
        : { fill: mark.colour, stroke: theme.background, lineWidth: 1 },
    ),
  );
  return [...lines, ...marks];
}

/** A level's name below an axis on which it has a place of its own. */
export function levelLabel(content: string, x: number, bottom: number, theme: Theme): Drawn {
  return words(content, x, bottom + 16, { fill: theme.ink, size: 12 });
}
