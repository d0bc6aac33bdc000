import type { Outlet } from '../wire/outlet.js';
import type { StreamReply } from '../wire/reply.js';
import type { Stamp } from '../wire/stamp.js';
import type { Frame, FrameCursor } from '../wire/frames.js';
import type { Timed, Wheel } from './wheel.js';

/** Is told how a stream goes on. */
export interface StreamWatcher {
  /**
   * Frames were sent.
   * @param sentMs when they began to be, on the clock of `performance.now()`: behind the write the peer may have them already
   * @param latenessMs how much later than intended that was; what the peer made it wait does not count. Null where no time was intended
   */
  sent(frames: number, bytes: number, sentMs: number, latenessMs: number | null): void;
  /** The next frame had to wait for so long, because the peer took no more. */
  blocked(waitedMs: number): void;
  /** The last one was. */
  over(): void;
}

/** A stream that sends frame by frame, each at its own time. */
export class PacedStream implements Timed {
  /** The intended time of the next frame: the stream's start plus all gaps so far, so lateness never adds up. */
  dueMs: number;
  readonly #stream: StreamReply;
  readonly #outlet: Outlet;
  readonly #wheel: Wheel;
  readonly #gapMs: () => number;
  readonly #watcher: StreamWatcher;
  readonly #stamp: Stamp;
  readonly #frames: FrameCursor;
  /** When the peer last began to take bytes again: before that nothing could be sent, so nothing was late. */
  #drainedMs = 0;
  #opened = false;
  #stopped = false;

  /**
   * Sends the first frame now.
   * @param dueMs when that was to be
   * @param gapMs the time to the next frame
   */
  constructor(
    stream: StreamReply,
    outlet: Outlet,
    wheel: Wheel,
    dueMs: number,
    gapMs: () => number,
    watcher: StreamWatcher,
    stamp: Stamp,
  ) {
    this.#stream = stream;
    this.#outlet = outlet;
    this.#wheel = wheel;
    this.#gapMs = gapMs;
    this.#watcher = watcher;
    this.#stamp = stamp;
    this.#frames = stream.frames.cursor();
    this.dueMs = dueMs;
    this.fire(performance.now());
  }

  /** Sends no more. */
  stop(): void {
    this.#stopped = true;
  }

  fire(nowMs: number): void {
    // More than one frame, when gaps are shorter than the wheel's millisecond or the wheel comes late.
    do {
      if (this.#stopped) return;
      if (this.#outlet.congested) {
        this.#waitForPeer();
        return;
      }
      const frame = this.#frames.next();
      if (frame === undefined) return;
      // Not the tick's time: the frames of other streams that are due in the same tick are written before this one.
      const sentMs = performance.now();
      this.#watcher.sent(1, this.#sendFrame(frame), sentMs, sentMs - Math.max(this.dueMs, this.#drainedMs));
      if (this.#frames.done) {
        this.#watcher.over();
        return;
      }
      this.dueMs += this.#gapMs();
    } while (this.dueMs <= nowMs);
    this.#wheel.add(this);
  }

  #waitForPeer(): void {
    const sinceMs = performance.now();
    this.#outlet.whenDrained(() => {
      this.#drainedMs = performance.now();
      this.#watcher.blocked(this.#drainedMs - sinceMs);
      this.fire(this.#drainedMs);
    });
  }

  #sendFrame(frame: Frame): number {
    const last = this.#frames.done;
    if (this.#opened)
      return last ? this.#outlet.lastFrame(frame, this.#stamp.answer) : this.#outlet.frame(frame, this.#stamp.answer);
    this.#opened = true;
    const bytes = this.#outlet.open(this.#stream, frame, this.#stamp);
    return last ? bytes + this.#outlet.close() : bytes;
  }
}
