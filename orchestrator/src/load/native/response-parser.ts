import { digit, hexDigit, isBlank, isToken, sameName, startsWith } from './line-bytes.js';

/** Receives an answer as it is parsed. The bytes are only valid during the call. */
export interface ResponseSink {
  onHead(status: number): void;
  onBody(bytes: Uint8Array, start: number, end: number): void;
}

/** Where a {@link ResponseParser} stands. */
export type ParserState = 'idle' | 'partial' | 'complete' | 'failed';

/** Longest line and longest head (or trailer) that is read; what is longer is no answer of an API. */
const MAX_LINE = 16 * 1024;
const MAX_HEAD = 64 * 1024;

const CR = 13;
const LF = 10;

// What the next byte belongs to.
const STATUS_LINE = 0;
const HEADER_LINE = 1;
const BODY_LENGTH = 2;
const BODY_UNTIL_CLOSE = 3;
const CHUNK_SIZE = 4;
const CHUNK_DATA = 5;
const CHUNK_END = 6;
const TRAILER_LINE = 7;
const DONE = 8;
const FAILED = 9;

/**
 * Reads one HTTP/1.1 answer after another from the bytes of a connection (RFC 9112), however they are split, and strictly: where
 * two readers could disagree about where an answer ends, it fails instead of guessing. Lines end in CRLF, lengths are plain digits,
 * a length beside chunked coding and two different lengths are refused, as is any coding the driver did not ask for.
 */
export class ResponseParser {
  readonly #sink: ResponseSink;
  readonly #line = new Uint8Array(MAX_LINE);
  #lineLength = 0;
  #afterCr = false;
  #headLength = 0;
  #state = STATUS_LINE;
  #status = 0;
  #remaining = 0;
  #contentLength = -1;
  #chunked = false;
  /** Of the status line: an HTTP/1.0 server keeps a connection only when it says so, and knows no transfer coding. */
  #minor = 1;
  /** Whether the answer asks to keep the connection, and to close it; a wish to close is final. */
  #keeps = false;
  #closes = false;
  #chunks = 0;
  #problem = '';

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** Makes ready for the next answer. */
  reset(): void {
    this.#lineLength = 0;
    this.#afterCr = false;
    this.#headLength = 0;
    this.#state = STATUS_LINE;
    this.#chunks = 0;
    this.#problem = '';
    this.#startHead();
  }

