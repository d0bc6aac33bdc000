import type { Delivery } from './delivery.js';
import type { Capacity } from '../faults/capacity.js';
import { isWireFault, type Fault } from '../faults/fault.js';
import { playWireFault } from '../faults/wire-fault.js';
import type { Counters } from '../health/counters.js';
import { sendBurst } from '../stream/burst.js';
import { PacedStream, type StreamWatcher } from '../stream/paced.js';
import type { Wheel } from '../stream/wheel.js';
import type { Latency } from '../timing/latency.js';
import type { Random } from '../timing/seeded.js';
import type { Answer } from '../wire/reply.js';

/** What an exchange needs of its worker. */
export interface ExchangeParts {
  readonly wheel: Wheel;
  readonly counters: Counters;
  readonly capacity: Capacity | undefined;
}

/** How an answer is to be given. */
export interface Manner {
  /** Before the first byte. */
  readonly latency: Latency;
  /** Between frames. */
  readonly gap: Latency;
  readonly random: Random;
  /** What goes wrong on the wire meanwhile, when something does. */
  readonly fault: Fault | undefined;
  /** Answered instead, when too many wait for a slot already. */
  readonly overloaded: () => Answer;
}

/** One answer that takes time or goes wrong: waits for a slot, plays latency, pace and the faults of the wire. */
export class Exchange implements StreamWatcher {
  readonly #delivery: Delivery;
  readonly #parts: ExchangeParts;
  readonly #manner: Manner;
  readonly #startedMs = performance.now();
  #answer: Answer;
  #fault: Fault | undefined;
  #holdsSlot = false;
  #stop: (() => void) | undefined;

  /** Begins at once. */
  constructor(answer: Answer, manner: Manner, delivery: Delivery, parts: ExchangeParts) {
    this.#answer = answer;
    this.#fault = manner.fault;
    this.#manner = manner;
    this.#delivery = delivery;
    this.#parts = parts;
    delivery.outlet.whenLost(() => this.#lost());
    if (parts.capacity === undefined) this.#wait();
    else this.#takeSlot(parts.capacity);
  }

  sent(frames: number, bytes: number, sentMs: number, latenessMs: number | null): void {
    if (latenessMs !== null) this.#parts.counters.sentLate(latenessMs);
    this.#delivery.sent(this.#answer.status, frames, bytes, sentMs);
  }

  blocked(waitedMs: number): void {
    this.#parts.counters.peerBlockedMs += waitedMs;
  }

  over(): void {
    this.#freeSlot();
    this.#delivery.over();
  }

  #takeSlot(capacity: Capacity): void {
    const begin = () => {
      this.#holdsSlot = true;
      this.#wait();
    };
    this.#stop = () => void capacity.cancel(begin);
    if (capacity.start(begin)) return;
    this.#answer = this.#manner.overloaded();
    this.#fault = undefined;
    this.#delivery.fails({ kind: 'overload', value: 0 });
    this.#give(performance.now());
  }

  #freeSlot(): void {
    if (this.#holdsSlot) this.#parts.capacity?.release();
    this.#holdsSlot = false;
  }

  #wait(): void {
    const { latency, random } = this.#manner;
    const startMs = performance.now();
    if (latency.zero) {
      this.#give(startMs);
      return;
    }
    let stopped = false;
    this.#stop = () => {
      stopped = true;
    };
    const dueMs = startMs + latency.sampleMs(random);
    this.#parts.wheel.add({
      dueMs,
      fire: () => {
        if (!stopped) this.#give(dueMs);
      },
    });
  }

  /** @param dueMs when the first byte was to leave */
  #give(dueMs: number): void {
    const { latency, gap, random } = this.#manner;
    const { wheel } = this.#parts;
    const { outlet } = this.#delivery;
    const answer = this.#answer;
    const fault = this.#fault;
    const gapMs = () => gap.sampleMs(random);
    this.#delivery.tookMs = performance.now() - this.#startedMs;
    if (fault !== undefined && isWireFault(fault)) {
      this.#stop = playWireFault(answer, this.#delivery, fault, outlet, wheel, gap.zero ? undefined : gapMs, {
        sent: (frames, bytes, atMs) => this.#delivery.sent(answer.status, frames, bytes, atMs),
        over: () => this.over(),
      });
    } else if (answer.kind === 'stream' && !gap.zero) {
      const stream = new PacedStream(answer, outlet, wheel, dueMs, gapMs, this, this.#delivery);
      this.#stop = () => stream.stop();
    } else if (answer.kind === 'stream' && answer.bytes === undefined) {
      this.#stop = sendBurst(answer, outlet, this, this.#delivery);
    } else {
      if (!latency.zero) this.#parts.counters.sentLate(performance.now() - dueMs);
      this.#delivery.whole(answer);
      this.#freeSlot();
    }
  }

  #lost(): void {
    this.#stop?.();
    this.#freeSlot();
    this.#delivery.lost();
  }
}
