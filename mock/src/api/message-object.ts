import { reply, type Reply } from '../wire/reply.js';
import type { FinishReason } from './answer-wish.js';
import { ANTHROPIC_JSON_HEADERS } from './anthropic-headers.js';
import { callId, MESSAGE_ID } from './ids.js';
import type { MessageAsk } from './message-request.js';

/** What vouches for a thought when it is sent back; opaque to clients. */
export const THOUGHT_SIGNATURE = 'YmVuY2gtc2lnbmF0dXJl';

/** The whole answer of the Messages API. */
export function wholeMessage(ask: MessageAsk): Reply {
  const { calls, content } = ask.generation;
  const blocks: object[] = [];
  if (ask.thought !== undefined)
    blocks.push(thinkingBlock(ask.thoughtShown ? ask.thought.text : '', THOUGHT_SIGNATURE));
  if (saysText(ask)) blocks.push(textBlock(content.text));
  blocks.push(...calls.map(({ name, input }, place) => toolBlock(name, place, parsed(input.text))));
  const payload = { ...messageHead(ask), content: blocks, ...messageEnd(ask), usage: messageUsage(ask) };
  return reply(200, ANTHROPIC_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
}

/** What every message begins with. */
export function messageHead({ model }: MessageAsk) {
  return { id: MESSAGE_ID, type: 'message', role: 'assistant', model, container: null };
}

const STOP_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
};

/** True when there is a block of text, be it an empty one: a message has at least one block that is no thought. */
export function saysText({ generation: { calls, content } }: MessageAsk): boolean {
  return content.tokens > 0 || calls.length === 0;
}

/** Why it ended. */
export function messageEnd({ generation: { finish, stop } }: MessageAsk) {
  const reason = finish === 'stop' && stop !== null ? 'stop_sequence' : STOP_REASONS[finish];
  return { stop_reason: reason, stop_sequence: reason === 'stop_sequence' ? stop : null, stop_details: null };
}

/** What was sent and answered, counted in tokens. */
export function messageUsage(ask: MessageAsk, outputTokens: number = ask.generation.tokens) {
  return {
    ...deltaUsage(ask, outputTokens),
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    inference_geo: null,
    service_tier: 'standard',
  };
}

/** The part of it that the end of a stream reports. */
export function deltaUsage({ inputTokens, generation }: MessageAsk, outputTokens: number = generation.tokens) {
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
    output_tokens_details: { thinking_tokens: Math.min(generation.reasoningTokens, outputTokens) },
    server_tool_use: null,
  };
}

/** A block of thinking. */
export function thinkingBlock(thinking: string, signature: string) {
  return { type: 'thinking', thinking, signature };
}

/** A block of text. */
export function textBlock(text: string) {
  return { type: 'text', text };
}

/**
 * A block that calls a tool.
 * @param place among the calls of the message
 */
export function toolBlock(name: string, place: number, input: unknown) {
  return { type: 'tool_use', id: callId('toolu_', place), name, input, caller: { type: 'direct' } };
}

/** The input of a call; an empty one when the limit cut its JSON short. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
