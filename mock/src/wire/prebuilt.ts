import { STATUS_CODES } from 'node:http';
import type { Headers } from './headers.js';

/**
 * Stands for the id of the response wherever it appears in a header value; replaced in each response.
 * As long as every id, so that nothing moves.
 */
export const REQUEST_ID_SLOT = 'req_<<<<<<<<<<<<<<<<<<<<<<<<';

const ID_DIGITS = 12;
const HEX = Buffer.from('0123456789abcdef', 'latin1');

let idPrefix = 'req_000000000000';
let idCounter = 0;

/** Gives this process's response ids their own prefix, so that no two workers make the same one. */
export function seedRequestIds(worker: number): void {
  const random = Math.floor(Math.random() * 0x1_0000_0000);
  idPrefix = `req_${(worker & 0xffff).toString(16).padStart(4, '0')}${random.toString(16).padStart(8, '0')}`;
  idCounter = 0;
}

/** The next response id, for a response that is not prebuilt. */
export function nextRequestId(): string {
  return idPrefix + (++idCounter).toString(16).padStart(ID_DIGITS, '0');
}

let dateSecond = 0;
let dateText = '';

/** The Date header's value for now (RFC 9110, 5.6.7), made once a second. */
export function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}

/**
 * The bytes of one response, built once: only the date (once a second) and the response id change, in place.
 * Take the bytes, hand them to a socket, and say with `giveAway()` when the socket still holds on to them.
 */
export class Prebuilt {
  readonly #status: number;
  readonly #headers: Headers;
  readonly #body: Buffer;
  #bytes: Buffer | undefined;
  #date = '';
  #dateAt = 0;
  #idAt = -1;

  /** @param headers all headers but Date, the framing ones included */
  constructor(status: number, headers: Headers, body: Buffer) {
    this.#status = status;
    this.#headers = headers;
    this.#body = body;
  }

  /** The whole response, with the date and an id of its own. Valid until the next call unless given away. */
  next(): Buffer {
    const bytes = this.#bytes ?? this.#build();
    const date = httpDate();
    if (date !== this.#date) {
      this.#date = date;
      bytes.write(date, this.#dateAt, 'latin1');
    }
    if (this.#idAt !== -1) writeCounter(bytes, this.#idAt);
    return bytes;
  }

  /** Says that the bytes last taken are still waiting in a socket, so that they must not be changed any more. */
  giveAway(): void {
    this.#bytes = undefined;
  }

  #build(): Buffer {
    const date = httpDate();
    const start = `HTTP/1.1 ${this.#status} ${STATUS_CODES[this.#status] ?? 'unknown'}\r\nDate: `;
    const lines = this.#headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const head = `${start}${date}\r\n${lines}\r\n`;
    const slot = head.indexOf(REQUEST_ID_SLOT);
    const filled = slot === -1 ? head : head.replace(REQUEST_ID_SLOT, idPrefix + '0'.repeat(ID_DIGITS));
    this.#dateAt = start.length;
    this.#date = date;
    this.#idAt = slot === -1 ? -1 : slot + idPrefix.length;
    this.#bytes = Buffer.concat([Buffer.from(filled, 'latin1'), this.#body]);
    return this.#bytes;
  }
}

function writeCounter(bytes: Buffer, at: number): void {
  let rest = ++idCounter;
  for (let i = at + ID_DIGITS - 1; rest > 0 && i >= at; i--) {
    bytes[i] = HEX[rest % 16] as number;
    rest = Math.floor(rest / 16);
  }
}
