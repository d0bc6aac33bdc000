import type { Frames } from './frames.js';
import { withHeaders, type Headers } from './headers.js';
import { Prebuilt } from './prebuilt.js';

/** A whole answer. Make it once and keep it: its bytes on the wire are built once and reused. */
export interface Reply {
  readonly kind: 'reply';
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** Head and body as they go out over HTTP/1.1. */
  readonly bytes: Prebuilt;
}

/** An answer that is streamed. Make it once and keep it, as a reply. */
export interface StreamReply {
  readonly kind: 'stream';
  readonly status: number;
  readonly headers: Headers;
  readonly frames: Frames;
  /** The head as it goes out over HTTP/1.1, alone. */
  readonly head: Prebuilt;
  /** Head, every frame and the terminator, for a stream that leaves at once; undefined when it is too long to be kept. Made when first asked for: a paced stream never is. */
  readonly bytes: Prebuilt | undefined;
}

/** What an endpoint answers with. */
export type Answer = Reply | StreamReply;

/** Longest stream that is kept as one piece of bytes; a longer one is written frame by frame. */
const MAX_KEPT_STREAM_BYTES = 256 * 1024;

/** The end of a chunked body. */
export const LAST_CHUNK: Buffer = Buffer.from('0\r\n\r\n', 'latin1');

/** A whole answer with this status, these headers and this body. */
export function reply(status: number, headers: Headers, body: Buffer): Reply {
  const length = ['Content-Length', String(body.length)] as const;
  return { kind: 'reply', status, headers, body, bytes: new Prebuilt(status, [...headers, length], body) };
}

/** A streamed answer with these headers and frames. */
export function streamReply(headers: Headers, frames: Frames): StreamReply {
  const all = [...headers, ['Transfer-Encoding', 'chunked']] as const;
  const kept = frames.chunkedBytes <= MAX_KEPT_STREAM_BYTES;
  let bytes: Prebuilt | undefined;
  return {
    kind: 'stream',
    status: 200,
    headers,
    frames,
    head: new Prebuilt(200, all, Buffer.alloc(0)),
    get bytes() {
      if (kept) bytes ??= new Prebuilt(200, all, Buffer.concat([...frames.chunks(), LAST_CHUNK]));
      return bytes;
    },
  };
}

/** The same answer with other headers laid over its own. Not kept: for what differs from one answer to the next. */
export function reheaded<A extends Answer>(answer: A, over: Headers): A {
  const headers = withHeaders(answer.headers, over);
  const made =
    answer.kind === 'reply' ? reply(answer.status, headers, answer.body) : streamReply(headers, answer.frames);
  return made as A;
}
