import type { ConductLimit } from '../../analyse/conduct/limits.js';
import { entryOf, ROWS_IN_ORDER, type RowUnit } from '../../analyse/conduct/row-book.js';
import { usageError } from '../../errors.js';
import { CONDUCT_CASES } from '../../plan/conduct-cases.js';

const UNIT_US: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6 };

/**
 * Reads `--require`: limits such as `conduct.amplification<=1.5, conduct.outage-503.failoverUs<=500ms`.
 * @throws BenchError `bad-value`
 */
export function readConductLimits(text: string): ConductLimit[] {
  return text.split(',').map((part) => readLimit(part.trim()));
}

function readLimit(text: string): ConductLimit {
  const match = /^conduct\.(?:([a-z\d-]+)\.)?([A-Za-z]+)\s*(<=|>=)\s*(\d+(?:\.\d+)?)(us|ms|s|%)?$/.exec(text);
  const [, name, row = '', sign, number = '', unit] = match ?? [];
  if (match === null)
    throw refused(
      text,
      'Give conduct.ROW<=LIMIT or conduct.CASE.ROW>=LIMIT, for example "conduct.amplification<=1.5".',
    );
  if (entryOf(row) === undefined) throw refused(text, `There is no row ${row}; the rows: ${ROWS_IN_ORDER.join(', ')}.`);
  if (name !== undefined && CONDUCT_CASES.every((known) => known.name !== name))
    throw refused(text, `There is no case ${name}; the cases: ${CONDUCT_CASES.map((known) => known.name).join(', ')}.`);
  return { text, case: name ?? null, row, least: sign === '>=', bound: boundOf(text, row, number, unit) };
}

function boundOf(text: string, row: string, number: string, unit: string | undefined): number {
  if (unit === '%') {
    if (entryOf(row)?.unit === 'us') throw refused(text, `${row} is a time: give us, ms or s behind the limit.`);
    return Number(number) / 100;
  }
  const kind = entryOf(row)?.unit ?? 'times';
  const amount = amountOf(kind, number, unit);
  if (amount !== null) return amount;
  throw refused(
    text,
    kind === 'us'
      ? `${row} is a time: give us, ms or s behind the limit.`
      : `${row} is no time: give a number, or a share in %.`,
  );
}

/** A number in a row's own unit; null where it lacks one or has a wrong one: a time has to have its unit, and nothing else has one. */
export function amountOf(kind: RowUnit, number: string, unit: string | undefined): number | null {
  const scale = unit === undefined ? undefined : UNIT_US[unit];
  if (kind === 'us') return scale === undefined ? null : Number(number) * scale;
  return unit === undefined ? Number(number) : null;
}

function refused(text: string, hint: string) {
  return usageError('bad-value', `--require ${JSON.stringify(text)} cannot be used.`, hint);
}
