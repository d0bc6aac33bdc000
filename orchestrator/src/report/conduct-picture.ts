import type { ConductSeries, ConductStep } from '../analyse/conduct/series.js';
import { THEMES } from './charts/theme.js';
import { escapeMarkup } from './escape-markup.js';

const WIDTH = 960;
const LEFT = 72;
const RIGHT = 24;
const TOP = 64;
const PANEL = { height: 120, gap: 44 } as const;
const { ink, muted, line, floor, background, targets } = THEMES.light;
const [ASKED, SERVED, LATENCY] = [targets.grey, targets.green, targets.violet];
/** Of the providers, in their order. */
const PROVIDERS = [targets.crimson, targets.blue, targets.mustard];

/** A line of a panel; null: nothing is there to be drawn. */
interface Line {
  readonly name: string;
  readonly colour: string;
  readonly of: (step: ConductStep) => number | null;
}

/**
 * A case over time as an SVG: what was asked and served, attempts at each provider, latency of what was served; the time in which the mock
 * played the fault is shaded.
 * @param title of whom and of which case
 */
export function conductPicture(series: ConductSeries, title: string): string {
  const { steps, stepS, providers, fault } = series;
  const endS = steps.length * stepS;
  const xOf = (seconds: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * seconds) / Math.max(endS, stepS);
  const panels: readonly (readonly [heading: string, lines: readonly Line[]])[] = [
    [
      'requests a second',
      [
        { name: 'asked', colour: ASKED, of: ({ asked }) => asked / stepS },
        { name: 'served', colour: SERVED, of: ({ served }) => served / stepS },
      ],
    ],
    [
      'attempts a second',
      providers.map((name, i) => ({
        name: `at ${name}`,
        colour: PROVIDERS[i % PROVIDERS.length] ?? ink,
        of: ({ attempts }) => (attempts[name] ?? 0) / stepS,
      })),
    ],
    [
      'median latency of the served, ms',
      [
        {
          name: '',
          colour: LATENCY,
          of: ({ latencyUs }) => (latencyUs === null ? null : latencyUs / 1000),
        },
      ],
    ],
  ];
  const height = TOP + panels.length * (PANEL.height + PANEL.gap) + 16;
  const drawn = panels.map(([heading, lines], i) => {
    const top = TOP + i * (PANEL.height + PANEL.gap);
    const [from, until] = [xOf(Math.max(0, fault.fromS)), xOf(Math.min(endS, fault.untilS))];
    const shade = `<rect x="${px(from)}" y="${top}" width="${px(Math.max(0, until - from))}" height="${PANEL.height}" fill="${floor}"/>`;
    return shade + panel(heading, lines, series, top, xOf);
  });
  const faultLabel = text(xOf(Math.max(0, fault.fromS)) + 4, TOP + 12, 'fault', muted);
  const ticks = secondsOf(endS).map((second) =>
    text(xOf(second), height - 12, second === 0 ? '0 s' : String(second), muted, 'middle'),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="Inter, system-ui, sans-serif" font-size="12">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="${background}"/>`,
    `<text x="${LEFT}" y="28" font-size="16" font-weight="600" fill="${ink}">${escapeMarkup(title)}</text>`,
    ...drawn,
    faultLabel,
    ...ticks,
    '</svg>\n',
  ].join('\n');
}

function panel(
  heading: string,
  lines: readonly Line[],
  { steps, stepS }: ConductSeries,
  top: number,
  xOf: (seconds: number) => number,
): string {
  const most = niceAbove(steps.reduce((max, step) => Math.max(max, ...lines.map(({ of }) => of(step) ?? 0)), 0));
  const yOf = (value: number): number => top + PANEL.height * (1 - value / most);
  const grid = [0, most / 2, most].map(
    (value) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(yOf(value))}" y2="${px(yOf(value))}" stroke="${line}"/>${text(LEFT - 8, yOf(value) + 4, String(value), muted, 'end')}`,
  );
  let keyX = LEFT + 8 * heading.length;
  const keys = lines
    .filter(({ name }) => name !== '')
    .map(({ name, colour }) => {
      const key = `<rect x="${keyX}" y="${top - 16}" width="14" height="4" fill="${colour}"/>${text(keyX + 20, top - 10, name, ink)}`;
      keyX += 36 + 8 * name.length;
      return key;
    });
  const curves = lines.map(({ colour, of }) => curve(steps, of, stepS, xOf, yOf, colour));
  return [...grid, text(LEFT, top - 10, heading, ink), ...keys, ...curves].join('');
}

/** Steps, because what a line shows is a count over a quarter of a second; broken where there is nothing. */
function curve(
  steps: readonly ConductStep[],
  of: Line['of'],
  stepS: number,
  xOf: (seconds: number) => number,
  yOf: (value: number) => number,
  colour: string,
): string {
  let path = '';
  let isDrawing = false;
  for (const step of steps) {
    const value = of(step);
    if (value === null) {
      isDrawing = false;
      continue;
    }
    path += `${isDrawing ? 'L' : 'M'}${px(xOf(step.fromS))} ${px(yOf(value))}H${px(xOf(step.fromS + stepS))}`;
    isDrawing = true;
  }
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.6"/>`;
}

/** 1, 2 or 5 times a power of ten, at least as much. */
function niceAbove(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((nice) => nice >= value * (1 - 1e-9)) ?? 10 * power;
}

/** At most a dozen ticks. */
function secondsOf(endS: number): number[] {
  const every = Math.max(1, Math.ceil(endS / 12));
  return Array.from({ length: Math.floor(endS / every) + 1 }, (_, i) => i * every);
}

function text(x: number, y: number, words: string, colour: string, anchor = 'start'): string {
  return `<text x="${px(x)}" y="${px(y)}" fill="${colour}" text-anchor="${anchor}">${escapeMarkup(words)}</text>`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
