import type { Outlet } from '../wire/outlet.js';
import type { StreamReply } from '../wire/reply.js';
import type { Frame } from './frames.js';

const BLOCK_BYTES = 64 * 1024;

/** Sends a stream that is too long for one write as fast as the peer takes it, many frames a write. */
export function sendBurst(stream: StreamReply, outlet: Outlet): void {
  const blocks = blocksOf(stream);
  let lost = false;
  let opened = false;
  outlet.whenLost(() => {
    lost = true;
  });
  const pump = () => {
    for (;;) {
      if (lost) return;
      if (outlet.congested) {
        outlet.whenDrained(pump);
        return;
      }
      const { value: block, done } = blocks.next();
      if (done === true) {
        outlet.close();
        return;
      }
      if (opened) outlet.frame(block);
      else outlet.open(stream, block);
      opened = true;
    }
  };
  pump();
}

/** The frames of a stream, joined to blocks; a block of equal frames is made once and used again. */
function* blocksOf(stream: StreamReply): Generator<Frame, void> {
  for (const { frame, times } of stream.frames.runs) {
    const atOnce = Math.max(1, Math.floor(BLOCK_BYTES / frame.chunk.length));
    const full = repeated(frame, Math.min(atOnce, times));
    for (let left = times; left > 0; left -= atOnce) yield left >= atOnce ? full : repeated(frame, left);
  }
}

function repeated(frame: Frame, times: number): Frame {
  if (times === 1) return frame;
  const repeat = (bytes: Buffer) => Buffer.concat(Array.from({ length: times }, () => bytes));
  return { data: repeat(frame.data), chunk: repeat(frame.chunk) };
}
