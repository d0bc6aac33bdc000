import type { Agreement, DriverAgreement, Interval } from './drivers.js';

/** What both drivers showed at one rate. */
export interface DriversRow {
  readonly rate: number;
  readonly agreement: DriverAgreement;
}

interface Column {
  readonly head: string;
  readonly cell: (row: DriversRow) => string;
}

const COLUMNS: readonly Column[] = [
  { head: 'rps', cell: ({ rate }) => String(rate) },
  { head: 'floor oha', cell: ({ agreement }) => agreement.floorUs.oha.toFixed(0) },
  { head: 'native', cell: ({ agreement }) => agreement.floorUs.native.toFixed(0) },
  { head: 'target oha', cell: ({ agreement }) => agreement.targetUs.oha.toFixed(0) },
  { head: 'native', cell: ({ agreement }) => agreement.targetUs.native.toFixed(0) },
  { head: 'difference µs', cell: ({ agreement }) => around(agreement.medianDifferenceUs, 1, 0) },
  { head: 'of rates %', cell: ({ agreement }) => around(agreement.rateDifference, 100, 2) },
  { head: 'verdict', cell: ({ agreement }) => verdictOf(agreement) },
];

/** `calibrate --drivers` for a person: what the columns are, their heads, a line a rate. */
export function renderDrivers(rows: readonly DriversRow[]): string {
  const lines = [COLUMNS.map(({ head }) => head), ...rows.map((row) => COLUMNS.map(({ cell }) => cell(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const aligned = lines.map((line) => line.map((text, column) => align(text, widths[column] ?? 0, column)).join('  '));
  return [
    'oha and the native driver in turn on one mock, at once (floor) and told to take 5 ms (target); medians in µs.',
    'Difference: oha’s median less its floor, less the same of native; its rate against native’s, %. 95 % intervals over passes.',
    '',
    ...aligned.map((line) => line.trimEnd()),
    '',
  ].join('\n');
}

/** Figures end at the same place; the verdict is words. */
function align(text: string, width: number, column: number): string {
  return column === COLUMNS.length - 1 ? text : text.padStart(width);
}

function around({ value, low, high }: Interval, scale: number, digits: number): string {
  const [middle, from, to] = [value, low, high].map((figure) => (figure * scale).toFixed(digits));
  return `${middle} (${from} to ${to})`;
}

const WORD: Readonly<Record<Agreement, string>> = { same: 'agree', different: 'differ', 'cannot-tell': 'cannot tell' };

function verdictOf({ medians, rates }: DriverAgreement): string {
  return medians === rates ? WORD[medians] : `medians ${WORD[medians]}, rates ${WORD[rates]}`;
}
