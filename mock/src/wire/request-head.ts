import { LastText } from './last-text.js';

/**
 * Reads the head of an HTTP/1.1 request (RFC 9112) where it lies, for the plain requests that make up a load.
 * Strict: whatever is not beyond doubt is `'unusual'` and belongs to node:http, which knows the whole protocol and refuses
 * what must be refused (two lengths, folded lines, bare line feeds, …). So there is one judge of odd framing, and it is not this one.
 */

/** Heads longer than this are node:http's; its own bound is 16 KiB. */
const MAX_HEAD_BYTES = 8192;
const MAX_HEADERS = 64;

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const QUESTION = 0x3f;

/** 1 for the bytes of a header's name: RFC 9110, 5.6.2 (tchar). */
const NAME = table((byte) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)));
/** 1 for the bytes of a header's value: visible, space, tab, and those above ASCII (RFC 9110, 5.5). */
const VALUE = table((byte) => (byte >= SPACE && byte !== 0x7f) || byte === TAB);
/** 1 for the bytes of a request target that need no second look. */
const TARGET = table((byte) => byte > SPACE && byte < 0x7f && byte !== 0x23);
/** Lower case of ASCII letters, every other byte as it is. */
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

const POST = Buffer.from('POST ');
const GET = Buffer.from('GET ');
const VERSION = Buffer.from(' HTTP/1.1\r\n');
const HOST = Buffer.from('host');
const CONNECTION = Buffer.from('connection');
const KEEP_ALIVE = Buffer.from('keep-alive');
const CONTENT_LENGTH = Buffer.from('content-length');
/** Headers that change how a message is framed or answered. */
const FRAMING = ['transfer-encoding', 'expect', 'upgrade', 'trailer'].map((name) => Buffer.from(name));
/** Of these node:http takes the first where a header is repeated; of all others it joins the values. */
const SINGLE = new Set(['authorization', 'content-type', 'user-agent', 'host', 'content-length', 'from', 'referer']);

const LAST_PATH = new LastText();
/** The last value of each header that was ever asked for; the service asks for a handful. */
const LAST_VALUES = new Map<string, LastText>();

/** What a look at the bytes said. */
export type HeadResult = 'plain' | 'incomplete' | 'unusual';

/** The head of a request. One object is reused for all requests of a connection. */
export class RequestHead {
  method: 'GET' | 'POST' = 'GET';
  /** Bytes of the body. */
  contentLength = 0;
  /** Offset of the first byte behind the head. */
  end = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #pathFrom = 0;
  #pathTo = 0;
  #targetTo = 0;
  /** Four offsets a header: name from, name to, value from, value to. */
  readonly #spans = new Int32Array(MAX_HEADERS * 4);
  #headers = 0;

  /** Reads the head that begins at an offset. Only after `'plain'` do the members hold anything. */
  read(bytes: Buffer, from: number): HeadResult {
    this.#bytes = bytes;
    const targetFrom = this.#readMethod(bytes, from);
    if (targetFrom === -1) return bytes.length - from < POST.length ? 'incomplete' : 'unusual';
    const headersFrom = this.#readTarget(bytes, targetFrom);
    if (headersFrom < 0) return headersFrom === INCOMPLETE ? tooLong(bytes, from) : 'unusual';
    return this.#readHeaders(bytes, headersFrom, from);
  }

