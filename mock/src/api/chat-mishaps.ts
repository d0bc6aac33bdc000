import { DONE_FRAME, Frames, jsonFrame, type Frame } from '../wire/frames.js';
import { reply, streamReply, type Reply, type StreamReply } from '../wire/reply.js';
import type { ApiError, EarlyEnd, Mishaps } from './endpoint.js';
import { asRuns, firstHalf, framesOf, payloadOf, REFUSAL, SERVER_ERROR, tokensOfPart } from './mishaps.js';
import { membersOf, type Members } from './parameters.js';

const CONTEXT_LENGTH: ApiError = {
  status: 400,
  message:
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 128001 tokens. Please reduce the length of the messages.",
  param: 'messages',
  code: 'context_length_exceeded',
};

const ERROR_FRAME = jsonFrame({ error: { message: SERVER_ERROR, type: 'server_error', param: null, code: null } });

const FINISH_REASONS = { length: 'length', filter: 'content_filter', refusal: 'stop' } as const;

/** What goes wrong within answers of `/v1/chat/completions`. */
export const CHAT_MISHAPS: Mishaps = {
  errorFrame: () => ERROR_FRAME,
  endedEarly: (answer, end, place) =>
    answer.kind === 'reply' ? endedReply(answer, end, endedMessage) : endedStream(answer, end, place, 'delta'),
  contextLength: CONTEXT_LENGTH,
};

/** What goes wrong within answers of `/v1/completions`, which knows no refusal. */
export const COMPLETION_MISHAPS: Mishaps = {
  errorFrame: () => ERROR_FRAME,
  endedEarly(answer, end, place) {
    if (end === 'refusal') return undefined;
    const shorter = (choice: Members) => ({ text: firstHalf(String(choice['text'])) });
    return answer.kind === 'reply' ? endedReply(answer, end, shorter) : endedStream(answer, end, place, 'text');
  },
  contextLength: { ...CONTEXT_LENGTH, param: 'prompt' },
};

/** Embeddings fail before they begin, or not at all. */
export const EMBEDDING_MISHAPS: Mishaps = {
  errorFrame: () => ERROR_FRAME,
  endedEarly: () => undefined,
  contextLength: {
    status: 400,
    message:
      "This model's maximum context length is 8192 tokens, however you requested 8193 tokens. Please reduce your prompt.",
    param: 'input',
    code: 'context_length_exceeded',
  },
};

function endedReply(answer: Reply, end: EarlyEnd, cut: (choice: Members, end: EarlyEnd) => Members): Reply | undefined {
  const payload = JSON.parse(answer.body.toString()) as Members;
  const choices = payload['choices'];
  if (!Array.isArray(choices)) return undefined;
  const ended = choices.map((choice: Members) => ({
    ...choice,
    ...cut(choice, end),
    logprobs: null,
    finish_reason: FINISH_REASONS[end],
  }));
  const body = { ...payload, choices: ended, usage: shorterUsage(membersOf(payload['usage']), 1, 2) };
  return reply(answer.status, answer.headers, Buffer.from(JSON.stringify(body)));
}

function endedMessage({ message }: Members, end: EarlyEnd): Members {
  const said = membersOf(message);
  if (end === 'refusal') return { message: { ...said, content: null, tool_calls: undefined, refusal: REFUSAL } };
  const { content, tool_calls: calls } = said;
  return {
    message: {
      ...said,
      ...(typeof content === 'string' ? { content: firstHalf(content) } : {}),
      ...(Array.isArray(calls) ? { tool_calls: calls.map(withHalfInput) } : {}),
    },
  };
}

/** A call whose arguments end in their middle, as a cut generation leaves them. */
function withHalfInput(call: Members): Members {
  const called = membersOf(call['function']);
  const { arguments: input } = called;
  if (typeof input !== 'string') return call;
  return { ...call, function: { ...called, arguments: input.slice(0, Math.ceil(input.length / 2)) } };
}

/** @param says the member of a choice that carries what is said */
function endedStream(stream: StreamReply, end: EarlyEnd, place: number, says: 'delta' | 'text'): StreamReply {
  const frames = framesOf(stream);
  const sent: Frame[] = [];
  const open = new Map<unknown, Members>();
  let pieces = 0;
  for (const frame of frames.slice(0, place)) {
    const payload = payloadOf(frame);
    const choice = choiceOf(payload);
    // Behind the ends of all choices nothing is left to be cut; then only the way they end changes.
    if (payload === undefined || choice === undefined || choice['finish_reason'] !== null) break;
    sent.push(frame);
    open.set(choice['index'], payload);
    if (bearsText(choice)) pieces++;
  }
  const [first] = frames;
  const base = payloadOf(first);
  if (base === undefined) return stream;
  if (open.size === 0) open.set(0, base);
  for (const [index, payload] of open) {
    const choice = membersOf(choiceOf(payload));
    const next = (said: object | string, reason: string | null) =>
      jsonFrame({ ...payload, choices: [{ ...choice, index, [says]: said, logprobs: null, finish_reason: reason }] });
    if (end === 'refusal') sent.push(next({ refusal: REFUSAL }, null));
    sent.push(next(says === 'delta' ? {} : '', FINISH_REASONS[end]));
  }
  const usage = frames.map(payloadOf).find((payload) => Array.isArray(payload?.['choices']) && !choiceOf(payload));
  if (usage !== undefined) {
    const all = frames.filter((frame) => bearsText(choiceOf(payloadOf(frame)))).length;
    sent.push(jsonFrame({ ...usage, usage: shorterUsage(membersOf(usage['usage']), pieces, all) }));
  }
  return streamReply(stream.headers, new Frames(asRuns([...sent, DONE_FRAME])));
}

function choiceOf(payload: Members | undefined): Members | undefined {
  const choices = payload?.['choices'];
  return Array.isArray(choices) ? (choices[0] as Members | undefined) : undefined;
}

/** Neither the chunk that says who speaks nor the one that tells the end. */
function bearsText(choice: Members | undefined): boolean {
  return choice?.['finish_reason'] === null && membersOf(choice['delta'])['role'] === undefined;
}

function shorterUsage(usage: Members, part: number, whole: number): Members {
  const completion = tokensOfPart(usage['completion_tokens'], part, whole);
  return {
    ...usage,
    completion_tokens: completion,
    total_tokens: Number(usage['prompt_tokens']) + completion,
  };
}
