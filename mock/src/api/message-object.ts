import { reply, type Reply } from '../wire/reply.js';
import { ANTHROPIC_JSON_HEADERS } from './anthropic-headers.js';
import { callId, MESSAGE_ID } from './ids.js';
import type { MessageAsk } from './message-request.js';

/** What vouches for a thought when it is sent back; opaque to clients. */
export const THOUGHT_SIGNATURE = 'YmVuY2gtc2lnbmF0dXJl';

/** The whole answer of the Messages API. */
export function wholeMessage(ask: MessageAsk): Reply {
  const { call, content } = ask.generation;
  const blocks: object[] = [];
  if (ask.thought !== undefined) blocks.push(thinkingBlock(ask.thought.text, THOUGHT_SIGNATURE));
  blocks.push(call === undefined ? textBlock(content.text) : toolBlock(call.name, parsed(content.text)));
  const payload = { ...messageHead(ask), content: blocks, ...messageEnd(ask), usage: messageUsage(ask) };
  return reply(200, ANTHROPIC_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
}

/** What every message begins with. */
export function messageHead({ model }: MessageAsk) {
  return { id: MESSAGE_ID, type: 'message', role: 'assistant', model, container: null };
}

/** Why it ended. */
export function messageEnd({ generation }: MessageAsk) {
  const { ending, call, stop } = generation;
  const done = call === undefined ? 'end_turn' : 'tool_use';
  const reason = ending === 'limit' ? 'max_tokens' : ending === 'stop' ? 'stop_sequence' : done;
  return { stop_reason: reason, stop_sequence: stop, stop_details: null };
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
  return { type: 'text', text, citations: null };
}

/** A block that calls a tool. */
export function toolBlock(name: string, input: unknown) {
  return { type: 'tool_use', id: callId('toolu_', 0), name, input, caller: { type: 'direct' } };
}

/** The input of a call; an empty one when the limit cut its JSON short. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
