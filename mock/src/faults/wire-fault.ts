import type { Socket } from 'node:net';
import type { Timed, Wheel } from '../stream/wheel.js';
import { filled } from '../wire/answer-id.js';
import type { Outlet } from '../wire/outlet.js';
import { LAST_CHUNK, type Answer, type StreamReply } from '../wire/reply.js';
import type { Stamp } from '../wire/stamp.js';
import type { WireFault } from './fault.js';

/** How long the peer has to read what was sent before a reset makes it forget that, in milliseconds. */
const RESET_AFTER_MS = 20;

/** How a fault leaves the connection. */
type Leaving = 'open' | 'close' | 'reset' | 'stalled';

/** An answer, what it says of itself alone, and whether its peer reads chunked coding. */
interface Said {
  readonly answer: Answer;
  readonly stamp: Stamp;
  readonly chunked: boolean;
}

/** What leaves in one write. */
interface Piece {
  readonly bytes: Buffer;
  /** Frames that are whole with it. */
  readonly frames: number;
}

/** What goes over the wire, and what then happens to the connection. */
interface Script {
  /** Made as they are sent: an answer in single bytes would be millions of them. */
  readonly pieces: Iterator<Piece>;
  /** From one piece to the next, in milliseconds. */
  readonly gapMs: () => number;
  readonly leaving: Leaving;
}

/** Is told how a fault on the wire goes on. */
export interface WireFaultWatcher {
  /**
   * @param frames that are whole with these bytes
   * @param sentMs when they began to be, on the clock of `performance.now()`
   */
  sent(frames: number, bytes: number, sentMs: number): void;
  /** Nothing more is sent. */
  over(): void;
}

/**
 * Plays a fault on the connection, below HTTP. The connection is closed, reset or left hanging afterwards, never used
 * again, so this may bypass whoever else writes to it.
 * @param gapMs the pace of a stream's frames
 * @returns stops it, when the peer is gone
 */
export function playWireFault(
  answer: Answer,
  stamp: Stamp,
  fault: WireFault,
  { socket, chunked }: Pick<Outlet, 'socket' | 'chunked'>,
  wheel: Wheel,
  gapMs: (() => number) | undefined,
  watcher: WireFaultWatcher,
): () => void {
  const { pieces, gapMs: pace, leaving } = scriptOf({ answer, stamp, chunked }, fault, gapMs);
  let next = pieces.next();
  let stopped = false;
  const step: Timed = {
    dueMs: performance.now(),
    fire(nowMs) {
      while (this.dueMs <= nowMs) {
        if (stopped) return;
        if (next.done === true) {
          leave(socket, leaving);
          watcher.over();
          return;
        }
        const { bytes, frames } = next.value;
        next = pieces.next();
        if (bytes.length > 0) {
          const sentMs = performance.now();
          socket.write(bytes);
          watcher.sent(frames, bytes.length, sentMs);
        }
        if (next.done !== true) this.dueMs += pace();
        else if (leaving === 'reset') this.dueMs = nowMs + RESET_AFTER_MS;
      }
      wheel.add(this);
    },
  };
  step.fire(step.dueMs);
  return () => {
    stopped = true;
  };
}

// oxlint-disable-next-line eslint/consistent-return -- the switch is exhaustive, which the compiler checks
function scriptOf(said: Said, { kind, value }: WireFault, gapMs: (() => number) | undefined): Script {
  const once = (pieces: Iterable<Piece>, leaving: Leaving): Script => ({
    pieces: [joined(pieces)].values(),
    gapMs: NO_GAP,
    leaving,
  });
  const frames = (leaving: Leaving): Script =>
    gapMs === undefined ? once(upToFrame(said, value), leaving) : { pieces: upToFrame(said, value), gapMs, leaving };
  switch (kind) {
    case 'refuse':
      return once([], 'close');
    case 'reset':
      return once([], 'reset');
    case 'reset-after-head':
      return once([headOf(said)], 'reset');
    case 'stall':
      return value < 0 ? once([], 'stalled') : frames('stalled');
    case 'cut':
      return frames('close');
    case 'cut-reset':
      return frames('reset');
    case 'cut-bytes':
      return once(firstBytes(piecesOf(said), value), 'close');
    case 'cut-bytes-reset':
      return once(firstBytes(piecesOf(said), value), 'reset');
    case 'slow-head': {
      const head = closing(headOf(said));
      const pieces = [...singles([head]), joined(bodyOf(said))];
      return { pieces: pieces.values(), gapMs: () => value / head.bytes.length, leaving: 'close' };
    }
    case 'trickle':
      return { pieces: singles(piecesOf(said, closing(headOf(said)))), gapMs: () => value, leaving: 'close' };
  }
}

