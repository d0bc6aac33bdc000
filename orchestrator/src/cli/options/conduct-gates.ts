import type { ConductGate } from '../../analyse/compare/conduct-gate.js';
import { entryOf, ROWS_IN_ORDER } from '../../analyse/conduct/row-book.js';
import { usageError } from '../../errors.js';
import { CONDUCT_CASES } from '../../plan/conduct-cases.js';
import { amountOf } from './conduct-limits.js';
import { splitList } from './values.js';

/**
 * Reads `--fail-on` of two that `--group conduct` asked: `worse`, or conditions such as `conduct.amplification>10%,
 * conduct.outage-503.failoverUs>50ms`.
 * @throws BenchError `bad-value`
 */
export function parseConductGates(text: string): ConductGate[] {
  const words = splitList(text.replaceAll(/\s*>\s*/g, '>').replaceAll(/\s+%/g, '%'));
  if (words.length === 0) throw refused(text);
  return words.map((word) => (word === 'worse' ? anyWorse(word) : parseGate(word)));
}

function anyWorse(text: string): ConductGate {
  return { text, case: null, row: null, least: { share: 0 } };
}

function parseGate(word: string): ConductGate {
  const match = /^conduct\.(?:([a-z\d-]+)\.)?([A-Za-z]+)>(\d+(?:\.\d+)?)(us|ms|s|%|points)?$/.exec(word);
  const [, name, row = '', number = '', unit] = match ?? [];
  const entry = entryOf(row);
  if (match === null || entry === undefined) throw refused(word);
  if (name !== undefined && CONDUCT_CASES.every((known) => known.name !== name)) throw refused(word);
  const where = { text: word, case: name ?? null, row };
  if (unit === '%') return { ...where, least: { share: Number(number) / 100 } };
  if (unit === 'points') {
    if (entry.unit !== 'share') throw refused(word);
    return { ...where, least: { amount: Number(number) / 100 } };
  }
  const amount = amountOf(entry.unit, number, unit);
  if (amount === null) throw refused(word);
  return { ...where, least: { amount } };
}

function refused(text: string): Error {
  return usageError(
    'bad-value',
    `--fail-on ${JSON.stringify(text)} cannot be used.`,
    `These are conducts: give "worse", conduct.ROW>LIMIT or conduct.CASE.ROW>LIMIT with a limit in % of a's figure, times in us, ms, s, shares in points: --fail-on "conduct.amplification>10%". The rows: ${ROWS_IN_ORDER.join(', ')}.`,
  );
}
