import type { Socket } from 'node:net';
import type { Timed, Wheel } from '../stream/wheel.js';
import { LAST_CHUNK, type Answer } from '../wire/reply.js';
import type { WireFault } from './fault.js';

/** How long the peer has to read what was sent before a reset makes it forget that, in milliseconds. */
const RESET_AFTER_MS = 20;

/** How a fault leaves the connection. */
type Leaving = 'open' | 'close' | 'reset' | 'stalled';

/** What goes over the wire: pieces, one write each, and what then happens to the connection. */
interface Script {
  readonly pieces: readonly Buffer[];
  /** From one piece to the next, in milliseconds. */
  readonly gapMs: () => number;
  readonly leaving: Leaving;
}

/** Is told how a fault on the wire goes on. */
export interface WireFaultWatcher {
  /** @param sentMs when they began to be, on the clock of `performance.now()` */
  sent(bytes: number, sentMs: number): void;
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
  fault: WireFault,
  socket: Socket,
  wheel: Wheel,
  gapMs: (() => number) | undefined,
  watcher: WireFaultWatcher,
): () => void {
  const { pieces, gapMs: pace, leaving } = scriptOf(answer, fault, gapMs);
  let next = 0;
  let stopped = false;
  const step: Timed = {
    dueMs: performance.now(),
    fire(nowMs) {
      while (this.dueMs <= nowMs) {
        if (stopped) return;
        const piece = pieces[next++];
        if (piece === undefined) {
          leave(socket, leaving);
          watcher.over();
          return;
        }
        if (piece.length > 0) {
          const sentMs = performance.now();
          socket.write(piece);
          watcher.sent(piece.length, sentMs);
        }
        if (next < pieces.length) this.dueMs += pace();
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
function scriptOf(answer: Answer, { kind, value }: WireFault, gapMs: (() => number) | undefined): Script {
  const once = (bytes: Buffer, leaving: Leaving): Script => ({ pieces: [bytes], gapMs: NO_GAP, leaving });
  const frames = (leaving: Leaving): Script => ({
    pieces: upToFrame(answer, value, gapMs),
    gapMs: gapMs ?? NO_GAP,
    leaving,
  });
  switch (kind) {
    case 'refuse':
      return once(NOTHING, 'close');
    case 'reset':
      return once(NOTHING, 'reset');
    case 'reset-after-head':
      return once(headOf(answer), 'reset');
    case 'stall':
      return value < 0 ? once(NOTHING, 'stalled') : frames('stalled');
    case 'cut':
      return frames('close');
    case 'cut-reset':
      return frames('reset');
    case 'cut-bytes':
      return once(wholeOf(answer).subarray(0, value), 'close');
    case 'cut-bytes-reset':
      return once(wholeOf(answer).subarray(0, value), 'reset');
    case 'slow-head': {
      const { head, rest } = closing(answer);
      return { pieces: [...singles(head), rest], gapMs: () => value / head.length, leaving: 'close' };
    }
    case 'trickle': {
      const { head, rest } = closing(answer);
      return { pieces: singles(Buffer.concat([head, rest])), gapMs: () => value, leaving: 'close' };
    }
  }
}

const NOTHING = Buffer.alloc(0);
const NO_GAP = (): number => 0;
const BLANK_LINE = '\r\n';
const CONNECTION_CLOSE = Buffer.from(`Connection: close\r\n${BLANK_LINE}`, 'latin1');

function wholeOf(answer: Answer): Buffer {
  return Buffer.concat(piecesOf(answer));
}

/** Head and body, or head, chunks and terminator. Copies, because prebuilt bytes change with the next response. */
function piecesOf(answer: Answer): Buffer[] {
  if (answer.kind === 'reply') return [Buffer.from(answer.bytes.next())];
  return [headOf(answer), ...answer.frames.chunks(), LAST_CHUNK];
}

function headOf(answer: Answer): Buffer {
  if (answer.kind === 'stream') return Buffer.from(answer.head.next());
  const bytes = answer.bytes.next();
  return Buffer.from(bytes.subarray(0, bytes.length - answer.body.length));
}

/** The answer, saying that the connection ends behind it: slow is the only fault that is to be seen. */
function closing(answer: Answer): { head: Buffer; rest: Buffer } {
  const head = headOf(answer);
  const rest = wholeOf(answer).subarray(head.length);
  return { head: Buffer.concat([head.subarray(0, -BLANK_LINE.length), CONNECTION_CLOSE]), rest };
}

/** A plain answer has no frames: it is cut in the middle of its body. Without a pace, all frames leave at once. */
function upToFrame(answer: Answer, count: number, gapMs: (() => number) | undefined): Buffer[] {
  const pieces = piecesOf(answer);
  if (answer.kind === 'reply') {
    const [whole] = pieces as [Buffer];
    return [whole.subarray(0, whole.length - Math.ceil(answer.body.length / 2))];
  }
  const [head, ...frames] = pieces.slice(0, 1 + Math.min(count, answer.frames.count)) as [Buffer, ...Buffer[]];
  if (gapMs === undefined || frames.length === 0) return [Buffer.concat([head, ...frames])];
  return [Buffer.concat([head, frames[0] as Buffer]), ...frames.slice(1)];
}

function singles(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.length }, (_, i) => bytes.subarray(i, i + 1));
}

function leave(socket: Socket, leaving: Leaving): void {
  if (leaving === 'close') socket.end();
  else if (leaving === 'reset') socket.resetAndDestroy();
}