const NO_GAP = (): number => 0;
const BLANK_LINE = '\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const CONNECTION_CLOSE = Buffer.from(`Connection: close\r\n${BLANK_LINE}`, 'latin1');

/** Head and body, or head, frames and terminator. */
function* piecesOf(said: Said, head = headOf(said)): Generator<Piece, void> {
  yield head;
  yield* bodyOf(said);
}

/** A copy, because prebuilt bytes change with the next response. */
function headOf({ answer, stamp, chunked }: Said): Piece {
  if (answer.kind === 'reply') {
    const bytes = answer.bytes.next(stamp);
    return { bytes: Buffer.from(bytes.subarray(0, bytes.length - answer.body.length)), frames: 0 };
  }
  const bytes = answer.head.next(stamp);
  return { bytes: chunked ? Buffer.from(bytes) : withoutCoding(bytes), frames: 0 };
}

/** A stream's head for a peer that takes its end from that of the connection. */
function withoutCoding(head: Buffer): Buffer {
  return Buffer.from(head.toString('latin1').replace(CHUNKED, 'Connection: close\r\n'), 'latin1');
}

function* bodyOf(said: Said): Generator<Piece, void> {
  const { answer, stamp, chunked } = said;
  if (answer.kind === 'reply') {
    yield { bytes: filled(answer.body, stamp.answer), frames: 0 };
    return;
  }
  yield* firstFrames(answer, said, answer.frames.count);
  if (chunked) yield { bytes: LAST_CHUNK, frames: 0 };
}

/** The head, saying that the connection ends behind the answer: slow is the only fault that is to be seen. */
function closing({ bytes }: Piece): Piece {
  if (bytes.includes('\r\nConnection: close\r\n')) return { bytes, frames: 0 };
  return { bytes: Buffer.concat([bytes.subarray(0, -BLANK_LINE.length), CONNECTION_CLOSE]), frames: 0 };
}

/** The head leaves together with the first frame. A plain answer has no frames: it is cut in the middle of its body. */
function* upToFrame(said: Said, count: number): Generator<Piece, void> {
  const head = headOf(said);
  const { answer, stamp } = said;
  if (answer.kind === 'reply') {
    const body = filled(answer.body, stamp.answer);
    yield joined([head, { bytes: body.subarray(0, Math.floor(body.length / 2)), frames: 0 }]);
    return;
  }
  const frames = firstFrames(answer, said, count);
  const first = frames.next();
  yield first.done === true ? head : joined([head, first.value]);
  yield* frames;
}

function* firstFrames({ frames }: StreamReply, { stamp, chunked }: Said, count: number): Generator<Piece, void> {
  const cursor = frames.cursor();
  for (let left = count; left > 0; left--) {
    const frame = cursor.next();
    if (frame === undefined) return;
    yield { bytes: filled(chunked ? frame.chunk : frame.data, stamp.answer), frames: 1 };
  }
}

function* firstBytes(pieces: Iterable<Piece>, count: number): Generator<Piece, void> {
  let left = count;
  for (const piece of pieces) {
    const { bytes } = piece;
    yield bytes.length <= left ? piece : { bytes: bytes.subarray(0, left), frames: 0 };
    left -= bytes.length;
    if (left <= 0) return;
  }
}

function* singles(pieces: Iterable<Piece>): Generator<Piece, void> {
  for (const { bytes, frames } of pieces) {
    for (let i = 0; i < bytes.length; i++)
      yield { bytes: bytes.subarray(i, i + 1), frames: i === bytes.length - 1 ? frames : 0 };
  }
}

function joined(pieces: Iterable<Piece>): Piece {
  const all = [...pieces];
  return {
    bytes: Buffer.concat(all.map(({ bytes }) => bytes)),
    frames: all.reduce((sum, { frames }) => sum + frames, 0),
  };
}

function leave(socket: Socket, leaving: Leaving): void {
  if (leaving === 'close') socket.end();
  else if (leaving === 'reset') socket.resetAndDestroy();
}
