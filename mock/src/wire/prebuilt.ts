import { STATUS_CODES } from 'node:http';
import { fillSlots, slotsIn } from './answer-id.js';
import type { Headers } from './headers.js';
import { AHEAD_SLOT, aheadText, TOOK_SLOT, tookText, type Stamp } from './stamp.js';

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
 * The bytes of one response, built once: only the date (once a second), what lies ahead of it, the time that the answer took and its
 * ids change, in place.
 */
export class Prebuilt {
  readonly #status: number;
  readonly #headers: Headers;
  readonly #body: Buffer;
  #bytes: Buffer | undefined;
  #date = '';
  #dateAt = 0;
  #aheadAt: readonly number[] = [];
  #tookAt = -1;
  #tookMs = Number.NaN;
  #slots: readonly number[] = [];
  /** Whose ids stand in the slots. */
  #number: number | undefined;

  /** @param headers all headers but Date, the framing ones included */
  constructor(status: number, headers: Headers, body: Buffer) {
    this.#status = status;
    this.#headers = headers;
    this.#body = body;
  }

  /**
   * The whole response, with the date and what it says of one answer. Valid until the next call, so what a socket is to keep must be
   * copied.
   */
  next({ answer, tookMs }: Stamp): Buffer {
    const bytes = this.#bytes ?? this.#build();
    const date = httpDate();
    if (date !== this.#date) {
      this.#date = date;
      bytes.write(date, this.#dateAt, 'latin1');
      for (const at of this.#aheadAt) bytes.write(aheadText(dateSecond), at, 'latin1');
    }
    if (tookMs !== this.#tookMs && this.#tookAt !== -1) {
      this.#tookMs = tookMs;
      bytes.write(tookText(tookMs), this.#tookAt, 'latin1');
    }
    fillSlots(bytes, this.#slots, answer, this.#number);
    this.#number = answer;
    return bytes;
  }

  #build(): Buffer {
    const date = httpDate();
    const start = `HTTP/1.1 ${this.#status} ${STATUS_CODES[this.#status] ?? 'unknown'}\r\nDate: `;
    const lines = this.#headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const head = `${start}${date}\r\n${lines}\r\n`;
    this.#dateAt = start.length;
    // Of another day, so that what changes with it is written at once.
    this.#date = '';
    this.#aheadAt = Array.from(head.matchAll(new RegExp(AHEAD_SLOT, 'g')), ({ index }) => index);
    this.#tookAt = head.indexOf(TOOK_SLOT);
    this.#bytes = Buffer.concat([Buffer.from(head, 'latin1'), this.#body]);
    this.#slots = slotsIn(this.#bytes);
    return this.#bytes;
  }
}
