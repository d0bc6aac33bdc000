import type { Outlet } from '../wire/outlet.js';
import type { StreamReply } from '../wire/reply.js';
import type { Frame } from './frames.js';
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
export function sendBurst(stream: StreamReply, outlet: Outlet, watcher: StreamWatcher): () => void {
  const blocks = blocksOf(stream);
  let opened = false;
  let stopped = false;
  const pump = () => {
    for (;;) {
      if (stopped) return;
      if (outlet.congested) {
        outlet.whenDrained(pump);
        return;
      }
      const { value: block, done } = blocks.next();
      if (done === true) {
        outlet.close();
        watcher.over();
        return;
      }
      const sentMs = performance.now();
      watcher.sent(block.frames, opened ? outlet.frame(block) : outlet.open(stream, block), sentMs, 0);
      opened = true;
    }
  };
  pump();
  return () => {
    stopped = true;
  };
}

/** The frames of a stream, joined to blocks; a block of equal frames is made once and used again. */
function* blocksOf(stream: StreamReply): Generator<Block, void> {
  for (const { frame, times } of stream.frames.runs) {
    const atOnce = Math.max(1, Math.floor(BLOCK_BYTES / frame.chunk.length));
    const full = repeated(frame, Math.min(atOnce, times));
    for (let left = times; left > 0; left -= atOnce) yield left >= atOnce ? full : repeated(frame, left);
  }
}

function repeated(frame: Frame, times: number): Block {
  if (times === 1) return { ...frame, frames: 1 };
  const repeat = (bytes: Buffer) => Buffer.concat(Array.from({ length: times }, () => bytes));
  return { data: repeat(frame.data), chunk: repeat(frame.chunk), frames: times };
}
