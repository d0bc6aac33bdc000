import type { JsonObject } from '../wire/json.js';
import type { Headers } from '../wire/headers.js';
import type { Frame } from '../wire/frames.js';
import type { Message } from '../wire/message.js';
import type { Answer, Reply } from '../wire/reply.js';
import type { AnswerWish } from './answer-wish.js';

/** What an endpoint sees of a request, the same whichever way it came in. Valid only while `answer` runs. */
export interface ApiRequest extends Message {
  /** The body's members; empty unless the endpoint takes JSON. */
  readonly json: JsonObject;
  /** Tokens the answer is to have, when the marker, a header or the mock's options say so; stronger than max_tokens. */
  readonly tokens: number | undefined;
  /** What the answer is to be, when the marker, a header or the mock's options say so; stronger than the request's own members. */
  readonly wish: AnswerWish;
  /** It is answered although the provider would refuse it, as long as it can be. */
  readonly lenient: boolean;
}

/** What is known of a request before its body is looked at. */
export type RequestHead = Omit<Message, 'body'>;

/** What went wrong, before a provider's way of saying it. */
export interface ApiError {
  readonly status: number;
  readonly message: string;
  /** The parameter at fault. */
  readonly param?: string;
  /** The provider's type, where the status does not tell it. */
  readonly type?: string;
  /** The provider's code, such as `model_not_found`. */
  readonly code?: string;
  /** Further headers, such as Retry-After; they take the place of the answer's own of the same name. */
  readonly headers?: readonly (readonly [string, string])[];
}

/** Words an error as one provider does. */
export type ErrorShape = (error: ApiError) => Reply;

/** Why an answer ends before it is whole, though nothing failed: out of tokens, stopped by a filter, or refused by the model. */
export type EarlyEnd = 'length' | 'filter' | 'refusal';

/** What can go wrong within an answer of one API, in its own words. */
export interface Mishaps {
  /**
   * The frame that tells of an error in the middle of a stream, behind which the stream ends.
   * @param before the frames that were sent before it
   */
  errorFrame(before: readonly Frame[]): Frame;
  /**
   * The answer when it ends early; undefined where this API has no way to end so.
   * @param place how many frames of a stream are sent before the end is told
   */
  endedEarly(answer: Answer, end: EarlyEnd, place: number): Answer | undefined;
  /** What a request is refused with that is longer than the model can read. */
  readonly contextLength: ApiError;
}

/** How much of a limit is left. */
export interface Quota {
  /** A minute. */
  readonly limit: number;
  readonly remaining: number;
  /** Until all of it is there again, in milliseconds. */
  readonly resetMs: number;
}

/** What is left of the limits that are set. */
export interface LimitReading {
  readonly requests?: Quota;
  readonly tokens?: Quota;
}

/** How a provider tells of its limits. */
export interface LimitWords {
  /** The headers of every answer. */
  headers(reading: LimitReading): Headers;
  /** What the request is refused with that is one too many. */
  exceeded(what: 'requests' | 'tokens', quota: Quota): ApiError;
}

/** One thing the mock answers: add a file that exports one, and register it in `table.ts`. */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** The exact path; one that ends with `/` takes all below it that no exact path takes. */
  readonly path: string;
  /** `json`: the body must be a JSON object, or the request is answered 400 before the endpoint sees it. */
  readonly takes: 'json' | 'nothing';
  /** True for the endpoints that play a provider: latency, faults and error rate apply to them. */
  readonly played: boolean;
  readonly errors: ErrorShape;
  /** What the provider says when it takes no more requests. */
  readonly overloaded: ApiError;
  /** How it tells of limits; undefined where none are told. */
  readonly limits?: LimitWords;
  /** What can go wrong within its answers; undefined where nothing of that can be played. */
  readonly mishaps?: Mishaps;
  /**
   * The member of whose words an answer takes nothing but how many they are; there only where an answer depends on nothing else than body,
   * path, query and manner. A request that differs from the last in nothing but the id in these words is given the same answer unread.
   */
  readonly wordsIn?: string;
  /** What the request is refused with whatever its body says: no key, the wrong content type. */
  readonly refuses?: (head: RequestHead) => Reply | undefined;
  /**
   * Answers a request at once. Answers that are asked for again and again should be kept (`KeptAnswers`).
   * @throws {ApiFailure} when the request cannot be answered; it is worded by `errors`
   */
  answer(request: ApiRequest): Answer;
}

/** A request that cannot be answered. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly error: ApiError;

  constructor(error: ApiError) {
    super(error.message);
    this.error = error;
  }
}
