import { reply, type Reply } from '../wire/reply.js';
import type { ChatAsk } from './chat-request.js';
import type { Generation } from './generation.js';
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
      finish_reason: finishReason(ask.generation),
    })),
    usage: chatUsage(ask),
    service_tier: 'default',
    system_fingerprint: 'fp_bench',
  };
  return reply(200, OPENAI_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
}

function message(ask: ChatAsk, index: number) {
  const { call, content } = ask.generation;
  if (call === undefined) return { role: 'assistant', content: content.text, refusal: null, annotations: [] };
  const calls = [toolCallMember(call, index, content.text)];
  return { role: 'assistant', content: null, tool_calls: calls, refusal: null, annotations: [] };
}

/** A member of `tool_calls`, with as much of its input as `input` says. */
export function toolCallMember(call: ToolCall, index: number, input: string) {
  const id = callId('call_', index);
  return call.custom
    ? { id, type: 'custom', custom: { name: call.name, input } }
    : { id, type: 'function', function: { name: call.name, arguments: input } };
}

function logprobs({ generation: { call, content }, topLogprobs }: ChatAsk) {
  if (topLogprobs === undefined || call !== undefined) return null;
  return { content: contentLogprobs(content, topLogprobs), refusal: null };
}

/** Why the generation ended, in chat's words. */
export function finishReason({ ending, call }: Generation): 'stop' | 'length' | 'tool_calls' {
  if (ending === 'limit') return 'length';
  return call === undefined ? 'stop' : 'tool_calls';
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
