import { Buffer } from 'node:buffer';
import { endianness } from 'node:os';
import { gunzipSync, gzip } from 'node:zlib';
import { promisify } from 'node:util';
import {
  columnFileHead,
  type ColumnFileHeader,
  columnOffsets,
  COLUMNS,
  HEAD_BYTES,
  headerLengthIn,
  readHeader,
  unreadable,
} from './column-layout.js';
import {
  ABSENT,
  COLUMN_TYPES,
  type ColumnName,
  type Columns,
  columnsOver,
  MOMENTS,
  type Outcome,
  outcomeCode,
  OUTCOMES,
} from './columns.js';
import { requestId } from './request-template.js';

/** A trial's requests as they were read back. */
export interface ColumnFile {
  readonly header: ColumnFileHeader;
  readonly columns: Columns;
  /** Makes each row's id with the header's prefix. */
  readonly counter: Uint32Array;
}

/** Rows of one lane on their way into the file. */
export interface CountedRows {
  readonly columns: Columns;
  readonly rows: number;
  /** Row r has the counter `counterStart + r * counterStep`. */
  readonly counterStart: number;
  readonly counterStep: number;
}

/** Writes the file; compresses it off the main thread. */
export async function writeColumnFile(
  lanes: readonly CountedRows[],
  trial: Pick<
    ColumnFileHeader,
    'startedAtUs' | 'clockDomain' | 'warmupUs' | 'measureUs' | 'uneven' | 'idPrefix' | 'kinds'
  >,
): Promise<Uint8Array> {
  const rows = lanes.reduce((sum, lane) => sum + lane.rows, 0);
  const names = Object.keys(COLUMN_TYPES) as ColumnName[];
  const header: ColumnFileHeader = {
    rows,
    ...trial,
    outcomes: [...OUTCOMES],
    columns: [...COLUMNS],
  };
  const head = columnFileHead(header);
  const { ofColumn, end } = columnOffsets(header, head.length);
  const file = Buffer.alloc(end);
  head.copy(file);
  const columns = columnsOver(file.buffer, rows, file.byteOffset + head.length);
  const counter = new Uint32Array(file.buffer, file.byteOffset + (ofColumn.get('counter') as number), rows);
  let at = 0;
  for (const [lane, row] of byIntendedTime(lanes)) {
    for (const name of names) columns[name][at] = lane.columns[name][row] as number;
    counter[at++] = lane.counterStart + row * lane.counterStep;
  }
  return promisify(gzip)(file, { level: 1 });
}

/**
 * Reads the file back.
 * @throws BenchError `columns-unreadable` when the bytes are no such file, or one that was cut.
 */
export function readColumnFile(bytes: Uint8Array): ColumnFile {
  if (endianness() !== 'LE') throw unreadable('this machine is big-endian');
  const file = unzip(bytes);
  const headerLength = headerLengthIn(file);
  const { header, columnsAt } = readHeader(file.subarray(HEAD_BYTES, HEAD_BYTES + headerLength));
  const { ofColumn, end } = columnOffsets(header, columnsAt);
  if (file.length !== end) throw unreadable(`${header.rows} rows do not fit its ${file.length} bytes`);
  // A copy, because a slice of Node's pool need not be aligned.
  const aligned = new Uint8Array(file).buffer;
  return {
    header,
    columns: columnsOver(aligned, header.rows, columnsAt),
    counter: new Uint32Array(aligned, ofColumn.get('counter'), header.rows),
  };
}

/** The file that was read, with another outcome in some of its rows; what was read changes with it. */
export async function rewritten(
  { columns }: ColumnFile,
  rows: readonly number[],
  outcome: Outcome,
): Promise<Uint8Array> {
  for (const row of rows) columns.outcome[row] = outcomeCode(outcome);
  return promisify(gzip)(new Uint8Array(columns.outcome.buffer as ArrayBuffer), { level: 1 });
}

/** The lines of a CSV file, head first, without line ends; moments that did not come are empty. */
export function* columnsToCsv({ header, columns, counter }: ColumnFile): Generator<string> {
  const counts = ['status', 'bytes', 'frames', 'chunks', 'reads', 'resent'] as const;
  yield ['id', 'kind', 'measured', 'outcome', 'intendedUs', ...MOMENTS, ...counts].join(',');
  for (let row = 0; row < header.rows; row++) {
    const intended = columns.intendedUs[row] as number;
    yield [
      requestId(header.idPrefix, counter[row] as number),
      header.kinds[columns.kind[row] as number]?.name,
      intended >= header.warmupUs ? 1 : 0,
      header.outcomes[columns.outcome[row] as number],
      intended.toFixed(1),
      ...MOMENTS.map((name) => (columns[name][row] === ABSENT ? '' : columns[name][row])),
      ...counts.map((name) => columns[name][row]),
    ].join(',');
  }
}

/** All rows of all lanes, by intended time and where that is equal by counter: each lane's are in order already. */
function* byIntendedTime(lanes: readonly CountedRows[]): Generator<[CountedRows, number]> {
  const next = lanes.map(() => 0);
  for (;;) {
    let first = -1;
    let earliest = Number.POSITIVE_INFINITY;
    let least = Number.POSITIVE_INFINITY;
    for (const [index, lane] of lanes.entries()) {
      const row = next[index] as number;
      if (row >= lane.rows) continue;
      const intended = lane.columns.intendedUs[row] as number;
      const counter = lane.counterStart + row * lane.counterStep;
      if (intended > earliest || (intended === earliest && counter > least)) continue;
      earliest = intended;
      least = counter;
      first = index;
    }
    const lane = lanes[first];
    if (lane === undefined) return;
    const row = next[first] as number;
    next[first] = row + 1;
    yield [lane, row];
  }
}

function unzip(bytes: Uint8Array): Buffer {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw unreadable('it is not gzipped, or was cut', cause);
  }
}
