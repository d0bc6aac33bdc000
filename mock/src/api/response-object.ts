import { reply, type Reply } from '../wire/reply.js';
import { callId, itemId, RESPONSE_ID } from './ids.js';
import { OPENAI_JSON_HEADERS } from './openai-headers.js';
import type { ResponseAsk } from './response-request.js';

/** Where an output item stands in its life. */
export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** The whole answer of the Responses API. */
export function wholeResponse(ask: ResponseAsk, createdSeconds: number): Reply {
  return reply(200, OPENAI_JSON_HEADERS, Buffer.from(JSON.stringify(finishedResponse(ask, createdSeconds))));
}

/** The response object when all is generated. */
export function finishedResponse(ask: ResponseAsk, createdSeconds: number) {
  const status = finishedStatus(ask);
  const output = reasons(ask) ? [reasoningItem(ask, 'completed'), answerItem(ask, status)] : [answerItem(ask, status)];
  const usage = {
    input_tokens: ask.inputTokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: ask.generation.tokens,
    output_tokens_details: { reasoning_tokens: ask.generation.reasoningTokens },
    total_tokens: ask.inputTokens + ask.generation.tokens,
  };
  const incomplete = status === 'incomplete' ? { reason: 'max_output_tokens' } : null;
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
export function finishedStatus({ generation }: ResponseAsk): 'completed' | 'incomplete' {
  return generation.ending === 'limit' ? 'incomplete' : 'completed';
}

/** True when the output begins with an item of reasoning. */
export function reasons({ generation }: ResponseAsk): boolean {
  return generation.reasoningTokens > 0;
}

/** The item that tells of the reasoning. */
export function reasoningItem({ summary }: ResponseAsk, status: ItemStatus) {
  const told = status === 'in_progress' || summary === undefined ? [] : [{ type: 'summary_text', text: summary.text }];
  return { id: itemId('rs', 0), type: 'reasoning', status, summary: told };
}

/** The item that holds the answer: a message or a call. While it is in progress it is empty. */
export function answerItem(ask: ResponseAsk, status: ItemStatus) {
  const { call, content } = ask.generation;
  const text = status === 'in_progress' ? '' : content.text;
  if (call === undefined) {
    const parts = status === 'in_progress' ? [] : [textPart(text)];
    return { id: itemId('msg', 0), type: 'message', status, role: 'assistant', content: parts };
  }
  const common = { status, call_id: callId('call_', 0), name: call.name };
  return call.custom
    ? { id: itemId('ctc', 0), type: 'custom_tool_call', ...common, input: text }
    : { id: itemId('fc', 0), type: 'function_call', ...common, arguments: text };
}

/** A part of a message that is text. */
export function textPart(text: string) {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}
