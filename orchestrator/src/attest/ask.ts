import { Buffer } from 'node:buffer';
import { createParser } from 'eventsource-parser';
import { request } from 'undici';
import { z } from 'zod';
import type { AnswerKind } from '../catalogue/scenarios.js';

/** One question to a target. */
export interface Question {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly kind: AnswerKind;
  readonly streaming: boolean;
  readonly timeoutMs: number;
}

/** An answer reduced to its meaning, so that two targets' answers can be compared whatever they add around it. */
export interface Answer {
  readonly model: string;
  /** Content text, the tool calls as `name(arguments)`, or the embedding's numbers. */
  readonly meaning: string;
  readonly finishReason: string | null;
  /** Sending to last byte. */
  readonly elapsedMs: number;
  /** Arrival of each content-bearing frame, milliseconds since sending; empty when not streamed. */
  readonly arrivalsMs: readonly number[];
  /** The body as it came. */
  readonly body: Uint8Array;
  /** Whether the stream ended with `[DONE]`; true when not streamed. */
  readonly done: boolean;
}

/** Why an answer could not be read. */
export class AnswerFault extends Error {
  override readonly name = 'AnswerFault';
}

/**
 * Asks once and reads the answer whole.
 * @throws AnswerFault when the answer is not what the API promises; undici's errors when there is none.
 */
export async function ask(question: Question, signal: AbortSignal): Promise<Answer> {
  const sentAt = performance.now();
  const response = await request(question.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...question.headers },
    body: question.body,
    headersTimeout: question.timeoutMs,
    bodyTimeout: question.timeoutMs,
    signal: AbortSignal.any([signal, AbortSignal.timeout(question.timeoutMs)]),
  });
  if (response.statusCode !== 200)
    throw new AnswerFault(`status ${response.statusCode}: ${(await response.body.text()).slice(0, 200)}`);
  if (question.streaming) return readStream(response.body, sentAt);
  const body = await response.body.bytes();
  const elapsedMs = performance.now() - sentAt;
  const text = new TextDecoder().decode(body);
  const answer = question.kind === 'embeddings' ? readEmbeddings(text) : readChat(text);
  return { ...answer, elapsedMs, arrivalsMs: [], body, done: true };
}

const toolCallSchema = z.object({ function: z.object({ name: z.string(), arguments: z.string() }) });
const chatSchema = z.object({
  model: z.string(),
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), tool_calls: z.array(toolCallSchema).nullish() }),
        finish_reason: z.string().nullable(),
      }),
    )
    .min(1),
});
const chunkSchema = z.object({
  model: z.string(),
  choices: z.array(
    z.object({ delta: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullish() }),
  ),
});
const embeddingsSchema = z.object({
  model: z.string(),
  data: z.array(z.object({ embedding: z.array(z.number()).min(1) })).min(1),
});

type Meaning = Pick<Answer, 'model' | 'meaning' | 'finishReason'>;

function readChat(text: string): Meaning {
  const { model, choices } = parse(chatSchema, text);
  const [choice] = choices;
  const calls = choice?.message.tool_calls ?? [];
  const meaning =
    calls.length > 0
      ? calls.map((call) => `${call.function.name}(${canonical(call.function.arguments)})`).join('; ')
      : (choice?.message.content ?? '');
  if (meaning === '') throw new AnswerFault('the answer is empty');
  return { model, meaning, finishReason: choice?.finish_reason ?? null };
}

function readEmbeddings(text: string): Meaning {
  const { model, data } = parse(embeddingsSchema, text);
  // Embeddings are 32-bit numbers; a gateway that writes the same ones with fewer digits has changed nothing.
  return {
    model,
    meaning: JSON.stringify(data.map(({ embedding }) => embedding.map(Math.fround))),
    finishReason: null,
  };
}

async function readStream(body: AsyncIterable<Uint8Array>, sentAt: number): Promise<Answer> {
  let model = '';
  let meaning = '';
  let finishReason: string | null = null;
  let done = false;
  const arrivalsMs: number[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      if (done) throw new AnswerFault('the stream goes on after [DONE]');
      if (data === '[DONE]') {
        done = true;
        return;
      }
      const chunk = parse(chunkSchema, data);
      model ||= chunk.model;
      const [choice] = chunk.choices;
      finishReason = choice?.finish_reason ?? finishReason;
      if (choice?.delta.content) {
        meaning += choice.delta.content;
        arrivalsMs.push(performance.now() - sentAt);
      }
    },
  });
  const decoder = new TextDecoder();
  const kept: Uint8Array[] = [];
  for await (const bytes of body) {
    kept.push(bytes);
    parser.feed(decoder.decode(bytes, { stream: true }));
  }
  const elapsedMs = performance.now() - sentAt;
  return { model, meaning, finishReason, done, arrivalsMs, elapsedMs, body: Buffer.concat(kept) };
}

function parse<T>(schema: z.ZodType<T>, text: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AnswerFault(`not JSON: ${text.slice(0, 120)}`, { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AnswerFault(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong shape'} in ${text.slice(0, 120)}`);
}

/** JSON arguments without regard to white space; anything else as it is. */
function canonical(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}
