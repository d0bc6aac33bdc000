import { rawFrame, type Frame, type Frames } from '../wire/frames.js';
import type { StreamReply } from '../wire/reply.js';
import { isMembers, type Members } from './parameters.js';

/** What the model says when it will not answer. */
export const REFUSAL = "I'm sorry, but I cannot assist with that request.";

/** What is said of an error that comes in the middle of a stream. */
export const SERVER_ERROR = 'The server had an error while processing your request. Sorry about that!';

/** The frames of a stream, one by one. */
export function framesOf({ frames }: StreamReply): Frame[] {
  const cursor = frames.cursor();
  const all: Frame[] = [];
  for (let frame = cursor.next(); frame !== undefined; frame = cursor.next()) all.push(frame);
  return all;
}

/** A sequence of frames as a stream has it. */
export function asRuns(frames: readonly Frame[]): Frames['runs'] {
  return frames.map((frame) => ({ frame, times: 1 }));
}

/** The JSON that a frame carries; undefined for one that carries none, such as `[DONE]`. */
export function payloadOf(frame: Frame | undefined): Members | undefined {
  const data = /^data: (\{.*\})$/m.exec(frame?.data.toString() ?? '')?.[1];
  const payload: unknown = data === undefined ? undefined : JSON.parse(data);
  return isMembers(payload) ? payload : undefined;
}

/** The same frame with another payload: its `event:` line stays. */
export function withPayload(frame: Frame, payload: unknown): Frame {
  const before = frame.data.toString().replace(/data: [^]*$/, '');
  return rawFrame(`${before}data: ${JSON.stringify(payload)}\n\n`);
}

/** The words of the first half of a text. */
export function firstHalf(text: string): string {
  const words = text.split(/(?= )/);
  return words.slice(0, Math.ceil(words.length / 2)).join('');
}

/** Tokens of a part, when the whole has so many: in proportion, which is exact where every piece has as many. */
export function tokensOfPart(tokens: unknown, part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((Number(tokens) * part) / whole);
}
