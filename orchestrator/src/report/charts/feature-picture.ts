import type { FeatureCost } from '../../record/summary.js';
import { type FeatureFigure, featureAbsence, featureFigures } from '../feature-rows.js';
import type { ReportModel } from '../model.js';
import { VERDICT_SIGN } from '../verdict-sign.js';
import { wrap } from '../wrap.js';
import { ABSENCE_WORDS, type Absence, absenceMark } from './absence-mark.js';
import { type Drawn, FONT, shapeAt } from './draw.js';
import { laneText, stroke } from './lanes.js';
import type { Picture } from './option.js';
import { type Mark, marksOf, type Theme } from './theme.js';

/** Of the picture in CSS pixels: about as wide as a README is shown, so that its letters stay as large as they are. */
const WIDTH = 900;
const MARGIN = 20;
/** Room for the names of features, at the left. */
const NAMES = 124;
/** Gateways side by side; more stand in a band of their own below. */
const MOST_BESIDE = 3;
const WIDEST_COLUMN = 360;
/** Of one figure. */
const STRIP = 20;
const BETWEEN_ROWS = 8;
const HEADING_LINE = 19;
/** Of a band, above its rows: the names of its gateways. */
const BAND_HEAD = 34;
/** Small letters that fit the width. */
const LETTERS = 136;

/** What the strips of a cell are of, in the order of the figures. */
const STRIPS = ['p50 ms', 'p99 ms', 'CPU µs', 'MiB'] as const;
const STRIP_LABEL = 50;

/** How strongly a cell is coloured: the strongest whose factor, more or less than the gateway as it is, is reached. */
const STRENGTHS = [
  { from: 1.5, opacity: 0.5, words: 'half as much again, or more' },
  { from: 1.1, opacity: 0.32, words: 'a tenth or more' },
  { from: 1, opacity: 0.16, words: 'less than a tenth' },
] as const;

interface Setting {
  readonly costs: readonly FeatureCost[];
  readonly plays: ReportModel['plays'];
  readonly gateways: readonly string[];
  readonly features: readonly string[];
  readonly marks: readonly Mark[];
  /** Each reason once, in the order in which it is met. */
  readonly reasons: readonly string[];
  readonly theme: Theme;
}

/**
 * The matrix of features and gateways at one scenario and level. A figure is coloured, in the colour of its gateway, only where the judge tells it
 * from what the gateway differs by from itself.
 * @param costs of that scenario and level
 * @param plays what those are that are no LLM gateways
 */
export function featurePicture(
  costs: readonly FeatureCost[],
  plays: ReportModel['plays'],
  { title, of }: { readonly title: string; readonly of: string },
  theme: Theme,
): Picture {
  const gateways = unique(costs.map(({ gateway }) => gateway));
  const setting: Setting = {
    costs,
    plays,
    gateways,
    features: unique(costs.map(({ feature }) => feature)),
    marks: marksOf(gateways, theme),
    reasons: unique(costs.map(featureAbsence).filter((reason) => reason !== '')),
    theme,
  };
  const drawn: Drawn[] = [];
  let y = 26;
  drawn.push(laneText(title, MARGIN, y, theme.ink, { bold: true, size: 17 }));
  const about = [...wrap(of, LETTERS), ...wrap(sentenceOf(gateways), LETTERS)];
  for (const line of about) drawn.push(laneText(line, MARGIN, (y += HEADING_LINE), theme.muted));
  y += 24;
  for (const band of bandsOf(gateways)) {
    const part = drawBand(band, y, setting);
    drawn.push(...part.drawn);
    y = part.bottom + 18;
  }
  const foot = drawLegend(y, setting);
  drawn.push(...foot.drawn);
  return {
    width: WIDTH,
    height: foot.bottom + 8,
    option: {
      animation: false,
      backgroundColor: theme.canvas ?? theme.background,
      textStyle: { fontFamily: FONT, color: theme.ink },
      graphic: drawn,
    },
  };
}

function sentenceOf(gateways: readonly string[]): string {
  const [only] = gateways;
  return (
    `${only !== undefined && gateways.length === 1 ? only : 'Each gateway'} with one feature more, against the same gateway as it is in the same ` +
    'blocks: difference, with its 95 % interval. As it is, it was measured twice.'
  );
}

/** Of like width: four are two and two. */
function bandsOf(gateways: readonly string[]): (readonly string[])[] {
  const bands = Math.ceil(gateways.length / MOST_BESIDE);
  const size = Math.ceil(gateways.length / Math.max(1, bands));
  return Array.from({ length: bands }, (_, i) => gateways.slice(i * size, (i + 1) * size));
}

