import { InternedStrings } from './interned.js';
import { isToken, isValue } from './octets.js';

/** The head is not there to its end yet. */
export const INCOMPLETE = -1;
/** The head is for node:http: this scanner does not know it well enough to be sure. */
export const UNUSUAL = -2;

/** Longest head that is looked at here; node:http has its own limit. */
export const MAX_HEAD_BYTES = 8192;

const MAX_HEADERS = 64;
const KEPT_TARGETS = 16;
const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const VERSION = ' HTTP/1.1\r\n';

const values = new InternedStrings((bytes, from, to) => bytes.toString('latin1', from, to));

/** A method and what it is for, kept so that the strings of a request line are made once. */
interface Target {
  readonly line: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
}

const NO_TARGET: Target = { line: '', method: '', path: '', query: '' };

/**
 * A request head (RFC 9112), read where it lies. Takes the plain ones only: GET without a body or POST with one
 * Content-Length, HTTP/1.1, to stay open, nothing negotiated. Everything else, and everything that a smuggled request
 * would need (two lengths, a transfer coding, folded lines, bare line feeds, white space around names), is `UNUSUAL` and
 * left to node:http. One object is reused for many heads; what it says is valid until the next.
 */
export class RequestHead {
  /** Bytes of the body that follows. */
  contentLength = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #target = NO_TARGET;
  readonly #targets: Target[] = [];
  /** Four offsets a header: name from, name to, value from, value to. */
  readonly #spans = new Int32Array(4 * MAX_HEADERS);
  #count = 0;
  #hosts = 0;
  #lengths = 0;

  /** @returns the offset behind the head, `INCOMPLETE` or `UNUSUAL` */
  scan(bytes: Buffer, from: number, to: number): number {
    this.#bytes = bytes;
    this.#count = 0;
    this.#hosts = 0;
    this.#lengths = 0;
    this.contentLength = 0;
    let at = this.#requestLine(from, to);
    while (at >= 0) {
      if (at >= to) return this.#unfinished(from, to);
      if (bytes[at] === CR) {
        if (at + 1 >= to) return this.#unfinished(from, to);
        return bytes[at + 1] === LF && this.#isPlain() && at - from < MAX_HEAD_BYTES ? at + 2 : UNUSUAL;
      }
      at = this.#header(at, to);
    }
    return at === INCOMPLETE ? this.#unfinished(from, to) : UNUSUAL;
  }

  get method(): string {
    return this.#target.method;
  }

  /** The path without its query. */
  get path(): string {
    return this.#target.path;
  }

  /** What follows the `?`. */
  get query(): string {
    return this.#target.query;
  }

  /** A header's value by its lower-case name; of one that is there more than once, all values, as node:http joins them. */
  header(name: string): string | undefined {
    let joined: string | undefined;
    for (let at = 0; at < this.#count; at += 4) {
      if (!this.#isNamed(at, name)) continue;
      const value = values.get(this.#bytes, this.#spans[at + 2] as number, this.#spans[at + 3] as number);
      if (joined === undefined) joined = value;
      else if (!ONCE.has(name)) joined += `${name === 'cookie' ? '; ' : ', '}${value}`;
    }
    return joined;
  }

  #unfinished(from: number, to: number): number {
    return to - from > MAX_HEAD_BYTES ? UNUSUAL : INCOMPLETE;
  }

  #isPlain(): boolean {
    return this.#hosts === 1 && this.#lengths === (this.#target.method === 'POST' ? 1 : 0);
  }

