import { Buffer } from 'node:buffer';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { BenchError, EXIT } from '../../errors.js';
import { streamInto } from '../../stream-into.js';
import {
  type ColumnFileHeader,
  columnFileHead,
  columnOffsets,
  HEAD_BYTES,
  type HeaderAt,
  headerLengthIn,
  readHeader,
  unreadable,
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
 * @returns the header of what was written, and how many of its rows each part had
 * @throws BenchError `parts-differ` where they are not parts of one trial, `columns-unreadable` where one is no file of requests
 */
export async function mergeColumnFiles(parts: readonly string[], target: string): Promise<MergedFile> {
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
      unpacked.push({ name: basename(path), fd, ...readHeaderOf(fd, basename(path)) });
    }
    const header = commonHeader(unpacked);
    const order = join(room, 'order');
    await streamInto(order, Readable.from(orderOf(unpacked, header)));
    const orderFd = openSync(order, 'r');
    const merged = join(room, 'merged');
    open.push(orderFd);
    const bytes = mergedBytes(unpacked, header, orderFd);
    const source = Readable.from(bytes, { objectMode: false, highWaterMark: 1 << 18 });
    await streamInto(merged, source, createGzip({ level: 1 }));
    await rename(merged, target);
    return { header, rowsOf: unpacked.map((part) => part.header.rows) };
  } finally {
    for (const fd of open) closeSync(fd);
    await rm(room, { recursive: true, force: true });
  }
}

/** What was written. */
export interface MergedFile {
  readonly header: ColumnFileHeader;
  readonly rowsOf: readonly number[];
}

/** One agent's file, unpacked. */
interface Part extends HeaderAt {
  readonly name: string;
  readonly fd: number;
}

async function unpack(path: string, plain: string): Promise<void> {
  try {
    await streamInto(plain, createReadStream(path), createGunzip());
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

function readHeaderOf(fd: number, name: string): HeaderAt {
  const size = fstatSync(fd).size;
  try {
    const head = Buffer.alloc(Math.min(HEAD_BYTES, size));
    readSync(fd, head, 0, head.length, 0);
    const length = headerLengthIn(head);
    // Before room is made for whatever a spoilt file says.
    if (HEAD_BYTES + length > size) throw unreadable(`its header of ${length} bytes is longer than itself`);
    const bytes = Buffer.alloc(length);
    readSync(fd, bytes, 0, bytes.length, HEAD_BYTES);
    const read = readHeader(bytes);
    const { end } = columnOffsets(read.header, read.columnsAt);
    if (size !== end) throw unreadable(`${read.header.rows} rows do not fit its ${size} bytes`);
    return read;
  } catch (thrown) {
    if (!(thrown instanceof BenchError)) throw thrown;
    const { code, message, exitCode } = thrown;
    throw new BenchError({ code, message: `${name}: ${message}`, exitCode, cause: thrown });
  }
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
  const taken = parts.map(() => 0);
  const nextOf = (nth: number): number => {
    const counter = (counters[nth] as Cursor).next();
    if (counter !== Number.POSITIVE_INFINITY) checkCounter(parts, nth, counter, taken[nth] as number);
    taken[nth] = (taken[nth] as number) + 1;
    return counter;
  };
  const heads = new EarliestFirst(due.map((cursor, nth): Head => ({ nth, due: cursor.next(), counter: nextOf(nth) })));
  let chunk = new Uint8Array(CHUNK_ROWS);
  let filled = 0;
  for (let row = 0; row < rows; row++) {
    const head = heads.first;
    chunk[filled++] = head.nth;
    const before = head.due;
    head.due = (due[head.nth] as Cursor).next();
    head.counter = nextOf(head.nth);
    if (head.due < before) throw partsDiffer(`the rows of ${(parts[head.nth] as Part).name} are not in order`);
    heads.firstChanged();
    if (filled < CHUNK_ROWS) continue;
    yield chunk;
    chunk = new Uint8Array(CHUNK_ROWS);
    filled = 0;
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/** The next row of an agent's part: when it is due, and its counter. */
interface Head {
  readonly nth: number;
  due: number;
  counter: number;
}

/** The heads of all parts, the earliest first: a binary heap, of which only the first ever changes. */
class EarliestFirst {
  readonly #heap: Head[];

  constructor(heads: readonly Head[]) {
    this.#heap = [...heads];
    for (let at = this.#heap.length >> 1; at >= 0; at--) this.#sink(at);
  }

  get first(): Head {
    return this.#heap[0] as Head;
  }

  firstChanged(): void {
    this.#sink(0);
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const head = heap[from] as Head;
    let at = from;
    for (let below = 2 * at + 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && isEarlier(heap[below + 1] as Head, heap[below] as Head)) below += 1;
      const next = heap[below] as Head;
      if (!isEarlier(next, head)) break;
      heap[at] = next;
      at = below;
    }
    heap[at] = head;
  }
}

function isEarlier(one: Head, other: Head): boolean {
  return one.due < other.due || (one.due === other.due && one.counter < other.counter);
}

/** Of N agents the n-th has the requests n, n + N, n + 2 N and so on, each once and none left out. */
function checkCounter(parts: readonly Part[], nth: number, counter: number, row: number): void {
  const due = row * parts.length + nth;
  if (counter === due) return;
  const { name } = parts[nth] as Part;
  const owner = counter % parts.length;
  throw partsDiffer(
    owner === nth
      ? `${name} holds request ${counter} where ${due} belongs: rows are missing, twice there, or not in order`
      : `${name} holds request ${counter}, which of ${parts.length} agents is number ${owner}'s and not ${nth}'s`,
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
