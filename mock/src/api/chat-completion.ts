import { reply, type Reply } from '../wire/reply.js';
import { MAX_CALLS } from './answer-wish.js';
import type { ChatAsk } from './chat-request.js';
import { callId, CHAT_ID } from './ids.js';
import { contentLogprobs } from './logprobs.js';
import { OPENAI_JSON_HEADERS } from './openai-headers.js';
import type { ToolCall } from './tool-choice.js';

/** The whole answer to a chat request: a `chat.completion`. */
export function chatCompletion(ask: ChatAsk, createdSeconds: number): Reply {
  const payload = {
    id: CHAT_ID,
    object: 'chat.completion',
    created: createdSeconds,
    model: ask.model,
    choices: Array.from({ length: ask.choices }, (_, index) => ({
      index,
      message: message(ask, index),
      logprobs: logprobs(ask),
      finish_reason: ask.finishReason,
    })),
    usage: chatUsage(ask),
    service_tier: 'default',
    system_fingerprint: 'fp_bench',
  };
  return reply(200, OPENAI_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
}

function message({ generation, legacyCall }: ChatAsk, index: number) {
  const { calls, content } = generation;
  const [first] = calls;
  const said = { role: 'assistant', content: content.tokens === 0 && first !== undefined ? null : content.text };
  if (first === undefined) return { ...said, refusal: null, annotations: [] };
  const called = legacyCall
    ? { function_call: { name: first.name, arguments: first.input.text } }
    : { tool_calls: calls.map((call, i) => toolCallMember(call, index * MAX_CALLS + i, call.input.text)) };
  return { ...said, ...called, refusal: null, annotations: [] };
}

/**
 * A member of `tool_calls`.
 * @param place among the calls of the answer
 * @param input as much of its input as is told
 */
export function toolCallMember(call: ToolCall, place: number, input: string) {
  const id = callId('call_', place);
  return call.custom
    ? { id, type: 'custom', custom: { name: call.name, input } }
    : { id, type: 'function', function: { name: call.name, arguments: input } };
}

function logprobs({ generation: { calls, content }, topLogprobs }: ChatAsk) {
  if (topLogprobs === undefined || calls.length > 0) return null;
  return { content: contentLogprobs(content, topLogprobs), refusal: null };
}

/** What was sent and answered, counted in tokens; every choice is paid for. */
export function chatUsage({
  promptTokens,
  generation,
  choices,
}: Pick<ChatAsk, 'promptTokens' | 'generation' | 'choices'>) {
  const completion = generation.tokens * choices;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completion,
    total_tokens: promptTokens + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: generation.reasoningTokens * choices,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
