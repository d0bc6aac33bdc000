import { Buffer } from 'node:buffer';
import { request } from 'undici';
import type { ExpectedAnswer } from '../answers/expected-answer.js';
import { AnswerFault, expectedOf, frameReader } from '../answers/expected-of.js';
import { type WireFormat, wireFormatOf } from '../answers/frame.js';
import { modelOf } from '../answers/model-of.js';

/** One question to a target. */
export interface Question {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly streaming: boolean;
  readonly timeoutMs: number;
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

/**
 * Asks once and reads the answer whole.
 * @throws AnswerFault when the answer is not what the API promises; undici's errors when there is none.
 */
export async function ask(question: Question, signal: AbortSignal): Promise<Answer> {
  const format = wireFormatOf(question.url);
  const sentAt = performance.now();
  const response = await request(question.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...question.headers },
    body: question.body,
    headersTimeout: question.timeoutMs,
    bodyTimeout: question.timeoutMs,
    signal: AbortSignal.any([signal, AbortSignal.timeout(question.timeoutMs)]),
  });
  const coding = String(response.headers['content-encoding'] ?? 'identity');
  if (coding !== 'identity') {
    await response.body.dump();
    throw new AnswerFault(
      `the answer is encoded with ${coding}, which was not asked for (status ${response.statusCode})`,
    );
  }
  if (response.statusCode !== 200)
    throw new AnswerFault(`status ${response.statusCode}: ${(await response.body.text()).slice(0, 200)}`);
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
  const said = expectedOf(format, question.streaming, body);
  if (!question.streaming && said.text === '' && said.tools?.length === 0) throw new AnswerFault('the answer is empty');
  if (!question.streaming) model = modelOf(body.toString('utf8'));
  return { format, body, model, said, elapsedMs, arrivalsMs };
}
