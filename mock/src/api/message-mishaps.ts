import { Frames, jsonFrame, type Frame } from '../wire/frames.js';
import { reply, streamReply, type Reply, type StreamReply } from '../wire/reply.js';
import type { EarlyEnd, Mishaps } from './endpoint.js';
import { asRuns, firstHalf, framesOf, payloadOf, tokensOfPart, withPayload } from './mishaps.js';
import { isMembers, membersOf, type Members } from './parameters.js';

const ERROR_FRAME = jsonFrame(
  { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: null },
  'error',
);

/** What goes wrong within answers of `/v1/messages`. */
export const MESSAGE_MISHAPS: Mishaps = {
  errorFrame: () => ERROR_FRAME,
  endedEarly: (answer, end, place) =>
    answer.kind === 'reply' ? endedReply(answer, end) : endedStream(answer, end, place),
  contextLength: { status: 400, message: 'prompt is too long: 200001 tokens > 200000 maximum' },
};

/** A filter that steps in and a model that will not answer are the same to this API. */
function ending(end: EarlyEnd): Members {
  if (end === 'length') return { stop_reason: 'max_tokens', stop_sequence: null, stop_details: null };
  const details = { type: 'refusal', category: null, explanation: null };
  return { stop_reason: 'refusal', stop_sequence: null, stop_details: details };
}

function endedReply(answer: Reply, end: EarlyEnd): Reply | undefined {
  const payload = JSON.parse(answer.body.toString()) as Members;
  const { content } = payload;
  if (!Array.isArray(content)) return undefined;
  const said = content.flatMap((block: Members) => {
    if (block['type'] === 'text') return [{ ...block, text: firstHalf(String(block['text'])) }];
    // A call whose input is cut short has none that could be parsed, so it is not told of.
    return block['type'] === 'tool_use' ? [] : [block];
  });
  const usage = membersOf(payload['usage']);
  const body = {
    ...payload,
    content: said,
    ...ending(end),
    usage: { ...usage, output_tokens: tokensOfPart(usage['output_tokens'], 1, 2) },
  };
  return reply(answer.status, answer.headers, Buffer.from(JSON.stringify(body)));
}

function endedStream(stream: StreamReply, end: EarlyEnd, place: number): StreamReply | undefined {
  const frames = framesOf(stream);
  const closing = frames.findIndex((frame) => payloadOf(frame)?.['type'] === 'message_delta');
  const lastFrame = frames[closing];
  const delta = payloadOf(lastFrame);
  if (lastFrame === undefined || delta === undefined) return undefined;
  // A message cannot end before it has begun.
  const sent = frames.slice(0, Math.max(1, Math.min(place, closing)));
  const block = openBlock(sent);
  if (block !== undefined) sent.push(jsonFrame({ type: 'content_block_stop', index: block }, 'content_block_stop'));
  const usage = membersOf(delta['usage']);
  const tokens = tokensOfPart(usage['output_tokens'], deltasIn(sent), deltasIn(frames));
  const ended = {
    ...delta,
    delta: { ...membersOf(delta['delta']), ...ending(end) },
    usage: { ...usage, output_tokens: tokens },
  };
  sent.push(withPayload(lastFrame, ended), ...frames.slice(closing + 1));
  return streamReply(stream.headers, new Frames(asRuns(sent)));
}

function deltasIn(frames: readonly Frame[]): number {
  return frames.filter((frame) => payloadOf(frame)?.['type'] === 'content_block_delta').length;
}

/** The index of the block that has begun and not ended. */
function openBlock(frames: readonly Frame[]): unknown {
  const payloads = frames.map(payloadOf).filter(isMembers);
  const begun = payloads.findLast(({ type }) => type === 'content_block_start')?.['index'];
  return payloads.some(({ type, index }) => type === 'content_block_stop' && index === begun) ? undefined : begun;
}
