import type { Changes, Drawing, Levels, Line, Lines, Search, Stack, Step } from './chart.js';
import { wrap } from '../wrap.js';
import type { Slot } from './panels.js';

/** A line of a tooltip. */
const TOOLTIP_LETTERS = 60;

/**
 * What a chart says where a pointer is: a heading, then a line a target. Text, never markup.
 * @param x a place along x; of lanes the index of what is pointed at, over all lanes
 */
export function wordsAt(drawing: Drawing, x: number, targets: readonly string[]): string[] {
  if (drawing.kind === 'levels') {
    const level = drawing.panel.levels[Math.round(x)];
    if (level === undefined) return [];
    return [
      level.label,
      ...level.slots.map((slot) => `${targets[slot.target]}: ${slotWords(slot, drawing.panel.unit)}`),
      ...(level.floor === null
        ? []
        : [`direct’s two visits: within ${numberWords(level.floor)} ${drawing.panel.unit}`]),
    ];
  }
  if (drawing.kind === 'stack') {
    const bar = drawing.bars[Math.round(x)];
    if (bar === undefined) return [];
    const parts = drawing.parts.map((part, i) => `${part}: ${numberWords(bar.values[i] ?? 0)} ${drawing.unit}`);
    return [targets[bar.target] ?? '', ...parts, bar.basis];
  }
  if (drawing.kind === 'changes') {
    const lane = drawing.lanes[x];
    if (lane === undefined) return [];
    const { label, text, needed, limit, verdict, basis } = lane;
    const of = (value: number): string => changeWords(value, drawing);
    return [
      ...wrap(label, TOOLTIP_LETTERS),
      `${text} · ${verdict.replaceAll('-', ' ')}`,
      needed === null
        ? 'the noise floor is unknown'
        : `no change within ${of(needed.low)} to ${of(needed.high)} is one`,
      ...(limit === null ? [] : [`the gate allows ${of(limit)}`]),
      basis,
    ];
  }
  if (drawing.kind === 'search') {
    const pointed = stepsOf(drawing)[x];
    if (pointed === undefined) return [];
    const [target, step] = pointed;
    const [rate, ...counts] = stepWords(step);
    return [
      `${targets[target]} at ${rate} rps: ${step.settled}`,
      `held ${counts[0]}, did not hold ${counts[1]}, void ${counts[2]}`,
      ...(step.why === '' ? [] : wrap(step.why, TOOLTIP_LETTERS)),
    ];
  }
  const index = Math.round((x - drawing.from) / drawing.step);
  return [placeWords(drawing, drawing.from + index * drawing.step), ...lineWords(drawing, index, targets)];
}

/** All figures of a chart as a table: what stands behind it for whoever does not see it. */
export interface ChartTable {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The figures of a drawing. */
export function tableOf(drawing: Drawing, targets: readonly string[]): ChartTable {
  if (drawing.kind === 'levels') return levelTable(drawing, targets);
  if (drawing.kind === 'stack') return stackTable(drawing, targets);
  if (drawing.kind === 'changes') return changesTable(drawing);
  if (drawing.kind === 'search') return searchTable(drawing, targets);
  const points = Math.max(...drawing.lines.map(({ ys }) => ys.length));
  return {
    heads: [NAME_ALONG[drawing.along], ...drawing.lines.map((line) => lineName(line, targets, drawing.unit))],
    rows: Array.from({ length: points }, (_, i) => [
      placeWords(drawing, drawing.from + i * drawing.step),
      ...drawing.lines.map(({ ys }) => numberWords(ys[i] ?? null)),
    ]),
  };
}

/** What x is called. */
export const NAME_ALONG: Readonly<Record<Lines['along'], string>> = {
  tail: 'quantile',
  window: 'second of the measured windows',
  watch: 'second of the trials',
  soak: 'minute of the soak',
  rate: 'requests a second',
};

/** A place along x in words: `p99`, `second 12`. */
export function placeWords({ along, begins }: Lines, x: number): string {
  if (along === 'tail') return tailWords(x);
  if (along === 'rate') return `${numberWords(x)} rps`;
  if (along === 'soak') return `minute ${numberWords(x)}`;
  const block = begins.findLast((one) => one.x <= x);
  return block === undefined ? `second ${x + 1}` : `${block.label}, second ${x - block.x + 1}`;
}

/** The quantile at log₁₀ of 1/(1−p): `p50`, `p99.9`. */
export function tailWords(x: number): string {
  const percent = 100 * (1 - 10 ** -x);
  return `p${Number(percent.toFixed(Math.max(1, Math.ceil(x))))}`;
}

/** Three digits, or a dash for nothing. */
export function numberWords(value: number | null): string {
  if (value === null) return '–';
  return String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3)));
}

