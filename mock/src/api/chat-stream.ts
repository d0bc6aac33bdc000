import { DONE_FRAME, Frames, jsonFrame, type Run } from '../wire/frames.js';
import { streamReply, type StreamReply } from '../wire/reply.js';
import { chatUsage, finishReason, toolCallMember } from './chat-completion.js';
import type { AnswerOptions } from './answer-options.js';
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
  const { call, content } = ask.generation;
  const run = (delta: object, tokens: readonly string[], times = 1, finishReasonNow: string | null = null): Run => {
    // A chunk of calls, of an end or of a role has no token whose probability could be told.
    const top = call === undefined && tokens.length > 0 ? ask.topLogprobs : undefined;
    const logprobs =
      top === undefined ? null : { content: tokens.map((token) => tokenLogprob(token, top)), refusal: null };
    const choice = { index, delta, logprobs, finish_reason: finishReasonNow };
    // With usage asked for, the real service puts a null on every other chunk; otherwise the key is absent.
    const usage = ask.includeUsage ? { usage: null } : {};
    return { frame: jsonFrame({ ...base, choices: [choice], ...usage, ...padding(ask, tokens.join('')) }), times };
  };
  return [
    run(opening(call, index), []),
    ...content.chunked(chunkTokens).map(({ text, tokens, times }) => run(deltaOf(call, text), tokens, times)),
    run({}, [], 1, finishReason(ask.generation)),
  ];
}

/** The first chunk says who speaks, and names the tool that is called. */
function opening(call: ToolCall | undefined, index: number): object {
  if (call === undefined) return { role: 'assistant', content: '', refusal: null };
  const named = { index: 0, ...toolCallMember(call, index, '') };
  return { role: 'assistant', content: null, tool_calls: [named], refusal: null };
}

function deltaOf(call: ToolCall | undefined, token: string): object {
  if (call === undefined) return { content: token };
  const input = call.custom ? { custom: { input: token } } : { function: { arguments: token } };
  return { tool_calls: [{ index: 0, ...input }] };
}
