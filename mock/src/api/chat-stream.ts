import { DONE_FRAME, Frames, jsonFrame, type Run } from '../wire/frames.js';
import { streamReply, type StreamReply } from '../wire/reply.js';
import { chatUsage, toolCallMember } from './chat-completion.js';
import type { AnswerOptions } from './answer-options.js';
import { MAX_CALLS } from './answer-wish.js';
import type { ChatAsk } from './chat-request.js';
import { CHAT_ID } from './ids.js';
import { tokenLogprob } from './logprobs.js';
import { padding } from './obfuscation.js';
import { OPENAI_STREAM_HEADERS } from './openai-headers.js';
import type { ToolCall } from './tool-choice.js';

/** The answer to a chat request as a stream of `chat.completion.chunk`, so many tokens each. */
export function chatStream(ask: ChatAsk, { chunkTokens, createdSeconds }: AnswerOptions): StreamReply {
  const base = {
    id: CHAT_ID,
    object: 'chat.completion.chunk',
    created: createdSeconds,
    model: ask.model,
    service_tier: 'default',
    system_fingerprint: 'fp_bench',
  };
  const choices = Array.from({ length: ask.choices }, (_, index) => choiceRuns(ask, base, index, chunkTokens));
  const runs = choices.flat();
  if (ask.includeUsage) {
    runs.push({ frame: jsonFrame({ ...base, choices: [], usage: chatUsage(ask), ...padding(ask, '') }), times: 1 });
  }
  runs.push({ frame: DONE_FRAME, times: 1 });
  return streamReply(OPENAI_STREAM_HEADERS, new Frames(runs));
}

function choiceRuns(ask: ChatAsk, base: object, index: number, chunkTokens: number): Run[] {
  const { calls, content } = ask.generation;
  const run = (delta: object, tokens: readonly string[], times = 1, finishReasonNow: string | null = null): Run => {
    // A chunk of calls, of an end or of a role has no token whose probability could be told.
    const top = calls.length === 0 && tokens.length > 0 ? ask.topLogprobs : undefined;
    const logprobs =
      top === undefined ? null : { content: tokens.map((token) => tokenLogprob(token, top)), refusal: null };
    const choice = { index, delta, logprobs, finish_reason: finishReasonNow };
    // With usage asked for, the real service puts a null on every other chunk; otherwise the key is absent.
    const usage = ask.includeUsage ? { usage: null } : {};
    return { frame: jsonFrame({ ...base, choices: [choice], ...usage, ...padding(ask, tokens.join('')) }), times };
  };
  const text = content.chunked(chunkTokens).map((chunk) => run({ content: chunk.text }, chunk.tokens, chunk.times));
  const calling = calls.flatMap((call, i) => callDeltas(ask, call, i, index * MAX_CALLS + i, chunkTokens));
  const silent = text.length === 0 && calls.length > 0;
  // The first chunk says who speaks, and names the first tool when nothing is said before.
  const opening = { role: 'assistant', content: silent ? null : '', ...(silent ? calling.shift()?.delta : {}) };
  return [
    run({ ...opening, refusal: null }, []),
    ...text,
    ...calling.map(({ delta, tokens, times }) => run(delta, tokens, times)),
    run({}, [], 1, ask.finishReason),
  ];
}

/** A part of a call as one chunk has it, several times in a row. */
interface CallDelta {
  readonly delta: object;
  readonly tokens: readonly string[];
  readonly times: number;
}

/** What names a tool, and behind it the pieces of what it is given. */
function callDeltas(ask: ChatAsk, call: ToolCall, index: number, place: number, chunkTokens: number): CallDelta[] {
  const named = ask.legacyCall
    ? { function_call: { name: call.name, arguments: '' } }
    : { tool_calls: [{ index, ...toolCallMember(call, place, '') }] };
  const pieces = call.input.chunked(chunkTokens);
  return [
    { delta: named, tokens: [], times: 1 },
    ...pieces.map(({ text, tokens, times }) => ({ delta: inputDelta(ask, call, index, text), tokens, times })),
  ];
}

function inputDelta(ask: ChatAsk, call: ToolCall, index: number, text: string): object {
  if (ask.legacyCall) return { function_call: { arguments: text } };
  const input = call.custom ? { custom: { input: text } } : { function: { arguments: text } };
  return { tool_calls: [{ index, ...input }] };
}
