import { Buffer } from 'node:buffer';
import { closeSync, createReadStream, createWriteStream, openSync, readSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { BenchError, EXIT } from '../../errors.js';
import {
  type ColumnFileHeader,
  columnFileHead,
  columnOffsets,
  HEAD_BYTES,
  type HeaderAt,
  headerLengthIn,
  readHeader,
} from './column-layout.js';

/** Rows of one column that are held in memory of each part, and of what is written. */
const CHUNK_ROWS = 16 * 1024;
/** Which part a row is of takes a byte. */
const MOST_PARTS = 256;

const TYPES = { f64: Float64Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array } as const;
type TypedArray = InstanceType<(typeof TYPES)[keyof typeof TYPES]>;

/**
 * Merges the files of requests of several agents, each of which made a part of one trial's schedule, into one file as a single driver
 * would have written it: every row once, by intended time and, where that is equal, by counter. No figure is computed and none is lost.
 *
 * In bounded memory, whatever the size: the parts are unpacked beside the target, the order of the rows is found once and kept on
 * disk, and then one column after the other is written, {@link CHUNK_ROWS} rows of each part at a time.
 * @param parts the n-th is of agent n of as many as there are
 * @returns the header of what was written
 * @throws BenchError `parts-differ` where they are not parts of one trial, `columns-unreadable` where one is no file of requests
 */
export async function mergeColumnFiles(parts: readonly string[], target: string): Promise<ColumnFileHeader> {
  if (parts.length < 1 || parts.length > MOST_PARTS)
    throw new RangeError(`${parts.length} parts, of which there may be 1 to ${MOST_PARTS}`);
  const room = await mkdtemp(join(dirname(target), '.merge-'));
  const open: number[] = [];
  try {
    const unpacked: Part[] = [];
    for (const [nth, path] of parts.entries()) {
      const plain = join(room, `part-${nth}`);
      await unpack(path, plain);
      const fd = openSync(plain, 'r');
      open.push(fd);
      unpacked.push({ name: basename(path), fd, ...readHeaderOf(fd) });
    }
    const header = commonHeader(unpacked);
    const order = join(room, 'order');
    await pipeline(Readable.from(orderOf(unpacked, header)), createWriteStream(order));
    const orderFd = openSync(order, 'r');
    const merged = join(room, 'merged');
    open.push(orderFd);
    await pipeline(
      Readable.from(mergedBytes(unpacked, header, orderFd), { objectMode: false, highWaterMark: 1 << 18 }),
      createGzip({ level: 1 }),
      createWriteStream(merged),
    );
    await rename(merged, target);
    return header;
  } finally {
    for (const fd of open) closeSync(fd);
    await rm(room, { recursive: true, force: true });
  }
}

/** One agent's file, unpacked. */
interface Part extends HeaderAt {
  readonly name: string;
  readonly fd: number;
}

async function unpack(path: string, plain: string): Promise<void> {
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(plain));
  } catch (cause) {
    throw new BenchError({
      code: 'columns-unreadable',
      message: `${basename(path)}: the file of requests is not whole`,
      hint: 'Was its agent cut off while it delivered?',
      exitCode: EXIT.environment,
      cause,
    });
  }
}

function readHeaderOf(fd: number): HeaderAt {
  const head = Buffer.alloc(HEAD_BYTES);
  readSync(fd, head, 0, HEAD_BYTES, 0);
  const bytes = Buffer.alloc(headerLengthIn(head));
  readSync(fd, bytes, 0, bytes.length, HEAD_BYTES);
  return readHeader(bytes);
}

/** What the parts have in common, with the clock of each. */
function commonHeader(parts: readonly Part[]): ColumnFileHeader {
  const [first] = parts as [Part, ...Part[]];
  for (const field of ['idPrefix', 'warmupUs', 'measureUs', 'uneven', 'kinds', 'outcomes', 'columns'] as const) {
    const of = (part: Part) => JSON.stringify(part.header[field]);
    const other = parts.find((part) => of(part) !== of(first));
    if (other !== undefined)
      throw partsDiffer(`${field} is ${of(first)} in ${first.name} and ${of(other)} in ${other.name}`);
  }
  return {
    ...first.header,
    rows: parts.reduce((sum, { header }) => sum + header.rows, 0),
    agents: parts.map(({ header: { startedAtUs, clockDomain } }) => ({
      startedAtUs,
      clockDomain: clockDomain ?? null,
    })),
  };
}

