import { Frames, jsonFrame, type Run } from '../wire/frames.js';
import { streamReply, type StreamReply } from '../wire/reply.js';
import type { AnswerOptions } from './answer-options.js';
import type { Content } from './content.js';
import { padding } from './obfuscation.js';
import { OPENAI_STREAM_HEADERS } from './openai-headers.js';
import {
  callItem,
  finishedResponse,
  finishedStatus,
  messageItem,
  reasoningItem,
  reasons,
  saysText,
  startedResponse,
  textPart,
} from './response-object.js';
import type { ResponseAsk } from './response-request.js';
import type { ToolCall } from './tool-choice.js';

/** The answer of the Responses API as its sequence of numbered events; there is no `[DONE]` behind them. */
export function responseStream(ask: ResponseAsk, { chunkTokens, createdSeconds }: AnswerOptions): StreamReply {
  const events = new EventRuns(ask, chunkTokens);
  events.add('response.created', { response: startedResponse(ask, createdSeconds) });
  events.add('response.in_progress', { response: startedResponse(ask, createdSeconds) });
  let output = 0;
  if (reasons(ask)) addReasoning(events, ask, output++);
  if (saysText(ask)) addMessage(events, ask, output++);
  for (const [place, call] of ask.generation.calls.entries()) addCall(events, ask, call, place, output++);
  events.add(`response.${finishedStatus(ask)}`, { response: finishedResponse(ask, createdSeconds) });
  return streamReply(OPENAI_STREAM_HEADERS, new Frames(events.runs));
}

/** Collects events and numbers them. */
class EventRuns {
  readonly runs: Run[] = [];
  readonly #ask: ResponseAsk;
  readonly #chunkTokens: number;

  constructor(ask: ResponseAsk, chunkTokens: number) {
    this.#ask = ask;
    this.#chunkTokens = chunkTokens;
  }

  add(type: string, members: object): void {
    const frame = jsonFrame({ type, sequence_number: this.runs.length, ...members }, type);
    this.runs.push({ frame, times: 1 });
  }

  /** One `.delta` a chunk. */
  addDeltas(type: string, members: object, content: Content): void {
    for (const { text, times } of content.chunked(this.#chunkTokens)) {
      for (let i = 0; i < times; i++) this.add(type, { ...members, delta: text, ...padding(this.#ask, text) });
    }
  }
}

function addReasoning(events: EventRuns, ask: ResponseAsk, output: number): void {
  const item = reasoningItem(ask, 'completed');
  const at = { item_id: item.id, output_index: output, summary_index: 0 };
  events.add('response.output_item.added', { output_index: output, item: reasoningItem(ask, 'in_progress') });
  if (ask.summary !== undefined) {
    const { text } = ask.summary;
    events.add('response.reasoning_summary_part.added', { ...at, part: { type: 'summary_text', text: '' } });
    events.addDeltas('response.reasoning_summary_text.delta', at, ask.summary);
    events.add('response.reasoning_summary_text.done', { ...at, text });
    events.add('response.reasoning_summary_part.done', { ...at, part: { type: 'summary_text', text } });
  }
  events.add('response.output_item.done', { output_index: output, item });
}

function addMessage(events: EventRuns, ask: ResponseAsk, output: number): void {
  const item = messageItem(ask, finishedStatus(ask));
  events.add('response.output_item.added', { output_index: output, item: messageItem(ask, 'in_progress') });
  addText(events, { item_id: item.id, output_index: output, content_index: 0 }, ask.generation.content);
  events.add('response.output_item.done', { output_index: output, item });
}

function addCall(events: EventRuns, ask: ResponseAsk, call: ToolCall, place: number, output: number): void {
  const { name, custom, input } = call;
  const item = callItem(call, place, finishedStatus(ask));
  const at = { item_id: item.id, output_index: output };
  events.add('response.output_item.added', { output_index: output, item: callItem(call, place, 'in_progress') });
  if (custom) {
    events.addDeltas('response.custom_tool_call_input.delta', at, input);
    events.add('response.custom_tool_call_input.done', { ...at, input: input.text });
  } else {
    events.addDeltas('response.function_call_arguments.delta', at, input);
    events.add('response.function_call_arguments.done', { ...at, name, arguments: input.text });
  }
  events.add('response.output_item.done', { output_index: output, item });
}

function addText(events: EventRuns, at: object, content: Content): void {
  const { text } = content;
  events.add('response.content_part.added', { ...at, part: textPart('') });
  events.addDeltas('response.output_text.delta', { ...at, logprobs: [] }, content);
  events.add('response.output_text.done', { ...at, text, logprobs: [] });
  events.add('response.content_part.done', { ...at, part: textPart(text) });
}
