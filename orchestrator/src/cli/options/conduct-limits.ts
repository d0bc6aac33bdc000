import { ROW_NAMES } from '../../analyse/conduct/case-rows.js';
import type { ConductLimit } from '../../analyse/conduct/limits.js';
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
  if (!ROW_NAMES.some((known) => known === row))
    throw refused(text, `There is no row ${row}; the rows: ${ROW_NAMES.join(', ')}.`);
  if (name !== undefined && CONDUCT_CASES.every((known) => known.name !== name))
    throw refused(text, `There is no case ${name}; the cases: ${CONDUCT_CASES.map((known) => known.name).join(', ')}.`);
  return { text, case: name ?? null, row, least: sign === '>=', bound: boundOf(text, row, number, unit) };
}

/** A time has to have its unit, and nothing else has one but a share. */
function boundOf(text: string, row: string, number: string, unit: string | undefined): number {
  const scale = unit === undefined ? undefined : UNIT_US[unit];
  if (row.endsWith('Us')) {
    if (scale === undefined) throw refused(text, `${row} is a time: give us, ms or s behind the limit.`);
    return Number(number) * scale;
  }
  if (scale !== undefined) throw refused(text, `${row} is no time: give a number, or a share in %.`);
  return unit === '%' ? Number(number) / 100 : Number(number);
}

function refused(text: string, hint: string) {
  return usageError('bad-value', `--require ${JSON.stringify(text)} cannot be used.`, hint);
}