/** Which part each row of the merged file is of, a byte a row. */
function* orderOf(parts: readonly Part[], { rows }: ColumnFileHeader): Generator<Uint8Array> {
  const due = parts.map((part) => cursorOf(part, 'intendedUs'));
  const counters = parts.map((part) => cursorOf(part, 'counter'));
  const heads = due.map((cursor, nth) => ({ due: cursor.next(), counter: ownCounter(parts, counters, nth) }));
  let chunk = new Uint8Array(CHUNK_ROWS);
  let filled = 0;
  for (let row = 0; row < rows; row++) {
    let earliest = 0;
    for (let nth = 1; nth < heads.length; nth++) {
      const [one, other] = [heads[earliest] as Head, heads[nth] as Head];
      if (other.due < one.due || (other.due === one.due && other.counter < one.counter)) earliest = nth;
    }
    chunk[filled++] = earliest;
    const head = heads[earliest] as Head;
    const before = head.due;
    head.due = (due[earliest] as Cursor).next();
    head.counter = ownCounter(parts, counters, earliest);
    if (head.due < before) throw partsDiffer(`the rows of ${(parts[earliest] as Part).name} are not in order`);
    if (filled < CHUNK_ROWS) continue;
    yield chunk;
    chunk = new Uint8Array(CHUNK_ROWS);
    filled = 0;
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/** The next row of an agent's part: when it is due, and its counter. */
interface Head {
  due: number;
  counter: number;
}

/** The next counter of a part, which has to be one of its agent's; infinity behind the last. */
function ownCounter(parts: readonly Part[], counters: readonly Cursor[], nth: number): number {
  const counter = (counters[nth] as Cursor).next();
  if (counter === Number.POSITIVE_INFINITY || counter % parts.length === nth) return counter;
  throw partsDiffer(
    `${(parts[nth] as Part).name} holds request ${counter}, which of ${parts.length} agents is number ${counter % parts.length}'s and not ${nth}'s`,
  );
}

/** The merged file before it is packed. */
function* mergedBytes(parts: readonly Part[], header: ColumnFileHeader, order: number): Generator<Uint8Array> {
  const head = columnFileHead(header);
  yield head;
  const { ofColumn, end } = columnOffsets(header, head.length);
  let at = head.length;
  for (const { name, type } of header.columns) {
    const startsAt = ofColumn.get(name) as number;
    if (startsAt > at) yield new Uint8Array(startsAt - at);
    const cursors = parts.map((part) => cursorOf(part, name));
    const whose = new Cursor(order, 0, header.rows, Uint8Array);
    for (let row = 0; row < header.rows; row += CHUNK_ROWS) {
      const chunk = new TYPES[type](Math.min(CHUNK_ROWS, header.rows - row));
      for (let i = 0; i < chunk.length; i++) chunk[i] = (cursors[whose.next()] as Cursor).next();
      yield new Uint8Array(chunk.buffer);
    }
    at = startsAt + header.rows * TYPES[type].BYTES_PER_ELEMENT;
  }
  if (at !== end) throw new RangeError(`${at} bytes were merged of ${end}`);
}

function cursorOf({ fd, header, columnsAt }: Part, name: string): Cursor {
  const { ofColumn } = columnOffsets(header, columnsAt);
  const column = header.columns.find((each) => each.name === name);
  const at = ofColumn.get(name);
  if (column === undefined || at === undefined) throw new RangeError(`no column ${name}`);
  return new Cursor(fd, at, header.rows, TYPES[column.type]);
}

/** Reads one column of a file from its first row to its last, a chunk at a time. */
class Cursor {
  readonly #fd: number;
  readonly #chunk: TypedArray;
  readonly #bytes: Uint8Array;
  #position: number;
  /** Rows that are not in the chunk yet. */
  #left: number;
  #next = 0;
  #filled = 0;

  constructor(fd: number, position: number, rows: number, type: (typeof TYPES)[keyof typeof TYPES]) {
    this.#fd = fd;
    this.#position = position;
    this.#left = rows;
    this.#chunk = new type(Math.min(CHUNK_ROWS, rows));
    this.#bytes = new Uint8Array(this.#chunk.buffer);
  }

  /** The next value; infinity behind the last. */
  next(): number {
    if (this.#next === this.#filled && !this.#fill()) return Number.POSITIVE_INFINITY;
    return this.#chunk[this.#next++] as number;
  }

  #fill(): boolean {
    const rows = Math.min(this.#left, this.#chunk.length);
    if (rows === 0) return false;
    const bytes = rows * this.#chunk.BYTES_PER_ELEMENT;
    for (let read = 0; read < bytes; ) {
      const more = readSync(this.#fd, this.#bytes, read, bytes - read, this.#position + read);
      if (more === 0) throw partsDiffer('a part is shorter than its header says');
      read += more;
    }
    this.#position += bytes;
    this.#left -= rows;
    this.#filled = rows;
    this.#next = 0;
    return true;
  }
}

function partsDiffer(why: string): BenchError {
  return new BenchError({
    code: 'parts-differ',
    message: `the agents' files cannot be merged: ${why}`,
    hint: 'Each agent of a trial delivers its own part, once, in the order of the agents.',
    exitCode: EXIT.usage,
  });
}
