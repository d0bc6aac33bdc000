import { Buffer } from 'node:buffer';
import { endianness } from 'node:os';
import { gunzipSync, gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { z } from 'zod';
import { clockDomainSchema } from '../../clock/clock-domain.js';
import { BenchError, EXIT } from '../../errors.js';
import {
  ABSENT,
  COLUMN_TYPES,
  type ColumnName,
  type Columns,
  columnsByteLength,
  columnsOver,
  MOMENTS,
  type Outcome,
  outcomeCode,
  OUTCOMES,
} from './columns.js';
import { requestId } from './request-template.js';

/**
 * The file of a trial's requests, one row each, ascending by intended time. Gzipped; inside, all little-endian:
 *
 *     8 bytes    `CBCOLS04`
 *     4 bytes    length of the header, a multiple of 8 less 4, so that the columns are aligned
 *     header     JSON, padded with spaces: {@link columnFileHeaderSchema}
 *     columns    each whole, in the order in which the header names them
 *
 * Columns are those of {@link Columns}, and `counter`, which makes the request's id: the header's prefix and the counter in base 36,
 * padded to 8 digits. Moments are whole microseconds after the row's intended time, 0xffffffff where the moment did not come.
 */
const MAGIC = 'CBCOLS04';

const columnFileHeaderSchema = z.strictObject({
  rows: z.number().int().nonnegative(),
  /** The trial's start, microseconds of the host's monotonic clock; intended times count from it. */
  startedAtUs: z.number(),
  /** Which host's clock that is; null where the system does not tell, not there in files of versions that did not write it. */
  clockDomain: clockDomainSchema.nullable().optional(),
  warmupUs: z.number().nonnegative(),
  measureUs: z.number().positive(),
  /** Whether requests came at times of their own, as a replayed trace says. */
  uneven: z.boolean(),
  idPrefix: z.string(),
  /** What the numbers in the column `kind` mean; kinds of one part are counted together. */
  kinds: z.array(z.strictObject({ name: z.string(), part: z.string() })),
  /** What the numbers in the column `outcome` mean. */
  outcomes: z.array(z.string()),
  columns: z.array(z.strictObject({ name: z.string(), type: z.enum(['f64', 'u32', 'u16', 'u8']) })),
});

/** What the file says of the trial as a whole. */
export type ColumnFileHeader = z.infer<typeof columnFileHeaderSchema>;

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

const TYPE_NAMES = new Map<unknown, 'f64' | 'u32' | 'u16' | 'u8'>([
  [Float64Array, 'f64'],
  [Uint32Array, 'u32'],
  [Uint16Array, 'u16'],
  [Uint8Array, 'u8'],
]);

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
    columns: [
      ...names.map((name) => ({ name, type: TYPE_NAMES.get(COLUMN_TYPES[name]) ?? 'u8' })),
      { name: 'counter', type: 'u32' },
    ],
  };
  const json = JSON.stringify(header);
  const padded = json.padEnd(Math.ceil((Buffer.byteLength(json) + 4) / 8) * 8 - 4);
  const headerLength = Buffer.byteLength(padded);
  const columnsAt = MAGIC.length + 4 + headerLength;
  // The counter comes last and has to be aligned as well.
  const counterAt = Math.ceil((columnsAt + columnsByteLength(rows)) / 4) * 4;
  const file = Buffer.alloc(counterAt + rows * 4);
  file.write(MAGIC, 0, 'latin1');
  file.writeUInt32LE(headerLength, MAGIC.length);
  file.write(padded, MAGIC.length + 4);
  const columns = columnsOver(file.buffer, rows, file.byteOffset + columnsAt);
  const counter = new Uint32Array(file.buffer, file.byteOffset + counterAt, rows);
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
  if (file.toString('latin1', 0, MAGIC.length) !== MAGIC) throw unreadable(`it does not begin with ${MAGIC}`);
  const headerLength = file.readUInt32LE(MAGIC.length);
  const columnsAt = MAGIC.length + 4 + headerLength;
  const header = parseHeader(file.toString('utf8', MAGIC.length + 4, columnsAt));
  const counterAt = Math.ceil((columnsAt + columnsByteLength(header.rows)) / 4) * 4;
  if (file.length !== counterAt + header.rows * 4)
    throw unreadable(`${header.rows} rows do not fit its ${file.length} bytes`);
  // A copy, because a slice of Node's pool need not be aligned.
  const aligned = new Uint8Array(file).buffer;
  return {
    header,
    columns: columnsOver(aligned, header.rows, columnsAt),
    counter: new Uint32Array(aligned, counterAt, header.rows),
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

/** All rows of all lanes, merged: each lane's are in order already. */
function* byIntendedTime(lanes: readonly CountedRows[]): Generator<[CountedRows, number]> {
  const next = lanes.map(() => 0);
  for (;;) {
    let first = -1;
    let earliest = Number.POSITIVE_INFINITY;
    for (const [index, lane] of lanes.entries()) {
      const row = next[index] as number;
      const intended = row < lane.rows ? (lane.columns.intendedUs[row] as number) : Number.POSITIVE_INFINITY;
      if (intended < earliest) {
        earliest = intended;
        first = index;
      }
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

function parseHeader(json: string): ColumnFileHeader {
  try {
    const header = columnFileHeaderSchema.parse(JSON.parse(json));
    const names = header.columns.map(({ name }) => name).join();
    if (names !== [...Object.keys(COLUMN_TYPES), 'counter'].join()) throw new Error(`columns ${names}`);
    return header;
  } catch (cause) {
    throw unreadable('its header is not what this version writes', cause);
  }
}

function unreadable(why: string, cause?: unknown): BenchError {
  return new BenchError({
    code: 'columns-unreadable',
    message: `the file of requests cannot be read: ${why}`,
    hint: 'Was it written by another version of this program?',
    exitCode: EXIT.usage,
    cause,
  });
}
