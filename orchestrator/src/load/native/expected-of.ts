import { Buffer } from 'node:buffer';
import type { ExpectedAnswer } from '../driver.js';
import { type Frame, readFrame, type WireFormat } from './frame.js';
import { readPlainAnswer } from './plain-answer.js';
import { SseReader } from './sse-reader.js';

/**
 * What an answer says, read from its whole body (JSON, or the text of a stream): what a trial then expects of every answer.
 * Take it from an answer that is known to be right: the mock's own, or one that was compared with it.
 * Null when the body is no whole answer of the format.
 */
export function expectedOf(format: WireFormat, streaming: boolean, body: Uint8Array): ExpectedAnswer | null {
  const frames = streaming ? framesOf(format, body) : [readPlainAnswer(format, Buffer.from(body).toString('utf8'))];
  const sound = frames.every(({ kind }) => kind !== 'malformed' && kind !== 'error');
  if (!sound || (streaming && !frames.some(({ kind }) => kind === 'done'))) return null;
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
  };
}

/** What each content-bearing frame of a stream says. */
export function textsOf(format: WireFormat, body: Uint8Array): string[] {
  return framesOf(format, body).flatMap(({ text }) => (text === '' ? [] : [text]));
}

function framesOf(format: WireFormat, body: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  const reader = new SseReader({
    onEvent: (bytes, start, end, type) => {
      frames.push(readFrame(format, type, Buffer.from(bytes.subarray(start, end)).toString('utf8')));
    },
  });
  reader.push(body, 0, body.length);
  return frames;
}
