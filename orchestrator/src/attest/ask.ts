import { Buffer } from 'node:buffer';
import { request } from 'undici';
import { AnswerFault } from '../answers/answer-fault.js';
import type { ExpectedAnswer } from '../answers/expected-answer.js';
import { expectedOf, frameReader } from '../answers/expected-of.js';
import { type WireFormat, wireFormatOf } from '../answers/frame.js';
import { modelOf } from '../answers/model-of.js';
import { ownRequests } from '../own-requests.js';
import { NoAnswer } from './no-answer.js';

/** One question to a target. */
export interface Question {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly streaming: boolean;
  readonly timeoutMs: number;
  /** Whether a stream may end without its terminal frame. */
  readonly mayLackEnd: boolean;
}

/** A whole answer. */
export interface Answer {
  /** The URL's. */
  readonly format: WireFormat;
  /** The body as it came. */
  readonly body: Uint8Array;
  /** The model that it names; `''`: none. */
  readonly model: string;
  /** What it says, read as every answer under load is. */
  readonly said: ExpectedAnswer & { readonly text: string };
  /** Sending to last byte. */
  readonly elapsedMs: number;
  /** Arrival of each content-bearing frame, milliseconds since sending; empty when not streamed. */
  readonly arrivalsMs: readonly number[];
}

/** An answer whose status is not 200. */
export class StatusFault extends AnswerFault {
  override readonly name = 'StatusFault';
  readonly status: number;

  constructor(status: number, body: string) {
    super(`status ${status}${body === '' ? '' : `: ${folded(body)}`}`);
    this.status = status;
  }
}

/** Of a body that is no answer, so much is shown to a person. */
const LONGEST_WORDS = 200;

/**
 * Asks once and reads the answer whole.
 * @throws AnswerFault when the answer is not what the API promises; NoAnswer when there is none; the signal's reason
 */
export async function ask(question: Question, signal: AbortSignal): Promise<Answer> {
  const format = wireFormatOf(question.url);
  const sentAt = performance.now();
  let begun = false;
  try {
    const response = await request(question.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...question.headers },
      body: question.body,
      headersTimeout: question.timeoutMs,
      bodyTimeout: question.timeoutMs,
      signal: AbortSignal.any([signal, AbortSignal.timeout(question.timeoutMs)]),
      dispatcher: ownRequests,
    });
    begun = true;
    const coding = String(response.headers['content-encoding'] ?? 'identity');
    if (coding !== 'identity') {
      await response.body.dump();
      throw new AnswerFault(
        `the answer is encoded with ${coding}, which was not asked for (status ${response.statusCode})`,
      );
    }
    if (response.statusCode !== 200) throw new StatusFault(response.statusCode, await response.body.text());
    const arrivalsMs: number[] = [];
    let model = '';
    const reader = frameReader(format, ({ kind }, data) => {
      model ||= modelOf(data);
      if (kind === 'content') arrivalsMs.push(performance.now() - sentAt);
    });
    const kept: Uint8Array[] = [];
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      kept.push(chunk);
      if (question.streaming) reader.push(chunk, 0, chunk.length);
    }
    const elapsedMs = performance.now() - sentAt;
    const body = Buffer.concat(kept);
    const said = expectedOf(format, question.streaming, body, question.mayLackEnd);
    if (!question.streaming && said.text === '' && said.tools?.length === 0)
      throw new AnswerFault('the answer is empty');
    if (!question.streaming) model = modelOf(body.toString('utf8'));
    return { format, body, model, said, elapsedMs, arrivalsMs };
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof AnswerFault ? thrown : new NoAnswer(thrown, begun, question.timeoutMs);
  }
}

/** A body on one line: without markup where it is a page, without line breaks, cut. */
export function folded(body: string): string {
  const isPage = /^\s*(<!doctype html|<html)/i.test(body);
  const text = isPage ? body.replaceAll(/<(script|style|head)\b.*?<\/\1>/gis, ' ').replaceAll(/<[^>]*>/g, ' ') : body;
  const title = isPage ? (/<title>(.*?)<\/title>/is.exec(body)?.[1] ?? '') : '';
  const line = text.replaceAll(/\s+/g, ' ').trim() || title.trim();
  return line.length > LONGEST_WORDS ? `${line.slice(0, LONGEST_WORDS)}…` : line;
}
