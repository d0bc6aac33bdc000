import { NO_WISH, type AnswerWish } from '../api/answer-wish.js';
import type { ApiRequest } from '../api/endpoint.js';
import { JsonObject } from '../wire/json.js';
import type { Message } from '../wire/message.js';

/** What of the mock's behaviour an endpoint gets to know. */
export interface AnswerManner {
  readonly tokens: number | undefined;
  readonly answer: AnswerWish;
  readonly lenient: boolean;
}

const NO_MESSAGE: Message = { method: '', path: '', query: '', header: () => undefined, body: Buffer.alloc(0) };

/** What an endpoint gets to see; one object for all requests of a worker, because each is over before the next begins. */
export class CurrentRequest implements ApiRequest {
  readonly json = new JsonObject();
  tokens: number | undefined;
  wish: AnswerWish = NO_WISH;
  lenient = false;
  #message: Message = NO_MESSAGE;

  /** Stands for another request from now on. */
  become(message: Message, { tokens, answer, lenient }: AnswerManner): void {
    this.#message = message;
    this.tokens = tokens;
    this.wish = answer;
    this.lenient = lenient;
  }

  get method(): string {
    return this.#message.method;
  }

  get path(): string {
    return this.#message.path;
  }

  get query(): string {
    return this.#message.query;
  }

  get body(): Buffer {
    return this.#message.body;
  }

  header(name: string): string | undefined {
    return this.#message.header(name);
  }
}
