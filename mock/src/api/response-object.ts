import { reply, type Reply } from '../wire/reply.js';
import { callId, itemId, RESPONSE_ID } from './ids.js';
import { OPENAI_JSON_HEADERS } from './openai-headers.js';
import type { ResponseAsk } from './response-request.js';
import type { ToolCall } from './tool-choice.js';

/** Where an output item stands in its life. */
export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** The whole answer of the Responses API. */
export function wholeResponse(ask: ResponseAsk, createdSeconds: number): Reply {
  return reply(200, OPENAI_JSON_HEADERS, Buffer.from(JSON.stringify(finishedResponse(ask, createdSeconds))));
}

/** The response object when all is generated. */
export function finishedResponse(ask: ResponseAsk, createdSeconds: number) {
  const status = finishedStatus(ask);
  const output = [...(reasons(ask) ? [reasoningItem(ask, 'completed')] : []), ...answerItems(ask, status)];
  const usage = {
    input_tokens: ask.inputTokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: ask.generation.tokens,
    output_tokens_details: { reasoning_tokens: ask.generation.reasoningTokens },
    total_tokens: ask.inputTokens + ask.generation.tokens,
  };
  const reason = ask.generation.finish === 'content_filter' ? 'content_filter' : 'max_output_tokens';
  const incomplete = status === 'incomplete' ? { reason } : null;
  const head = responseHead(ask, createdSeconds);
  return { ...head, status, completed_at: createdSeconds, incomplete_details: incomplete, output, usage };
}

/** The response object before anything is generated. */
export function startedResponse(ask: ResponseAsk, createdSeconds: number) {
  return {
    ...responseHead(ask, createdSeconds),
    status: 'in_progress',
    completed_at: null,
    incomplete_details: null,
    output: [],
    usage: null,
  };
}

function responseHead(ask: ResponseAsk, createdSeconds: number) {
  return {
    id: RESPONSE_ID,
    object: 'response',
    created_at: createdSeconds,
    model: ask.model,
    error: null,
    background: false,
    service_tier: 'default',
    ...ask.repeated,
  };
}

/** How it ends. */
export function finishedStatus({ generation: { finish } }: ResponseAsk): 'completed' | 'incomplete' {
  return finish === 'length' || finish === 'content_filter' ? 'incomplete' : 'completed';
}

/** True when the output begins with an item of reasoning. */
export function reasons({ generation }: ResponseAsk): boolean {
  return generation.reasoningTokens > 0;
}

/** Opaque to clients. */
const ENCRYPTED_REASONING = 'YmVuY2ggZW5jcnlwdGVkIHJlYXNvbmluZw==';

/** The item that tells of the reasoning. */
export function reasoningItem({ summary, encryptedReasoning }: ResponseAsk, status: ItemStatus) {
  const told = status === 'in_progress' || summary === undefined ? [] : [{ type: 'summary_text', text: summary.text }];
  const encrypted = encryptedReasoning ? { encrypted_content: ENCRYPTED_REASONING } : {};
  return { id: itemId('rs', 0), type: 'reasoning', status, summary: told, ...encrypted };
}

/** True when there is a message, be it an empty one: a response has at least one item that is no reasoning. */
export function saysText({ generation: { calls, content } }: ResponseAsk): boolean {
  return content.tokens > 0 || calls.length === 0;
}

/** The items that hold the answer: a message, calls, or both. */
function answerItems(ask: ResponseAsk, status: ItemStatus): object[] {
  const { calls } = ask.generation;
  return [
    ...(saysText(ask) ? [messageItem(ask, status)] : []),
    ...calls.map((call, place) => callItem(call, place, status)),
  ];
}

/** The item that is a text. While it is in progress it is empty. */
export function messageItem({ generation: { content } }: ResponseAsk, status: ItemStatus) {
  const parts = status === 'in_progress' ? [] : [textPart(content.text)];
  return { id: itemId('msg', 0), type: 'message', status, role: 'assistant', content: parts };
}

/**
 * An item that is a call. While it is in progress it is empty.
 * @param place among the calls of the response
 */
export function callItem({ name, custom, input }: ToolCall, place: number, status: ItemStatus) {
  const text = status === 'in_progress' ? '' : input.text;
  const common = { status, call_id: callId('call_', place), name };
  return custom
    ? { id: itemId('ctc', place), type: 'custom_tool_call', ...common, input: text }
    : { id: itemId('fc', place), type: 'function_call', ...common, arguments: text };
}

/** A part of a message that is text. */
export function textPart(text: string) {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}