  /** The path as it stands in the request line, without its query. */
  get path(): string {
    return LAST_PATH.read(this.#bytes, this.#pathFrom, this.#pathTo);
  }

  /** What follows the `?`, empty when there is none. */
  get query(): string {
    return this.#pathTo === this.#targetTo ? '' : this.#bytes.toString('latin1', this.#pathTo + 1, this.#targetTo);
  }

  /** A header's value by its lower-case name, as node:http gives it. */
  header(name: string): string | undefined {
    let found: string | undefined;
    for (let at = 0; at < this.#headers * 4; at += 4) {
      const from = this.#spans[at] as number;
      if ((this.#spans[at + 1] as number) - from !== name.length || !this.#isNamed(from, name)) continue;
      const value = valueOf(name).read(this.#bytes, this.#spans[at + 2] as number, this.#spans[at + 3] as number);
      if (SINGLE.has(name)) return value;
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  #readMethod(bytes: Buffer, from: number): number {
    if (startsWith(bytes, from, POST)) {
      this.method = 'POST';
      return from + POST.length;
    }
    if (!startsWith(bytes, from, GET)) return -1;
    this.method = 'GET';
    return from + GET.length;
  }

  /** The offset of the first header line, or a negative reason. */
  #readTarget(bytes: Buffer, from: number): number {
    if (bytes[from] !== 0x2f) return from >= bytes.length ? INCOMPLETE : UNUSUAL;
    let at = from;
    let question = -1;
    while (at < bytes.length && TARGET[bytes[at] as number] === 1) {
      if (bytes[at] === QUESTION && question === -1) question = at;
      at++;
    }
    if (at + VERSION.length > bytes.length) return INCOMPLETE;
    if (!startsWith(bytes, at, VERSION)) return UNUSUAL;
    this.#pathFrom = from;
    this.#targetTo = at;
    this.#pathTo = question === -1 ? at : question;
    return at + VERSION.length;
  }

  #readHeaders(bytes: Buffer, from: number, headFrom: number): HeadResult {
    let at = from;
    let hosts = 0;
    let lengths = 0;
    this.#headers = 0;
    this.contentLength = 0;
    for (;;) {
      if (at + 1 >= bytes.length) return tooLong(bytes, headFrom);
      if (bytes[at] === CR) {
        if (bytes[at + 1] !== LF) return 'unusual';
        break;
      }
      const nameFrom = at;
      while (at < bytes.length && NAME[bytes[at] as number] === 1) at++;
      if (at >= bytes.length) return tooLong(bytes, headFrom);
      const nameTo = at;
      if (bytes[at] !== COLON || nameTo === nameFrom) return 'unusual';
      at++;
      while (at < bytes.length && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
      const valueFrom = at;
      while (at < bytes.length && VALUE[bytes[at] as number] === 1) at++;
      if (at + 1 >= bytes.length) return tooLong(bytes, headFrom);
      if (bytes[at] !== CR || bytes[at + 1] !== LF || this.#headers === MAX_HEADERS) return 'unusual';
      let valueTo = at;
      while (valueTo > valueFrom && (bytes[valueTo - 1] === SPACE || bytes[valueTo - 1] === TAB)) valueTo--;
      at += 2;
      this.#keep(nameFrom, nameTo, valueFrom, valueTo);

      if (isWord(bytes, nameFrom, nameTo, HOST)) hosts++;
      else if (isWord(bytes, nameFrom, nameTo, CONTENT_LENGTH)) {
        lengths++;
        this.contentLength = readLength(bytes, valueFrom, valueTo);
        if (this.contentLength === -1) return 'unusual';
      } else if (isWord(bytes, nameFrom, nameTo, CONNECTION)) {
        if (!isWord(bytes, valueFrom, valueTo, KEEP_ALIVE)) return 'unusual';
      } else if (isFraming(bytes, nameFrom, nameTo)) return 'unusual';
    }
    this.end = at + 2;
    // A POST without a length has no body by the letter, and is more often a mistake: node:http says what it is.
    const plain = hosts === 1 && lengths <= 1 && (this.method === 'GET' || lengths === 1);
    return plain ? 'plain' : 'unusual';
  }

  #keep(nameFrom: number, nameTo: number, valueFrom: number, valueTo: number): void {
    const at = this.#headers++ * 4;
    this.#spans[at] = nameFrom;
    this.#spans[at + 1] = nameTo;
    this.#spans[at + 2] = valueFrom;
    this.#spans[at + 3] = valueTo;
  }

  #isNamed(from: number, name: string): boolean {
    for (let i = 0; i < name.length; i++) {
      if (LOWER[this.#bytes[from + i] as number] !== name.charCodeAt(i)) return false;
    }
    return true;
  }
}

const INCOMPLETE = -1;
const UNUSUAL = -2;

function valueOf(name: string): LastText {
  let last = LAST_VALUES.get(name);
  if (last === undefined) LAST_VALUES.set(name, (last = new LastText()));
  return last;
}

function tooLong(bytes: Buffer, from: number): HeadResult {
  return bytes.length - from > MAX_HEAD_BYTES ? 'unusual' : 'incomplete';
}

function isFraming(bytes: Buffer, from: number, to: number): boolean {
  for (const name of FRAMING) if (isWord(bytes, from, to, name)) return true;
  return false;
}

/** Digits alone; a sign, a list or more digits than any body has are node:http's. */
function readLength(bytes: Buffer, from: number, to: number): number {
  if (to === from || to - from > 12) return -1;
  let length = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length;
}

function startsWith(bytes: Buffer, from: number, word: Buffer): boolean {
  if (from + word.length > bytes.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false;
  return true;
}

/** Whether the bytes are this lower-case word, whatever their case. */
function isWord(bytes: Buffer, from: number, to: number, word: Buffer): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (LOWER[bytes[from + i] as number] !== word[i]) return false;
  return true;
}

function table(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => Number(holds(byte)));
}
