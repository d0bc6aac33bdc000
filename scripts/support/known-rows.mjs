// Column files of rows that are known by their numbers, and the reading back of a merged one against that.
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { columnFileHead, columnOffsets, COLUMNS } from '../../orchestrator/build/load/native/column-layout.js';
import { ABSENT, OUTCOMES } from '../../orchestrator/build/load/native/columns.js';

const CHUNK_ROWS = 64 * 1024;
const TYPES = { f64: Float64Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array };

/** Of one row with all its columns. */
export const ROW_BYTES = COLUMNS.reduce((bytes, { type }) => bytes + TYPES[type].BYTES_PER_ELEMENT, 0);

/** The rows of a load of `rate` a second for so many seconds: request k is sent by agent k mod `agents`. */
export class KnownRows {
  #agents;
  #truth;

  constructor({ agents, rate, seconds, idPrefix }) {
    this.#agents = agents;
    this.#truth = truthOf(rate);
    this.seconds = seconds;
    this.idPrefix = idPrefix;
    this.total = rate * seconds;
  }

  /** How many are those of one agent. */
  countOf(nth) {
    return Math.floor((this.total + this.#agents - 1 - nth) / this.#agents);
  }

  /** One agent's file, which says that its window began at so much of its own clock. */
  async write(path, nth, startedAtUs) {
    const bytes = Readable.from(this.#bytesOf(nth, startedAtUs), { objectMode: false });
    await pipeline(bytes, createGzip({ level: 1 }), createWriteStream(path));
  }

  *#bytesOf(nth, startedAtUs) {
    const header = {
      rows: this.countOf(nth),
      startedAtUs,
      clockDomain: null,
      warmupUs: 0,
      measureUs: this.seconds * 1e6,
      uneven: false,
      idPrefix: this.idPrefix,
      kinds: [{ name: '', part: '' }],
      outcomes: [...OUTCOMES],
      columns: [...COLUMNS],
    };
    const head = columnFileHead(header);
    yield head;
    const { ofColumn } = columnOffsets(header, head.length);
    let at = head.length;
    for (const { name, type } of COLUMNS) {
      if (ofColumn.get(name) > at) yield new Uint8Array(ofColumn.get(name) - at);
      for (let row = 0; row < header.rows; row += CHUNK_ROWS) {
        const chunk = new TYPES[type](Math.min(CHUNK_ROWS, header.rows - row));
        for (let i = 0; i < chunk.length; i++) chunk[i] = this.#truth[name]((row + i) * this.#agents + nth);
        yield new Uint8Array(chunk.buffer);
      }
      at = ofColumn.get(name) + header.rows * TYPES[type].BYTES_PER_ELEMENT;
    }
  }

  /** Reads a merged file from its first byte to its last. @throws at the first value that is not what its number says */
  async check(path) {
    let carry = Buffer.alloc(0);
    let at = 0;
    let layout = null;
    let column = 0;
    let row = 0;
    for await (const piece of createReadStream(path).pipe(createGunzip({ chunkSize: 1 << 18 }))) {
      carry = carry.length === 0 ? piece : Buffer.concat([carry, piece]);
      if (layout === null) {
        const headBytes = 12 + carry.readUInt32LE(8);
        if (carry.length < headBytes) continue;
        const read = JSON.parse(carry.toString('utf8', 12, headBytes));
        if (read.rows !== this.total || read.agents.length !== this.#agents)
          throw new Error(`the head says ${read.rows} rows of ${read.agents.length} agents`);
        layout = columnOffsets(read, headBytes);
        carry = carry.subarray(headBytes);
        at = headBytes;
      }
      for (; column < COLUMNS.length; column++, row = 0) {
        const { name, type } = COLUMNS[column];
        const skip = row === 0 ? layout.ofColumn.get(name) - at : 0;
        if (skip > 0) [carry, at] = [carry.subarray(skip), at + skip];
        const width = TYPES[type].BYTES_PER_ELEMENT;
        const rows = Math.min(this.total - row, Math.floor(carry.length / width));
        // A copy, which is aligned.
        const values = new TYPES[type](new Uint8Array(carry.subarray(0, rows * width)).buffer);
        const truth = this.#truth[name];
        for (let i = 0; i < rows; i++)
          if (values[i] !== truth(row + i))
            throw new Error(`row ${row + i}: ${name} is ${values[i]}, and ${truth(row + i)} is true`);
        carry = carry.subarray(rows * width);
        at += rows * width;
        row += rows;
        if (row < this.total) break;
      }
    }
    if (column !== COLUMNS.length || at !== layout.end) throw new Error(`${at} bytes were read of ${layout?.end}`);
  }
}

/** What is known of each request by its number. */
function truthOf(rate) {
  const latencyUs = (k) => 500 + (Math.imul(k, 0x9e3779b1) >>> 20);
  return {
    intendedUs: (k) => (k * 1e6) / rate,
    sentUs: (k) => Math.imul(k, 0x85ebca6b) >>> 25,
    waitingUs: () => ABSENT,
    connectUs: () => ABSENT,
    firstByteUs: (k) => latencyUs(k) - 100,
    firstFrameUs: () => ABSENT,
    firstTokenUs: () => ABSENT,
    lastByteUs: latencyUs,
    endUs: latencyUs,
    maxGapUs: () => ABSENT,
    bytes: (k) => k % 1009,
    frames: () => 0,
    chunks: () => 1,
    reads: () => 1,
    status: () => 200,
    kind: () => 0,
    outcome: () => OUTCOMES.indexOf('ok'),
    resent: () => 0,
    counter: (k) => k,
  };
}
