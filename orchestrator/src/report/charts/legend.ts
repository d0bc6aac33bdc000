import type { GraphicComponentOption } from 'echarts';
import { clockOf, type ReportModel, type ScenarioRows } from '../model.js';
import { wrap } from '../wrap.js';
import { FONT, shapeAt } from './draw.js';
import { LEGEND, MARGIN, WIDTH } from './layout.js';
import { type Mark, marksOf, type Theme } from './theme.js';

/** Pixels that a bold letter of 14 pixels takes, generously: there is nothing to measure text with. */
const LETTER = 8.8;

/** Small letters that fit into a line of a picture. */
const LETTERS = 160;

/** Between the lines of a heading, in pixels. */
const HEADING_LINE = 22;

/** A picture's text or shape outside the diagrams. */
export type Graphic = GraphicComponentOption;

/** Text that begins at (x, y), its middle at that height. */
export function text(
  content: string,
  x: number,
  y: number,
  { size, fill, bold = false }: { size: number; fill: string; bold?: boolean },
): Graphic {
  return {
    type: 'text',
    x,
    y,
    silent: true,
    style: {
      text: content,
      fill,
      fontSize: size,
      fontFamily: FONT,
      fontWeight: bold ? 'bold' : 'normal',
      verticalAlign: 'middle',
    },
  };
}

/** What the picture is about, and how much higher than usual that is. */
export function heading(
  model: ReportModel,
  scenario: ScenarioRows,
  theme: Theme,
): { readonly drawn: Graphic[]; readonly more: number } {
  const about = scenario.about === null ? [] : wrap(scenario.about, LETTERS);
  const lines = [
    ...about.map((line) => ({ line, size: 14, fill: theme.ink })),
    { line: `${model.title} · latency ${clockOf(model, scenario)}`, size: 14, fill: theme.ink },
    { line: model.subtitle, size: 13, fill: theme.muted },
  ];
  return {
    drawn: [
      text(scenario.scenario, MARGIN, 42, { size: 26, fill: theme.ink, bold: true }),
      ...lines.map(({ line, ...ink }, i) => text(line, MARGIN, 72 + i * HEADING_LINE, ink)),
    ],
    more: about.length * HEADING_LINE,
  };
}

/** Marks and names of the targets from `top` on, in as many rows as they need. */
export function legendEntries(
  { targets, absentTargets, plays }: ReportModel,
  top: number,
  theme: Theme,
): { drawn: Graphic[]; rows: number } {
  const drawn: Graphic[] = [];
  const marks = marksOf(targets, theme);
  let x: number = MARGIN;
  let row = 0;
  for (const [index, name] of targets.entries()) {
    if (absentTargets.some((absent) => absent.target === name)) continue;
    const kind = plays.get(name) ?? '';
    const width = 42 + (name.length + kind.length) * LETTER;
    if (x + width > WIDTH - MARGIN && x > MARGIN) {
      x = MARGIN;
      row += 1;
    }
    const y = top + row * LEGEND.rowHeight;
    const mark = marks[index] as Mark;
    drawn.push(shapeAt(mark.shape, x + 8, y, 7, { fill: mark.colour }));
    drawn.push(text(name, x + 22, y, { size: 14, fill: theme.ink, bold: true }));
    drawn.push(text(kind, x + 28 + name.length * LETTER, y, { size: 12, fill: theme.muted }));
    x += width;
  }
  return { drawn, rows: row + 1 };
}

/**
 * What the signs in the diagrams mean.
 * @param withFloor whether a noise floor is drawn
 * @param withUntold whether a figure is drawn that cannot be told from `direct`
 */
export function key(
  y: number,
  { withFloor, withUntold }: { withFloor: boolean; withUntold: boolean },
  theme: Theme,
): Graphic[] {
  const grey = { stroke: theme.muted, lineWidth: 2 };
  const bounds = [y - 7, y + 7];
  const line = (x1: number, y1: number, x2: number, y2: number): Graphic => ({
    type: 'line',
    silent: true,
    shape: { x1, y1, x2, y2 },
    style: grey,
  });
  const label = (content: string, x: number): Graphic => text(content, x, y, { size: 12, fill: theme.muted });
  return [
    shapeAt('circle', 48, y, 5, { fill: theme.muted }),
    label('p50', 60),
    shapeAt('circle', 108, y, 5, { fill: 'none', ...grey }),
    label('p99', 120),
    line(168, y - 7, 168, y + 7),
    ...bounds.map((at) => line(162, at, 174, at)),
    label('95 % interval', 182),
    ...(withFloor
      ? [
          {
            type: 'rect' as const,
            silent: true,
            shape: { x: 284, y: y - 7, width: 14, height: 14 },
            style: { fill: theme.floor, stroke: theme.line },
          },
          label('noise floor: what direct’s two visits differ by', 306),
        ]
      : []),
    ...(withUntold
      ? [
          shapeAt('triangle', 640, y, 5, { fill: theme.muted }),
          label('an overhead in grey: not to be told from direct', 652),
        ]
      : []),
  ];
}

/** Absent targets with their reasons, in lines that fit the picture. */
export function footLines({ absentTargets }: ReportModel): string[] {
  return absentTargets.flatMap(({ target, message }) => wrap(`${target} is absent: ${message}`, LETTERS));
}
