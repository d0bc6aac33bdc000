import { Buffer } from 'node:buffer';
import { z } from 'zod';
import { clockDomainSchema } from '../../clock/clock-domain.js';
import { BenchError, EXIT } from '../../errors.js';
import { COLUMN_TYPES, type ColumnName } from './columns.js';

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
  /**
   * Where several agents made the load: the trial's start by the clock of each, which is where the intended times of its rows count
   * from. Row with counter c is of agent c modulo their number; the first one's are `startedAtUs` and `clockDomain`.
   */
  agents: z
    .array(z.strictObject({ startedAtUs: z.number(), clockDomain: clockDomainSchema.nullable() }))
    .min(1)
    .optional(),
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

const TYPE_NAMES = new Map<unknown, 'f64' | 'u32' | 'u16' | 'u8'>([
  [Float64Array, 'f64'],
  [Uint32Array, 'u32'],
  [Uint16Array, 'u16'],
  [Uint8Array, 'u8'],
]);

/** The columns as a header names them. */
export const COLUMNS: readonly ColumnFileHeader['columns'][number][] = [
  ...(Object.keys(COLUMN_TYPES) as ColumnName[]).map((name) => ({
    name,
    type: TYPE_NAMES.get(COLUMN_TYPES[name]) ?? 'u8',
  })),
  { name: 'counter', type: 'u32' },
];

/** Bytes of a value of each type. */
const WIDTHS = { f64: 8, u32: 4, u16: 2, u8: 1 } as const;

/** What stands before the header: the magic and the header's length. */
export const HEAD_BYTES = MAGIC.length + 4;

/** A header, and where behind it the columns begin. */
export interface HeaderAt {
  readonly header: ColumnFileHeader;
  readonly columnsAt: number;
}

/** Everything before the columns. */
export function columnFileHead(header: ColumnFileHeader): Buffer {
  const json = JSON.stringify(header);
  const bytes = Buffer.byteLength(json);
  const padded = Buffer.from(json + ' '.repeat(Math.ceil((bytes + 4) / 8) * 8 - 4 - bytes));
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(MAGIC, 0, 'latin1');
  head.writeUInt32LE(padded.length, MAGIC.length);
  return Buffer.concat([head, padded]);
}

/** @param head begins as the file does @throws BenchError `columns-unreadable` */
export function headerLengthIn(head: Buffer): number {
  if (head.length < HEAD_BYTES || head.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw unreadable(`it does not begin with ${MAGIC}`);
  return head.readUInt32LE(MAGIC.length);
}

/** @param bytes what stands behind the head, as long as that says @throws BenchError `columns-unreadable` */
export function readHeader(bytes: Buffer): HeaderAt {
  try {
    const header = columnFileHeaderSchema.parse(JSON.parse(bytes.toString('utf8')));
    const written = (columns: ColumnFileHeader['columns']) => columns.map(({ name, type }) => `${name} ${type}`).join();
    if (written(header.columns) !== written([...COLUMNS])) throw new Error(`columns ${written(header.columns)}`);
    return { header, columnsAt: HEAD_BYTES + bytes.length };
  } catch (cause) {
    throw unreadable('its header is not what this version writes', cause);
  }
}

/** Where each column begins, and where the last one ends; bytes from the file's first. The counter comes last and is aligned as well. */
export function columnOffsets(
  { rows, columns }: ColumnFileHeader,
  columnsAt: number,
): { readonly ofColumn: ReadonlyMap<string, number>; readonly end: number } {
  const ofColumn = new Map<string, number>();
  let at = columnsAt;
  for (const { name, type } of columns) {
    if (name === 'counter') at = Math.ceil(at / WIDTHS.u32) * WIDTHS.u32;
    ofColumn.set(name, at);
    at += rows * WIDTHS[type];
  }
  return { ofColumn, end: at };
}

/** What cannot be read, and why. */
export function unreadable(why: string, cause?: unknown): BenchError {
  return new BenchError({
    code: 'columns-unreadable',
    message: `the file of requests cannot be read: ${why}`,
    hint: 'Was it written by another version of this program?',
    exitCode: EXIT.usage,
    cause,
  });
}