function slotWords({ value, tail, untold, note, basis }: Slot, unit: string): string {
  const figures = [value, tail]
    .filter((one) => one !== null)
    .map((one) => intervalWords(one.value, one.low, one.high, unit));
  const words = [figures.join(', p99 '), untoldWords(untold), note ?? '', basis].filter((part) => part !== '');
  return words.length === 0 ? '–' : words.join(' · ');
}

/** `p50 not to be told from direct`; empty where all are. */
function untoldWords(untold: Slot['untold'] = []): string {
  return untold.length === 0 ? '' : `${untold.join(', ')} not to be told from direct`;
}

function intervalWords(value: number, low: number, high: number, unit: string): string {
  const bounds = low === high ? '' : ` [${numberWords(low)}, ${numberWords(high)}]`;
  return `${numberWords(value)}${bounds} ${unit}`;
}

function lineWords({ lines, figures, from, step, unit }: Lines, index: number, targets: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const y = line.ys[index] ?? null;
    if (y === null) return [];
    const near = figures.find(
      ({ target, x }) => target === line.target && Math.abs(x - from - index * step) <= step / 2,
    );
    const figure = near === undefined ? '' : ` · ${near.about}: ${intervalWords(near.y, near.low, near.high, unit)}`;
    return [`${lineName(line, targets)}: ${numberWords(y)} ${unit}${figure}`];
  });
}

/** `crabllm p99`. */
export function lineName({ target, part }: Line, targets: readonly string[], unit = ''): string {
  return [targets[target] ?? '', part, unit].filter((word) => word !== '').join(' ');
}

function levelTable({ panel }: Levels, targets: readonly string[]): ChartTable {
  const hasTail = panel.levels.some(({ slots }) => slots.some(({ tail }) => tail !== null));
  const { unit } = panel;
  return {
    heads: ['level', 'target', hasTail ? 'p50' : unit, ...(hasTail ? ['p99'] : []), 'in words', 'rests on'],
    rows: panel.levels.flatMap(({ label, slots }) =>
      slots.map(({ target, value, tail, untold, note, basis }) => [
        label,
        targets[target] ?? '',
        ...[value, ...(hasTail ? [tail] : [])].map((one) =>
          one === null ? '–' : intervalWords(one.value, one.low, one.high, unit),
        ),
        note ?? untoldWords(untold),
        basis,
      ]),
    ),
  };
}

function stackTable({ parts, bars, unit }: Stack, targets: readonly string[]): ChartTable {
  return {
    heads: ['target', ...parts.map((part) => `${part}, ${unit}`), 'rests on'],
    rows: bars.map(({ target, values, basis }) => [targets[target] ?? '', ...values.map(numberWords), basis]),
  };
}

/** Every step with its target, lane by lane, as a pointer counts them. */
export function stepsOf({ lanes }: Search): (readonly [target: number, step: Step])[] {
  return lanes.flatMap(({ target, steps }) => steps.map((step) => [target, step] as const));
}

function stepWords({ rate, held, broken, spoilt }: Step): [string, string, string, string] {
  return [numberWords(rate), String(held), String(broken), String(spoilt)];
}

function searchTable(search: Search, targets: readonly string[]): ChartTable {
  return {
    heads: ['target', 'rps', 'held', 'did not hold', 'void', 'settled', 'why'],
    rows: stepsOf(search).map(([target, step]) => [targets[target] ?? '', ...stepWords(step), step.settled, step.why]),
  };
}

/** A place on the axis of changes: `× 1.25`, or with its sign `+0.15 ms`. */
export function changeWords(value: number, { as, unit }: Pick<Changes, 'as' | 'unit'>): string {
  if (as === 'ratio') return `× ${numberWords(value)}`;
  const sign = value < 0 ? '−' : value > 0 ? '+' : '';
  return `${sign}${numberWords(Math.abs(value))}${unit === '' ? '' : ` ${unit}`}`;
}

function changesTable(changes: Changes): ChartTable {
  const of = (value: number): string => changeWords(value, changes);
  return {
    heads: ['of', changes.as === 'ratio' ? 'b as a multiple of a' : 'b − a', 'low', 'high', 'verdict', 'rests on'],
    rows: changes.lanes.map(({ label, value, low, high, verdict, basis }) => [
      label,
      of(value),
      of(low),
      of(high),
      verdict.replaceAll('-', ' '),
      basis,
    ]),
  };
}
