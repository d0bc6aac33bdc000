import { type Colour, colourOf, hashOf } from '../target-colour.js';

/** Colours of a picture on a light or a dark page. */
export interface Theme {
  readonly name: 'light' | 'dark';
  readonly background: string;
  /** Behind the whole picture, where that is not {@link background}. */
  readonly canvas?: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  /** Behind what the noise floor covers. */
  readonly floor: string;
  /** Of what changed for the worse, and for the better; as dark on light, and light on dark, as text has to be. */
  readonly worse: string;
  readonly better: string;
  readonly targets: Readonly<Record<Colour, string>>;
}

/** Of like contrast with the page. Some are told apart by few kinds of colour vision only: shapes and labels tell targets apart as well. */
const LIGHT: Theme = {
  name: 'light',
  background: '#ffffff',
  ink: '#111827',
  muted: '#5b6472',
  line: '#e3e6eb',
  floor: '#eceef2',
  worse: '#b42318',
  better: '#067647',
  targets: {
    grey: '#6b7280',
    sienna: '#c8743c',
    cyan: '#0093b8',
    blue: '#3178c6',
    violet: '#8250c4',
    green: '#009e73',
    rose: '#c4568f',
    mustard: '#a87900',
    olive: '#5f8a2a',
    crimson: '#c2374a',
    teal: '#00808a',
    brown: '#80603c',
    magenta: '#a63fb5',
  },
};

const DARK: Theme = {
  name: 'dark',
  background: '#0f141b',
  ink: '#e8ebf0',
  muted: '#9aa4b2',
  line: '#2a313c',
  floor: '#1f2630',
  worse: '#f97066',
  better: '#47cd89',
  targets: {
    grey: '#9ca3af',
    sienna: '#f0a878',
    cyan: '#22c3ec',
    blue: '#6aa6ee',
    violet: '#b797f0',
    green: '#2fcf9f',
    rose: '#e58bbf',
    mustard: '#e6b73c',
    olive: '#a5cf6b',
    crimson: '#f0788a',
    teal: '#3fc4cc',
    brown: '#c9a57c',
    magenta: '#dd8ae8',
  },
};

export const THEMES = { light: LIGHT, dark: DARK } as const;

/** How pictures for other people's pages are drawn: for light and dark ones, and for paper that is not white. */
export const LOOKS: Readonly<Record<'light' | 'dark' | 'transparent', Theme>> = {
  ...THEMES,
  transparent: { ...LIGHT, canvas: 'transparent' },
};
export type Look = keyof typeof LOOKS;

/** How a target looks everywhere in a picture. */
export interface Mark {
  readonly colour: string;
  readonly shape: Shape;
}

const SHAPES = ['circle', 'triangle', 'square', 'diamond', 'triangle-down', 'pentagon', 'plus', 'star'] as const;
export type Shape = (typeof SHAPES)[number];

/** Of the gateways that come with the program; others have one by their name. */
const OWN_SHAPES: Readonly<Record<string, Shape>> = {
  direct: 'circle',
  crabllm: 'triangle',
  bifrost: 'square',
  litellm: 'diamond',
  portkey: 'triangle-down',
};

/**
 * The marks of targets, each with the colour of its name. Its shape is that of its name too, unless another of this picture has it already:
 * among as many targets as there are shapes no two have the same, and none has both in common with another as long as that can be.
 */
export function marksOf(targets: readonly string[], theme: Theme): Mark[] {
  const marks: Mark[] = [];
  const uses = (fits: (mark: Mark) => boolean): number => marks.filter(fits).length;
  // Those with shapes of their own first, so that nobody else takes them.
  const inTurn = [...targets.keys()].sort((a, b) => Number(hasOwn(targets[b])) - Number(hasOwn(targets[a])) || a - b);
  for (const index of inTurn) {
    const name = targets[index] as string;
    const colour = theme.targets[colourOf(name)];
    const wanted = SHAPES.indexOf(OWN_SHAPES[name] ?? (SHAPES[hashOf(name) % SHAPES.length] as Shape));
    const turned = SHAPES.map((_, step) => SHAPES[(wanted + step) % SHAPES.length] as Shape);
    const cost = (shape: Shape): number =>
      uses((mark) => mark.shape === shape) + 1000 * uses((mark) => mark.shape === shape && mark.colour === colour);
    const shape = turned.reduce((best, candidate) => (cost(candidate) < cost(best) ? candidate : best));
    marks[index] = { colour, shape };
  }
  return marks;
}

function hasOwn(target: string | undefined): boolean {
  return target !== undefined && target in OWN_SHAPES;
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
