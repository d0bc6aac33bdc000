import { meanOf, standardDeviation, studentT975 } from '../student.js';
import type { CaseResult, RowName } from './case-rows.js';
import { ROW_BOOK } from './row-book.js';
import { type ConductRow, isMeasured, type MeasuredRow, type RowAbsence } from './row.js';

/**
 * The rows of one case over several blocks: the mean of the blocks, with Student's t interval over them, so that what differs from start to
 * start is in it. Of one block the rows are those of that block. A row that had no quantity in half of the blocks or more has none.
 * @param blocks results of the same case, one or more
 */
export function overBlocks(blocks: readonly CaseResult[]): CaseResult {
  const [first, ...more] = blocks;
  if (first === undefined) throw new RangeError('no block of a case');
  if (more.length === 0) return first;
  const names = Object.keys(first.rows) as RowName[];
  const total = (of: (result: CaseResult) => number): number => blocks.reduce((sum, block) => sum + of(block), 0);
  return {
    ...first,
    requests: {
      known: total(({ requests }) => requests.known),
      unknown: total(({ requests }) => requests.unknown),
      strangeAttempts: total(({ requests }) => requests.strangeAttempts),
    },
    rows: Object.fromEntries(
      names.map((name) => [
        name,
        mergedRow(
          name,
          blocks.flatMap(({ rows }) => rows[name] ?? []),
        ),
      ]),
    ),
  };
}

function mergedRow(name: RowName, rows: readonly ConductRow[]): ConductRow {
  const measured = rows.filter(isMeasured);
  if (measured.length * 2 <= rows.length) return rows.find((row): row is RowAbsence => !isMeasured(row)) as RowAbsence;
  return measured.length === 1 ? (measured[0] as MeasuredRow) : meanRow(name, measured);
}

function meanRow(name: RowName, rows: readonly MeasuredRow[]): MeasuredRow {
  const values = rows.map(({ value }) => value);
  const mean = meanOf(values);
  const half = (studentT975(values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length);
  const most = ROW_BOOK[name].unit === 'share' ? 1 : Number.POSITIVE_INFINITY;
  return {
    value: mean,
    low: Math.max(0, mean - half),
    high: Math.min(most, mean + half),
    count: rows.reduce((sum, { count }) => sum + count, 0),
  };
}
