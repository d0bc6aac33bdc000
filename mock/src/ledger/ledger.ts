import { toHostUs } from '../timing/clock.js';
import { ID_BYTES, NO_FAULT, NOT_ENDED, OUTCOMES, type Outcome, RECORD_BYTES } from './layout.js';

const WORDS = RECORD_BYTES / 8;
const COMPLETE = OUTCOMES.indexOf('complete');

/**
 * What one worker saw of each request that carries an id: a ring of fixed records, so memory is constant and the oldest
 * are overwritten. Times are taken where things happen and written in place; nothing is allocated but a small entry.
 */
export class Ledger {
  readonly #capacity: number;
  readonly #worker: number;
  readonly #mark: number;
  readonly #bytes: Uint8Array;
  readonly #floats: Float64Array;
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;
  /** Records ever begun; the record with number n lies at n modulo the capacity. */
  #begun = 0;
  /** Records below this number have been cleared. */
  #cleared = 0;

  /**
   * @param capacity records, 0 to keep none
   * @param mark what tells this process from others in the worker's place
   */
  constructor(capacity: number, worker: number, mark: number) {
    this.#capacity = capacity;
    this.#worker = worker;
    this.#mark = mark;
    const memory = new ArrayBuffer(capacity * RECORD_BYTES);
    this.#bytes = new Uint8Array(memory);
    this.#floats = new Float64Array(memory);
    this.#words = new Uint32Array(memory);
    this.#halves = new Uint16Array(memory);
  }

  /** Records that had to make room for newer ones. */
  get dropped(): number {
    return Math.max(0, this.#begun - this.#cleared - this.#capacity);
  }

  /**
   * Begins a record.
   * @param answer the number of the answer, which stands in its ids
   * @param arrivedMs when the request's first byte came, on the clock of `performance.now()`; undefined when all came just now
   * @param connection which of the worker's connections brought it
   * @param place which provider was asked, and in which phase (`placeOf`)
   */
  begin(
    id: string,
    answer: number,
    arrivedMs: number | undefined,
    connection: number,
    place: number,
  ): LedgerEntry | undefined {
    if (this.#capacity === 0) return undefined;
    const number = this.#begun++;
    const at = (number % this.#capacity) * RECORD_BYTES;
    const nowUs = toHostUs(performance.now());
    for (let i = 0; i < ID_BYTES; i++) this.#bytes[at + i] = i < id.length ? id.charCodeAt(i) : 0;
    const float = at / 8 + 4;
    this.#floats[float] = arrivedMs === undefined ? nowUs : toHostUs(arrivedMs);
    this.#floats[float + 1] = nowUs;
    this.#floats[float + 2] = 0;
    this.#floats[float + 3] = 0;
    this.#words[at / 4 + 16] = 0;
    this.#words[at / 4 + 17] = 0;
    this.#halves[at / 2 + 36] = 0;
    this.#bytes[at + 74] = 0;
    this.#bytes[at + 75] = NO_FAULT;
    this.#halves[at / 2 + 38] = this.#worker;
    this.#words[at / 4 + 20] = connection;
    this.#words[at / 4 + 21] = NOT_ENDED;
    this.#halves[at / 2 + 39] = answer / 0x1_0000_0000;
    this.#words[at / 4 + 22] = answer;
    this.#words[at / 4 + 23] = this.#mark;
    this.#halves[at / 2 + 48] = place;
    return new LedgerEntry(this, number);
  }

  /**
   * Something was sent.
   * @param sentMs when that began, on the clock of `performance.now()`: behind the write the peer may have it already
   */
  sent(number: number, status: number, frames: number, bytes: number, sentMs: number): void {
    const at = this.#place(number);
    if (at === -1) return;
    const sentUs = toHostUs(sentMs);
    const float = at / 8 + 6;
    if (this.#floats[float] === 0) this.#floats[float] = sentUs;
    this.#floats[float + 1] = sentUs;
    this.#words[at / 4 + 16] = (this.#words[at / 4 + 16] as number) + frames;
    this.#words[at / 4 + 17] = (this.#words[at / 4 + 17] as number) + bytes;
    this.#halves[at / 2 + 36] = status;
  }

  /** What was sent has left only now. */
  flushed(number: number): void {
    const at = this.#place(number);
    if (at !== -1) this.#floats[at / 8 + 7] = toHostUs(performance.now());
  }

  /** The exchange is over; what was said first stays. */
  end(number: number, outcome: Outcome, fault = NO_FAULT): void {
    const at = this.#place(number);
    if (at === -1 || this.#bytes[at + 74] !== 0) return;
    this.#bytes[at + 74] = outcome === 'complete' ? COMPLETE : OUTCOMES.indexOf(outcome);
    this.#bytes[at + 75] = fault;
    const float = at / 8;
    const arrivedUs = this.#floats[float + 4] as number;
    const endedUs = outcome === 'complete' ? (this.#floats[float + 7] as number) : toHostUs(performance.now());
    this.#words[at / 4 + 21] = Math.min(Math.max(0, Math.round(endedUs - arrivedUs)), NOT_ENDED - 1);
  }

  /** Forgets all records. */
  clear(): void {
    this.#cleared = this.#begun;
  }

  /** All records, the oldest first. */
  records(): Buffer {
    const from = Math.max(this.#cleared, this.#begun - this.#capacity);
    const records = Buffer.alloc((this.#begun - from) * RECORD_BYTES);
    for (let number = from; number < this.#begun; number++) {
      const at = (number % this.#capacity) * RECORD_BYTES;
      records.set(this.#bytes.subarray(at, at + RECORD_BYTES), (number - from) * RECORD_BYTES);
    }
    return records;
  }

  /** -1 when the record has made room for a newer one. */
  #place(number: number): number {
    if (number < this.#begun - this.#capacity) return -1;
    return (number % this.#capacity) * WORDS * 8;
  }
}

/** The record of one exchange, while it goes on. */
export class LedgerEntry {
  readonly #ledger: Ledger;
  readonly #number: number;

  constructor(ledger: Ledger, number: number) {
    this.#ledger = ledger;
    this.#number = number;
  }

  /**
   * Something was handed to the connection.
   * @param sentMs when that began, on the clock of `performance.now()`
   */
  sent(status: number, frames: number, bytes: number, sentMs: number): void {
    this.#ledger.sent(this.#number, status, frames, bytes, sentMs);
  }

  /** What was handed over before has left. */
  flushed(): void {
    this.#ledger.flushed(this.#number);
  }

  /** The exchange is over. */
  end(outcome: Outcome, fault?: number): void {
    this.#ledger.end(this.#number, outcome, fault);
  }
}
