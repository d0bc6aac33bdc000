import { Frames, jsonFrame, type Run } from '../wire/frames.js';
import { streamReply, type StreamReply } from '../wire/reply.js';
import { ANTHROPIC_STREAM_HEADERS } from './anthropic-headers.js';
import type { Content } from './content.js';
import {
  deltaUsage,
  messageEnd,
  messageHead,
  messageUsage,
  saysText,
  textBlock,
  thinkingBlock,
  THOUGHT_SIGNATURE,
  toolBlock,
} from './message-object.js';
import type { MessageAsk } from './message-request.js';

/** The answer of the Messages API as its sequence of events. */
export function messageStream(ask: MessageAsk, chunkTokens: number): StreamReply {
  const { calls, content } = ask.generation;
  const blocks: Run[][] = [];
  if (ask.thought !== undefined) {
    const signature = { type: 'signature_delta', signature: THOUGHT_SIGNATURE };
    const shown = ask.thoughtShown ? ask.thought.chunked(chunkTokens) : [];
    const deltas = deltaRuns(blocks.length, shown, (thinking) => ({ type: 'thinking_delta', thinking }));
    deltas.push(event('content_block_delta', { index: blocks.length, delta: signature }));
    blocks.push(block(blocks.length, thinkingBlock('', ''), deltas));
  }
  if (saysText(ask)) {
    const deltas = deltaRuns(blocks.length, content.chunked(chunkTokens), (text) => ({ type: 'text_delta', text }));
    blocks.push(block(blocks.length, textBlock(''), deltas));
  }
  for (const [place, { name, input }] of calls.entries()) {
    const toDelta = (json: string) => ({ type: 'input_json_delta', partial_json: json });
    const deltas = deltaRuns(blocks.length, input.chunked(chunkTokens), toDelta);
    blocks.push(block(blocks.length, toolBlock(name, place, {}), deltas));
  }

  const start = { ...messageHead(ask), content: [], stop_reason: null, stop_sequence: null, stop_details: null };
  return streamReply(
    ANTHROPIC_STREAM_HEADERS,
    new Frames([
      event('message_start', { message: { ...start, usage: messageUsage(ask, 1) } }),
      event('ping', {}),
      ...blocks.flat(),
      event('message_delta', { delta: { container: null, ...messageEnd(ask) }, usage: deltaUsage(ask) }),
      event('message_stop', {}),
    ]),
  );
}

function block(index: number, start: object, deltas: readonly Run[]): Run[] {
  const opening = event('content_block_start', { index, content_block: start });
  return [opening, ...deltas, event('content_block_stop', { index })];
}

function deltaRuns(index: number, chunks: ReturnType<Content['chunked']>, toDelta: (text: string) => object): Run[] {
  return chunks.map(({ text, times }) => event('content_block_delta', { index, delta: toDelta(text) }, times));
}

function event(type: string, members: object, times = 1): Run {
  return { frame: jsonFrame({ type, ...members }, type), times };
}
