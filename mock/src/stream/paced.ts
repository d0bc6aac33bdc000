import type { Latency } from '../timing/latency.js';
import type { Random } from '../timing/seeded.js';
import type { Outlet } from '../wire/outlet.js';
import type { StreamReply } from '../wire/reply.js';
import type { FrameCursor } from './frames.js';
import type { Timed, Wheel } from './wheel.js';

/** What is told of a stream while it runs. */
export interface StreamWatcher {
  /** A frame was sent, this much later than intended. */
  frameSent(latenessMs: number): void;
}

/** A stream that sends frame by frame, each at its own time. */
export class PacedStream implements Timed {
  /** The intended time of the next frame: the stream's start plus all latencies so far, so lateness never adds up. */
  dueMs: number;
  readonly #stream: StreamReply;
  readonly #outlet: Outlet;
  readonly #wheel: Wheel;
  readonly #gap: Latency;
  readonly #random: Random;
  readonly #watcher: StreamWatcher;
  readonly #frames: FrameCursor;
  #opened = false;
  #lost = false;

  constructor(
    stream: StreamReply,
    outlet: Outlet,
    wheel: Wheel,
    pace: { readonly ttft: Latency; readonly gap: Latency; readonly random: Random },
    watcher: StreamWatcher,
  ) {
    this.#stream = stream;
    this.#outlet = outlet;
    this.#wheel = wheel;
    this.#gap = pace.gap;
    this.#random = pace.random;
    this.#watcher = watcher;
    this.#frames = stream.frames.cursor();
    const startMs = performance.now();
    this.dueMs = startMs + pace.ttft.sampleMs(pace.random);
    outlet.whenLost(() => {
      this.#lost = true;
    });
    if (pace.ttft.zero) this.fire(startMs);
    else wheel.add(this);
  }

  fire(nowMs: number): void {
    if (this.#lost) return;
    if (this.#outlet.congested) {
      this.#outlet.whenDrained(() => this.fire(performance.now()));
      return;
    }
    const frame = this.#frames.next();
    if (frame === undefined) return;
    const last = this.#frames.done;
    if (!this.#opened) this.#outlet.open(this.#stream, frame);
    else if (!last) this.#outlet.frame(frame);
    this.#watcher.frameSent(nowMs - this.dueMs);
    if (last) {
      this.#outlet.close(this.#opened ? frame : undefined);
      return;
    }
    this.#opened = true;
    this.dueMs += this.#gap.sampleMs(this.#random);
    this.#wheel.add(this);
  }
}