  get state(): ParserState {
    if (this.#state === DONE) return 'complete';
    if (this.#state === FAILED) return 'failed';
    return this.#headLength === 0 ? 'idle' : 'partial';
  }

  /** What was wrong, when the state is `failed`. */
  get problem(): string {
    return this.#problem;
  }

  /** Whether another request may be sent on the connection after this answer. */
  get keepAlive(): boolean {
    return !this.#closes && (this.#minor === 1 || this.#keeps);
  }

  /** HTTP chunks with data seen so far in this answer. */
  get chunks(): number {
    return this.#chunks;
  }

  /** Takes bytes until the answer is complete or failed; returns where it stopped, `end` when it wants more. */
  push(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#state < DONE) {
      switch (this.#state) {
        case BODY_LENGTH:
        case CHUNK_DATA: {
          const stop = Math.min(end, at + this.#remaining);
          this.#remaining -= stop - at;
          this.#sink.onBody(bytes, at, stop);
          at = stop;
          if (this.#remaining === 0) this.#state = this.#state === CHUNK_DATA ? CHUNK_END : DONE;
          break;
        }
        case BODY_UNTIL_CLOSE:
          this.#sink.onBody(bytes, at, end);
          at = end;
          break;
        default:
          at = this.#takeLine(bytes, at, end);
      }
    }
    return at;
  }

  /** The peer ended the connection. Only a body that runs until the close is complete now. */
  finish(): ParserState {
    if (this.#state === BODY_UNTIL_CLOSE) this.#state = DONE;
    return this.state;
  }

  /** Collects a line byte by byte (so that a split changes nothing) and hands it on without its CRLF. */
  #takeLine(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (this.#afterCr) {
        if (byte !== LF) return this.#fail('a carriage return inside a line', at);
        this.#afterCr = false;
        this.#endLine();
        this.#lineLength = 0;
        return at + 1;
      }
      if (byte === LF) return this.#fail('a line that ends without a carriage return', at);
      this.#headLength += 1;
      if (byte === CR) this.#afterCr = true;
      else if (this.#lineLength === MAX_LINE || this.#headLength > MAX_HEAD) return this.#fail('too long a head', at);
      else this.#line[this.#lineLength++] = byte;
    }
    return end;
  }

  #endLine(): void {
    switch (this.#state) {
      case STATUS_LINE:
        return this.#endStatusLine();
      case HEADER_LINE:
        return this.#lineLength === 0 ? this.#endHead() : this.#endHeader();
      case CHUNK_SIZE:
        return this.#endChunkSize();
      case CHUNK_END:
        if (this.#lineLength > 0) this.#fail('a chunk longer than its size', 0);
        else this.#state = CHUNK_SIZE;
        return;
      default:
        // Trailers are read and dropped: nothing the driver measures stands in them.
        if (this.#lineLength === 0) this.#state = DONE;
    }
  }

  /** `HTTP/1.1 200 OK`; the reason may be empty. */
  #endStatusLine(): void {
    const line = this.#line;
    const status = digit(line[9]) * 100 + digit(line[10]) * 10 + digit(line[11]);
    const minor = digit(line[7]);
    const afterStatus = this.#lineLength === 12 || line[12] === 32;
    if (this.#lineLength < 12 || !startsWith(line, 'HTTP/1.') || minor > 1 || line[8] !== 32 || !afterStatus) {
      this.#fail('no HTTP/1.1 status line', 0);
    } else if (!(status >= 100 && status <= 599)) {
      this.#fail('a status that is no HTTP status', 0);
    } else {
      this.#status = status;
      this.#minor = minor;
      this.#state = HEADER_LINE;
    }
  }

  #endHeader(): void {
    const line = this.#line;
    const length = this.#lineLength;
    let colon = 0;
    while (colon < length && isToken(line[colon] as number)) colon++;
    if (colon === 0 || colon === length || line[colon] !== 58) return void this.#fail('a malformed header line', 0);
    // Only these names matter; their lengths differ from nearly every other header's, which makes the test cheap.
    if (colon === 14 && sameName(line, 'content-length')) this.#onContentLength(colon + 1);
    else if (colon === 17 && sameName(line, 'transfer-encoding')) this.#onTransferEncoding(this.#value(colon + 1));
    else if (colon === 10 && sameName(line, 'connection')) this.#onConnection(this.#value(colon + 1));
    else if (colon === 16 && sameName(line, 'content-encoding')) this.#onContentEncoding(this.#value(colon + 1));
  }

  #onContentLength(start: number): void {
    let at = start;
    let stop = this.#lineLength;
    while (at < stop && isBlank(this.#line[at])) at++;
    while (stop > at && isBlank(this.#line[stop - 1])) stop--;
    let value = stop > at && stop - at <= 15 ? 0 : Number.NaN;
    for (; at < stop; at++) value = value * 10 + digit(this.#line[at]);
    if (Number.isNaN(value)) this.#fail('a content length that is no number', 0);
    else if (this.#contentLength >= 0 && this.#contentLength !== value) this.#fail('two different content lengths', 0);
    else this.#contentLength = value;
  }

  #onTransferEncoding(value: string): void {
    if (this.#minor === 0) this.#fail('a transfer coding in an HTTP/1.0 answer', 0);
    else if (value !== 'chunked' || this.#chunked) this.#fail('a transfer coding other than chunked', 0);
    else this.#chunked = true;
  }

  /** Bytes of a coding are no text: read as such they would be a malformed answer, and whose fault that is would be lost. */
  #onContentEncoding(value: string): void {
    if (value !== '' && value !== 'identity') this.#fail(`an answer encoded with ${value}, which was not asked for`, 0);
  }

  /** `close` wins, wherever it stands among the options (RFC 9112, section 9.3). */
  #onConnection(value: string): void {
    const options = value.split(',').map((option) => option.trim());
    this.#closes ||= options.includes('close');
    this.#keeps ||= options.includes('keep-alive');
  }

  /** The length of the body by the rules of RFC 9112, section 6.3. */
  #endHead(): void {
    if (this.#status === 101) return void this.#fail('a switch of protocols that was not asked for', 0);
    if (this.#status < 200) {
      this.#state = STATUS_LINE;
      return this.#startHead();
    }
    if (this.#chunked && this.#contentLength >= 0) return void this.#fail('a content length beside chunked coding', 0);
    this.#sink.onHead(this.#status);
    if (this.#status === 204 || this.#status === 304) this.#state = DONE;
    else if (this.#chunked) this.#state = CHUNK_SIZE;
    else if (this.#contentLength >= 0) {
      this.#remaining = this.#contentLength;
      this.#state = this.#remaining === 0 ? DONE : BODY_LENGTH;
    } else {
      this.#closes = true;
      this.#state = BODY_UNTIL_CLOSE;
    }
  }

  /** Hexadecimal digits, then optional extensions that mean nothing here. */
  #endChunkSize(): void {
    let size = 0;
    let at = 0;
    for (; at < this.#lineLength; at++) {
      const value = hexDigit(this.#line[at] as number);
      if (value < 0) break;
      size = size * 16 + value;
    }
    const extended = at < this.#lineLength;
    if (at === 0 || at > 12 || (extended && this.#line[at] !== 59 && !isBlank(this.#line[at])))
      return void this.#fail('a chunk size that is no hexadecimal number', 0);
    this.#headLength = 1;
    if (size === 0) {
      this.#state = TRAILER_LINE;
    } else {
      this.#chunks += 1;
      this.#remaining = size;
      this.#state = CHUNK_DATA;
    }
  }

  #startHead(): void {
    this.#contentLength = -1;
    this.#chunked = false;
    this.#minor = 1;
    this.#keeps = false;
    this.#closes = false;
  }

  #value(start: number): string {
    let text = '';
    for (let at = start; at < this.#lineLength; at++) text += String.fromCharCode(this.#line[at] as number);
    return text.trim().toLowerCase();
  }

  #fail(problem: string, at: number): number {
    this.#state = FAILED;
    this.#problem = problem;
    this.#closes = true;
    return at;
  }
}