  /** @returns the offset of the first header, or why there is none */
  #requestLine(from: number, to: number): number {
    const bytes = this.#bytes;
    const method = bytes[from] === 0x50 ? 'POST /' : 'GET /';
    for (let i = 0; i < method.length; i++) {
      if (from + i >= to) return INCOMPLETE;
      if (bytes[from + i] !== method.charCodeAt(i)) return UNUSUAL;
    }
    let at = from + method.length;
    // Visible ASCII, and no fragment, which has no place in a request.
    while (at < to && (bytes[at] as number) > SPACE && (bytes[at] as number) < 0x7f && bytes[at] !== 0x23) at++;
    for (let i = 0; i < VERSION.length; i++) {
      if (at + i >= to) return INCOMPLETE;
      if (bytes[at + i] !== VERSION.charCodeAt(i)) return UNUSUAL;
    }
    this.#target = this.#findTarget(from, at);
    return at + VERSION.length;
  }

  /** @returns the offset of the next line, or why there is none */
  #header(from: number, to: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (at < to && isToken[bytes[at] as number] === 1) at++;
    if (at >= to) return INCOMPLETE;
    // An empty name, a name with white space behind it, a folded line.
    if (at === from || bytes[at] !== COLON) return UNUSUAL;
    const nameEnd = at;
    do at++;
    while (at < to && bytes[at] === SPACE);
    const valueStart = at;
    while (at < to && isValue[bytes[at] as number] === 1) at++;
    if (at + 1 >= to) return INCOMPLETE;
    if (bytes[at] !== CR || bytes[at + 1] !== LF || this.#count === 4 * MAX_HEADERS) return UNUSUAL;
    let valueEnd = at;
    while (valueEnd > valueStart && bytes[valueEnd - 1] === SPACE) valueEnd--;
    // A tab there is allowed by the standard, but parsers disagree on it (llhttp refuses it behind a Content-Length).
    if (bytes[valueStart] === TAB || bytes[valueEnd - 1] === TAB) return UNUSUAL;
    const span = this.#count;
    this.#spans[span] = from;
    this.#spans[span + 1] = nameEnd;
    this.#spans[span + 2] = valueStart;
    this.#spans[span + 3] = valueEnd;
    this.#count = span + 4;
    return this.#isHarmless(span, nameEnd - from) ? at + 2 : UNUSUAL;
  }

  /** Looks at the headers that say how a message is framed or a connection is used; their lengths tell them apart. */
  #isHarmless(span: number, nameLength: number): boolean {
    switch (nameLength) {
      case 4:
        if (this.#isNamed(span, 'host')) this.#hosts++;
        return true;
      case 6:
        return !this.#isNamed(span, 'expect');
      case 7:
        return !this.#isNamed(span, 'trailer');
      case 10:
        return !this.#isNamed(span, 'connection') || this.#isValue(span, 'keep-alive') || this.#onlyOffers(span);
      case 14:
        return !this.#isNamed(span, 'content-length') || this.#readLength(span);
      case 16:
        return !this.#isNamed(span, 'proxy-connection') && !this.#isNamed(span, 'content-encoding');
      case 17:
        return !this.#isNamed(span, 'transfer-encoding');
      default:
        return true;
    }
  }

  /**
   * True for a connection that is to stay open and offers another protocol. An offer may be ignored (RFC 9110, 7.8), and is: of a
   * Java client every first request has one. node:http would lose what is pipelined behind it.
   */
  #onlyOffers(span: number): boolean {
    const value = this.#bytes.toString('latin1', this.#spans[span + 2], this.#spans[span + 3]);
    return value.split(',').every((option) => OFFERS.has(option.trim().toLowerCase()));
  }

  /** Digits and nothing else, few enough to be exact. */
  #readLength(span: number): boolean {
    const [start, end] = [this.#spans[span + 2] as number, this.#spans[span + 3] as number];
    if (start === end || end - start > 12 || this.#lengths++ > 0) return false;
    let length = 0;
    for (let i = start; i < end; i++) {
      const digit = (this.#bytes[i] as number) - 0x30;
      if (digit < 0 || digit > 9) return false;
      length = length * 10 + digit;
    }
    this.contentLength = length;
    return true;
  }

  #isNamed(span: number, name: string): boolean {
    return this.#equals(this.#spans[span] as number, this.#spans[span + 1] as number, name);
  }

  #isValue(span: number, text: string): boolean {
    return this.#equals(this.#spans[span + 2] as number, this.#spans[span + 3] as number, text);
  }

  /** Compares with a lower-case text of letters and hyphens; setting bit 5 folds the case and leaves a hyphen alone. */
  #equals(start: number, end: number, text: string): boolean {
    if (end - start !== text.length) return false;
    for (let i = 0; i < text.length; i++) {
      if (((this.#bytes[start + i] as number) | 0x20) !== text.charCodeAt(i)) return false;
    }
    return true;
  }

  #findTarget(from: number, to: number): Target {
    for (const target of this.#targets) {
      if (this.#isLine(from, to, target.line)) return target;
    }
    const line = this.#bytes.toString('latin1', from, to);
    const space = line.indexOf(' ');
    const question = line.indexOf('?');
    const target: Target = {
      line,
      method: line.slice(0, space),
      path: line.slice(space + 1, question === -1 ? undefined : question),
      query: question === -1 ? '' : line.slice(question + 1),
    };
    if (this.#targets.length >= KEPT_TARGETS) this.#targets.shift();
    this.#targets.push(target);
    return target;
  }

  #isLine(from: number, to: number, line: string): boolean {
    if (to - from !== line.length) return false;
    // From the back, where request lines differ first.
    for (let i = line.length - 1; i >= 0; i--) {
      if (this.#bytes[from + i] !== line.charCodeAt(i)) return false;
    }
    return true;
  }
}

/** Options of a connection that leave it open; what they name is not for this server. */
const OFFERS: ReadonlySet<string> = new Set(['keep-alive', 'upgrade', 'http2-settings']);

/** Headers of which node:http takes the first and drops the others. */
const ONCE: ReadonlySet<string> = new Set(['authorization', 'content-type', 'etag', 'from', 'referer', 'user-agent']);
