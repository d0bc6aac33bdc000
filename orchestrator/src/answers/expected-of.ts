import { Buffer } from 'node:buffer';
import { AnswerFault } from './answer-fault.js';
import type { ExpectedAnswer } from './expected-answer.js';
import { type Frame, readFrame, type WireFormat } from './frame.js';
import { readPlainAnswer } from './plain-answer.js';
import { SseReader } from './sse-reader.js';

/**
 * What an answer says, read from its whole body (JSON, or the text of a stream): what a trial then expects of every answer.
 * Take it from an answer that is known to be right: the mock's own, or one that was compared with it.
 * @param mayLackEnd whether a stream may end without its terminal frame; the answer then says that this one did
 * @throws AnswerFault when the body is no whole answer of the format
 */
export function expectedOf(
  format: WireFormat,
  streaming: boolean,
  body: Uint8Array,
  mayLackEnd = false,
): ExpectedAnswer & { readonly text: string } {
  const { frames, rest } = streaming
    ? framesOf(format, body)
    : { frames: [readPlainAnswer(format, Buffer.from(body).toString('utf8'))], rest: '' };
  const faulty = frames.find(({ kind }) => kind === 'malformed' || kind === 'error');
  if (faulty !== undefined)
    throw new AnswerFault(faulty.kind === 'error' ? `an error with status 200: ${faulty.message}` : faulty.message);
  const withoutEnd = streaming && !frames.some(({ kind }) => kind === 'done') && rest === '' && mayLackEnd;
  if (streaming && !withoutEnd) checkEnd(frames, rest);
  const tools: { name: string; arguments: string }[] = [];
  for (const piece of frames.flatMap((frame) => frame.tools)) {
    const call = (tools[piece.index] ??= { name: '', arguments: '' });
    call.name += piece.name;
    call.arguments += piece.arguments;
  }
  return {
    text: frames.map(({ text }) => text).join(''),
    tools: tools.filter((call) => call !== undefined),
    finishReason: frames.findLast(({ finishReason }) => finishReason !== null)?.finishReason ?? null,
    usage: frames.findLast(({ usage }) => usage !== null)?.usage ?? null,
    ...(withoutEnd ? { withoutEnd } : {}),
  };
}

/** What each content-bearing frame of a stream says. */
export function textsOf(format: WireFormat, body: Uint8Array): string[] {
  return framesOf(format, body).frames.flatMap(({ text }) => (text === '' ? [] : [text]));
}

/** Hands on each frame of a stream as its last byte is pushed. */
export function frameReader(format: WireFormat, onFrame: (frame: Frame, data: string) => void): SseReader {
  return new SseReader({
    onEvent: (bytes, start, end, type) => {
      const data = Buffer.from(bytes.subarray(start, end)).toString('utf8');
      onFrame(readFrame(format, type, data), data);
    },
  });
}

/** The frames of a stream, and what stands behind the last that is whole. */
function framesOf(format: WireFormat, body: Uint8Array): { readonly frames: readonly Frame[]; readonly rest: string } {
  const frames: Frame[] = [];
  const reader = frameReader(format, (frame) => frames.push(frame));
  reader.push(body, 0, body.length);
  return { frames, rest: reader.pending };
}

function checkEnd(all: readonly Frame[], rest: string): void {
  const frames = all.filter(({ kind }) => kind !== 'mark');
  const end = frames.findIndex(({ kind }) => kind === 'done');
  if (end === -1 && rest !== '')
    throw new AnswerFault(
      `the stream ends inside a frame: ${JSON.stringify(rest.slice(0, 80))} without the blank line that ends a frame`,
    );
  if (end === -1) throw new AnswerFault('the stream does not end with [DONE] or its format’s terminal frame');
  if (end < frames.length - 1) throw new AnswerFault('the stream goes on after [DONE] or its format’s terminal frame');
}
