/** Receives the events of a stream. The bytes are only valid during the call. */
export interface SseSink {
  /** One event that has data: its data (lines joined by LF) and its type, `''` when it names none. */
  onEvent(bytes: Uint8Array, start: number, end: number, type: string): void;
}

const CR = 13;
const LF = 10;
const COLON = 58;
const SPACE = 32;
const UTF8_BOM = [0xef, 0xbb, 0xbf];

/**
 * Reads server-sent events (WHATWG HTML, section 9.2.6) from bytes, however they are split: lines end in LF, CRLF or CR, comments
 * and unknown fields are skipped, an event without data is none. An event that lies whole in one read is handed on where it lies,
 * without a copy; only what a read cuts in two is put together.
 */
export class SseReader {
  readonly #sink: SseSink;
  // The beginning of a line whose end has not come.
  readonly #carry = new GrowingBytes();
  // The data of the current event: where it lies in the bytes at hand, or put together here.
  readonly #data = new GrowingBytes();
  #source: Uint8Array | null = null;
  #dataStart = 0;
  #dataEnd = 0;
  #hasData = false;
  #type = '';
  #skipLf = false;
  #bom = 0;
  #comments = 0;

  constructor(sink: SseSink) {
    this.#sink = sink;
  }

  /** Makes ready for another stream. */
  reset(): void {
    this.#carry.length = 0;
    this.#clearEvent();
    this.#skipLf = false;
    this.#bom = 0;
    this.#comments = 0;
  }

  /** Whether an event has begun and not ended: a stream that ends here was cut. */
  get partial(): boolean {
    return this.#carry.length > 0 || this.#hasData || this.#type !== '';
  }

  /** What has come of an event that has not ended, as text: its data, else the beginning of its line; `''` when there is none. */
  get pending(): string {
    const text = ({ bytes, length }: GrowingBytes): string => textOf(bytes, 0, length);
    return this.#hasData
      ? `data: ${text(this.#data)}`
      : text(this.#carry) || (this.#type === '' ? '' : `event: ${this.#type}`);
  }

  /** Comment lines seen, such as the signs of life that some gateways send. */
  get comments(): number {
    return this.#comments;
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    let at = this.#bom < 3 ? this.#skipBom(bytes, start, end) : start;
    while (at < end) {
      if (this.#skipLf) {
        this.#skipLf = false;
        if (bytes[at] === LF) {
          at += 1;
          continue;
        }
      }
      const stop = lineEnd(bytes, at, end);
      if (stop === end) {
        this.#carry.append(bytes, at, end);
        break;
      }
      this.#skipLf = bytes[stop] === CR;
      this.#endLine(bytes, at, stop);
      at = stop + 1;
    }
    this.#keepData();
  }

  #endLine(bytes: Uint8Array, start: number, stop: number): void {
    if (this.#carry.length === 0) return this.#line(bytes, start, stop);
    this.#carry.append(bytes, start, stop);
    const length = this.#carry.length;
    this.#carry.length = 0;
    this.#line(this.#carry.bytes, 0, length);
    // The next cut line overwrites these bytes, perhaps before the event ends.
    if (this.#source === this.#carry.bytes) this.#keepData();
  }

  #line(bytes: Uint8Array, start: number, stop: number): void {
    if (start === stop) return this.#dispatch();
    const first = bytes[start] as number;
    if (first === COLON) {
      this.#comments += 1;
      return;
    }
    // `data`, by far the most frequent field, is told by its letters; everything else by its name as text.
    if (first === 100 && isDataField(bytes, start, stop))
      return this.#dataLine(bytes, valueStart(bytes, start + 4, stop), stop);
    const colon = colonIn(bytes, start, stop);
    if (textOf(bytes, start, colon) === 'event') this.#type = textOf(bytes, valueStart(bytes, colon, stop), stop);
  }

  #dataLine(bytes: Uint8Array, start: number, stop: number): void {
    if (!this.#hasData) {
      this.#hasData = true;
      this.#source = bytes;
      this.#dataStart = start;
      this.#dataEnd = stop;
      return;
    }
    this.#keepData();
    this.#data.append(LINE_FEED, 0, 1);
    this.#data.append(bytes, start, stop);
  }

  #dispatch(): void {
    if (this.#hasData) {
      if (this.#source === null) this.#sink.onEvent(this.#data.bytes, 0, this.#data.length, this.#type);
      else this.#sink.onEvent(this.#source, this.#dataStart, this.#dataEnd, this.#type);
    }
    this.#clearEvent();
  }

  /** Copies data that lies in borrowed bytes, because those are about to be used for something else. */
  #keepData(): void {
    if (this.#source === null) return;
    this.#data.length = 0;
    this.#data.append(this.#source, this.#dataStart, this.#dataEnd);
    this.#source = null;
  }

  #clearEvent(): void {
    this.#hasData = false;
    this.#source = null;
    this.#data.length = 0;
    this.#type = '';
  }

  /** One byte order mark may stand before everything; a part of one belongs to the first line. */
  #skipBom(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#bom < 3) {
      if (bytes[at] !== UTF8_BOM[this.#bom]) {
        this.#carry.append(Uint8Array.from(UTF8_BOM), 0, this.#bom);
        this.#bom = 3;
        return at;
      }
      this.#bom += 1;
      at += 1;
    }
    return at;
  }
}

/** Bytes put together from several reads; never shrinks, so a connection allocates a few times in its life. */
class GrowingBytes {
  bytes = new Uint8Array(512);
  length = 0;

  append(source: Uint8Array, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(source.subarray(start, end), this.length);
    this.length = needed;
  }
}

const LINE_FEED = Uint8Array.of(LF);

/** Where the line ends, or `end`. A plain loop: `indexOf` would search stale bytes behind `end`, and a view of the rest would be an allocation. */
function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === LF || byte === CR) return at;
  }
  return end;
}

function colonIn(bytes: Uint8Array, start: number, stop: number): number {
  let at = start;
  while (at < stop && bytes[at] !== COLON) at++;
  return at;
}

function isDataField(bytes: Uint8Array, start: number, stop: number): boolean {
  return (
    stop - start >= 4 &&
    bytes[start + 1] === 97 &&
    bytes[start + 2] === 116 &&
    bytes[start + 3] === 97 &&
    (stop - start === 4 || bytes[start + 4] === COLON)
  );
}

/** Behind the colon, and behind one space. */
function valueStart(bytes: Uint8Array, colon: number, stop: number): number {
  if (colon >= stop) return stop;
  return colon + 1 < stop && bytes[colon + 1] === SPACE ? colon + 2 : colon + 1;
}

function textOf(bytes: Uint8Array, start: number, stop: number): string {
  return utf8.decode(bytes.subarray(start, stop));
}

const utf8 = new TextDecoder();
