import { filled } from '../wire/answer-id.js';
import type { Outlet } from '../wire/outlet.js';
import type { StreamReply } from '../wire/reply.js';
import type { Stamp } from '../wire/stamp.js';
import type { Frame } from '../wire/frames.js';
import type { StreamWatcher } from './paced.js';

const BLOCK_BYTES = 64 * 1024;

/** Frames that leave in one write. */
interface Block extends Frame {
  readonly frames: number;
}

/**
 * Sends a stream that is too long for one write as fast as the peer takes it, many frames a write.
 * @returns stops it
 */
export function sendBurst(stream: StreamReply, outlet: Outlet, watcher: StreamWatcher, stamp: Stamp): () => void {
  const blocks = blocksOf(stream, stamp.answer);
  let opened = false;
  let stopped = false;
  const pump = () => {
    for (;;) {
      if (stopped) return;
      if (outlet.congested) {
        const sinceMs = performance.now();
        outlet.whenDrained(() => {
          watcher.blocked(performance.now() - sinceMs);
          pump();
        });
        return;
      }
      const { value: block, done } = blocks.next();
      const sentMs = performance.now();
      if (done === true) {
        watcher.sent(0, outlet.close(), sentMs, null);
        watcher.over();
        return;
      }
      watcher.sent(
        block.frames,
        opened ? outlet.frame(block, stamp.answer) : outlet.open(stream, block, stamp),
        sentMs,
        null,
      );
      opened = true;
    }
  };
  pump();
  return () => {
    stopped = true;
  };
}

/** The frames of a stream in their order, joined to blocks of at least so many bytes, the last one of what is left. */
function* blocksOf(stream: StreamReply, answer: number): Generator<Block, void> {
  let frames: Frame[] = [];
  let bytes = 0;
  for (const { frame, times } of stream.frames.runs) {
    for (let i = 0; i < times; i++) {
      frames.push(frame);
      bytes += frame.chunk.length;
      if (bytes < BLOCK_BYTES) continue;
      yield joined(frames, answer);
      frames = [];
      bytes = 0;
    }
  }
  if (frames.length > 0) yield joined(frames, answer);
}

function joined(frames: readonly Frame[], answer: number): Block {
  return {
    data: filled(Buffer.concat(frames.map(({ data }) => data)), answer),
    chunk: filled(Buffer.concat(frames.map(({ chunk }) => chunk)), answer),
    slots: [],
    frames: frames.length,
  };
}
