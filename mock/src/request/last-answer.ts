import { Buffer } from 'node:buffer';
import { MARKER_OPENING } from '../api/marker.js';
import type { JsonObject } from '../wire/json.js';
import type { Message } from '../wire/message.js';
import type { Answer } from '../wire/reply.js';
import type { AnswerManner } from './current-request.js';

/** A longer request is read each time: keeping a copy must not take the memory of a worker. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
const BEFORE_ID = Buffer.concat([MARKER_OPENING, Buffer.from('id=', 'latin1')]);
/** 1 for the bytes that an id is made of: none of them means anything in JSON. */
const IN_ID = Uint8Array.from({ length: 256 }, (_, byte) => Number(/[\w-]/.test(String.fromCharCode(byte))));

/** What an answer depends on beside the body. */
type Circumstances = Pick<Message, 'path' | 'query'> & { readonly manner: AnswerManner };

/**
 * The last answer of an endpoint, for as long as the same request comes again: load is mostly one request again and again, with an id of its
 * own each time. Comparing its bytes costs a fraction of reading them.
 */
export class LastAnswer {
  readonly #wordsIn: string;
  #answer: Answer | undefined;
  #on: Circumstances | undefined;
  /** The body is the beginning of this; it grows and is used again, so that keeping makes no garbage. */
  #bytes = Buffer.alloc(1024);
  #length = 0;
  #idFrom = 0;
  #idTo = 0;

  /** @param wordsIn the member of whose words the answer takes nothing but how many they are: an id that stands elsewhere must be the same */
  constructor(wordsIn: string) {
    this.#wordsIn = wordsIn;
  }

  /** The answer that was kept, when this is the request that it was given to, but for its id; else undefined. */
  find({ path, query, body }: Message, manner: AnswerManner): Answer | undefined {
    const on = this.#on;
    if (on === undefined || on.manner !== manner || on.path !== path || on.query !== query) return undefined;
    return this.#isLast(body) ? this.#answer : undefined;
  }

  /**
   * Keeps an answer in the place of the one before.
   * @param json the body of the message
   */
  keep({ path, query, body }: Message, manner: AnswerManner, json: JsonObject, answer: Answer): void {
    this.#on = undefined;
    if (body.length > MAX_KEPT_BYTES) return;
    if (body.length > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(2 * body.length);
    body.copy(this.#bytes);
    this.#length = body.length;
    this.#idFrom = idIn(body, json.raw(this.#wordsIn)) ?? body.length;
    this.#idTo = this.#idFrom;
    while (IN_ID[body[this.#idTo] ?? 0] === 1) this.#idTo++;
    this.#on = { path, query, manner };
    this.#answer = answer;
  }

  /** What stands before the id and behind it is compared whole, so an id of another length makes another request. */
  #isLast(body: Buffer): boolean {
    const [length, from, to] = [this.#length, this.#idFrom, this.#idTo];
    if (body.length !== length) return false;
    for (let i = from; i < to; i++) if (IN_ID[body[i] as number] !== 1) return false;
    return body.compare(this.#bytes, to, length, to, length) === 0 && body.compare(this.#bytes, 0, from, 0, from) === 0;
  }
}

/** Where the id of a request begins in its body; undefined where there is none in these words of it. */
function idIn(body: Buffer, words: Buffer | undefined): number | undefined {
  const marker = words?.indexOf(BEFORE_ID) ?? -1;
  return words === undefined || marker === -1
    ? undefined
    : words.byteOffset - body.byteOffset + marker + BEFORE_ID.length;
}
