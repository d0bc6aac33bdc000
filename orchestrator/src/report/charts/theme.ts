/** Colours of a picture on a light or a dark page. */
export interface Theme {
  readonly name: 'light' | 'dark';
  readonly background: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  /** Behind what the noise floor covers. */
  readonly floor: string;
  /** One a target, in plan order, `direct` first. */
  readonly targets: readonly string[];
}

/** Okabe and Ito's colours, which people with any kind of colour vision tell apart; shapes tell targets apart as well. */
const LIGHT: Theme = {
  name: 'light',
  background: '#ffffff',
  ink: '#111827',
  muted: '#5b6472',
  line: '#e3e6eb',
  floor: '#eceef2',
  targets: ['#6b7280', '#d55e00', '#0072b2', '#009e73', '#b8508c', '#a87900', '#3a9bd0', '#7a4fbf'],
};

const DARK: Theme = {
  name: 'dark',
  background: '#0f141b',
  ink: '#e8ebf0',
  muted: '#9aa4b2',
  line: '#2a313c',
  floor: '#1f2630',
  targets: ['#9ca3af', '#ff8a3d', '#4fb0ea', '#2fcf9f', '#e58bbf', '#e6b73c', '#86d3ff', '#b79cf0'],
};

export const THEMES = { light: LIGHT, dark: DARK } as const;

/** How a target looks everywhere in a picture. */
export interface Mark {
  readonly colour: string;
  readonly shape: Shape;
}

const SHAPES = ['circle', 'triangle', 'square', 'diamond', 'triangle-down', 'pentagon', 'plus', 'star'] as const;
export type Shape = (typeof SHAPES)[number];

/** The mark of the target at `index` in plan order; beyond eight targets colours and shapes come round in other pairs. */
export function markOf(index: number, theme: Theme): Mark {
  const round = Math.floor(index / SHAPES.length);
  return {
    colour: theme.targets[index % theme.targets.length] ?? theme.ink,
    shape: SHAPES[(index + round) % SHAPES.length] ?? 'circle',
  };
}

type Points = readonly (readonly [number, number])[];

/** The outline of a shape about (0, 0) with radius about 1, y downwards; null for the circle. */
export function outlineOf(shape: Shape): Points | null {
  return OUTLINES[shape];
}

const PLUS: Points = [
  [-0.35, -1],
  [0.35, -1],
  [0.35, -0.35],
  [1, -0.35],
  [1, 0.35],
  [0.35, 0.35],
  [0.35, 1],
  [-0.35, 1],
  [-0.35, 0.35],
  [-1, 0.35],
  [-1, -0.35],
  [-0.35, -0.35],
];

/** Shapes of the same radius look unlike in size; this makes up for it. */
const OPTICAL_RADIUS = 1.15;

function polygon(corners: number, startDegrees: number): Points {
  return Array.from({ length: corners }, (_, i) => onCircle(startDegrees + (360 * i) / corners, OPTICAL_RADIUS));
}

function star(): Points {
  return Array.from({ length: 10 }, (_, i) => onCircle(-90 + 36 * i, i % 2 === 0 ? 1.25 : 0.55));
}

function onCircle(degrees: number, radius: number): readonly [number, number] {
  const angle = (degrees * Math.PI) / 180;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

const OUTLINES: Readonly<Record<Shape, Points | null>> = {
  circle: null,
  triangle: polygon(3, -90),
  square: polygon(4, -45),
  diamond: polygon(4, -90),
  'triangle-down': polygon(3, 90),
  pentagon: polygon(5, -90),
  plus: PLUS,
  star: star(),
};