function drawBand(band: readonly string[], top: number, setting: Setting): { drawn: Drawn[]; bottom: number } {
  const { features, gateways, marks, costs, plays, theme } = setting;
  const width = Math.min(WIDEST_COLUMN, (WIDTH - 2 * MARGIN - NAMES) / band.length);
  const leftOf = (column: number): number => MARGIN + NAMES + column * width;
  const drawn = band.flatMap((gateway, column): Drawn[] => {
    const mark = marks[gateways.indexOf(gateway)] as Mark;
    return [
      shapeAt(mark.shape, leftOf(column) + 10, top + 8, 6, { fill: mark.colour }),
      laneText(gateway, leftOf(column) + 22, top + 8, theme.ink, { bold: true, size: 14 }),
      laneText(plays.get(gateway) ?? '', leftOf(column) + 28 + gateway.length * 8.4, top + 8, theme.muted),
    ];
  });
  let y = top + BAND_HEAD - 8;
  for (const feature of features) {
    const row = band.map((gateway) => costs.find((cost) => cost.gateway === gateway && cost.feature === feature));
    if (row.every((cost) => cost === undefined)) continue;
    const strips = row.some((cost) => cost?.state === 'ok') ? STRIPS.length : 1;
    drawn.push(stroke([MARGIN, y - 4], [WIDTH - MARGIN, y - 4], { stroke: theme.line, lineWidth: 1 }));
    drawn.push(laneText(feature, MARGIN, y + STRIP / 2, theme.ink, { bold: true, size: 13 }));
    row.forEach((cost, column) => {
      if (cost === undefined) return;
      const mark = marks[gateways.indexOf(cost.gateway)] as Mark;
      const place = { left: leftOf(column), top: y, width: width - 10 };
      drawn.push(...(cost.state === 'ok' ? drawFigures(cost, place, mark, theme) : drawAbsence(cost, place, setting)));
    });
    y += strips * STRIP + BETWEEN_ROWS;
  }
  return { drawn, bottom: y };
}

interface CellPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

function drawFigures(cost: FeatureCost, { left, top, width }: CellPlace, mark: Mark, theme: Theme): Drawn[] {
  return featureFigures(cost).flatMap((figure, i): Drawn[] => {
    const y = top + i * STRIP;
    const middle = y + STRIP / 2 - 1;
    const label = (ink: string): Drawn => laneText(STRIPS[i] ?? '', left + 6, middle, ink);
    if (figure === null) return [label(theme.muted), laneText('–', left + 6 + STRIP_LABEL, middle, theme.muted)];
    const isTold = figure.verdict !== 'within-noise';
    const ink = isTold ? theme.ink : theme.muted;
    return [
      ...(isTold ? [filled(left, y, width, mark.colour, strengthOf(figure))] : []),
      label(ink),
      laneText(`${VERDICT_SIGN[figure.verdict]} ${figure.text}`, left + 6 + STRIP_LABEL, middle, ink),
    ];
  });
}

function drawAbsence(cost: FeatureCost, { left, top }: CellPlace, { reasons, theme }: Setting): Drawn[] {
  const absence = absenceOf(cost);
  const middle = top + STRIP / 2 - 1;
  const number = reasons.indexOf(featureAbsence(cost)) + 1;
  return [
    ...absenceMark(absence, left + 12, middle, theme.muted),
    laneText(`${ABSENCE_WORDS[absence]} [${number}]`, left + 24, middle, theme.muted),
  ];
}

function absenceOf({ state, reason }: FeatureCost): Absence {
  if (reason?.code === 'feature-unproved') return 'not-proven';
  return state === 'ok' ? 'absent' : state;
}

function strengthOf({ ratio }: FeatureFigure): number {
  const factor = Math.max(ratio, 1 / ratio);
  return (STRENGTHS.find(({ from }) => factor >= from) ?? STRENGTHS[2]).opacity;
}

function filled(x: number, y: number, width: number, colour: string, opacity: number): Drawn {
  const shape = { x, y, width, height: STRIP - 2, r: 3 };
  return { type: 'rect', silent: true, shape, style: { fill: colour, opacity } };
}

/** What colour and signs mean, then each reason with its number. */
function drawLegend(top: number, setting: Setting): { drawn: Drawn[]; bottom: number } {
  const { costs, marks, reasons, theme } = setting;
  const drawn: Drawn[] = [];
  let y = top;
  const [first] = marks;
  if (first !== undefined && costs.some(({ state }) => state === 'ok')) {
    drawn.push(laneText('Coloured: told from what the gateway differs by from itself, by', MARGIN, y, theme.muted));
    let x = MARGIN + 384;
    for (const { opacity, words } of STRENGTHS.toReversed()) {
      drawn.push(filled(x, y - STRIP / 2 + 1, 22, first.colour, opacity));
      drawn.push(laneText(words, x + 28, y, theme.muted));
      x += 46 + words.length * 6.2;
    }
    y += HEADING_LINE;
    const signs =
      `${VERDICT_SIGN.above} more · ${VERDICT_SIGN.below} less · ${VERDICT_SIGN['within-noise']}, uncoloured: no more than the gateway differs by ` +
      'from itself · –: not known, or of more requests than a block has';
    for (const line of wrap(signs, LETTERS)) {
      drawn.push(laneText(line, MARGIN, y, theme.muted));
      y += HEADING_LINE;
    }
  }
  for (const [i, reason] of reasons.entries()) {
    const cost = costs.find((one) => featureAbsence(one) === reason);
    if (cost !== undefined) drawn.push(...absenceMark(absenceOf(cost), MARGIN + 5, y, theme.muted));
    for (const line of wrap(`[${i + 1}] ${reason}`, LETTERS - 4)) {
      drawn.push(laneText(line, MARGIN + 18, y, theme.muted));
      y += HEADING_LINE;
    }
  }
  return { drawn, bottom: y };
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
