import { altered } from './faults/alter.js';
import type { Capacity } from './faults/capacity.js';
import { faultNumber, isAnswerFault, isWireFault, type Fault } from './faults/fault.js';
import { playWireFault } from './faults/wire-fault.js';
import type { Counters } from './health/counters.js';
import type { LedgerEntry } from './ledger/ledger.js';
import { sendBurst } from './stream/burst.js';
import { PacedStream, type StreamWatcher } from './stream/paced.js';
import type { Wheel } from './stream/wheel.js';
import type { Latency } from './timing/latency.js';
import type { Random } from './timing/seeded.js';
import type { Outlet } from './wire/outlet.js';
import type { Answer } from './wire/reply.js';

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
  readonly fault: Fault | undefined;
  /** Answered instead, when too many wait for a slot already. */
  readonly overloaded: () => Answer;
}

/** One answer that takes time or goes wrong: waits for a slot, plays latency, pace and fault, keeps the ledger. */
export class Exchange implements StreamWatcher {
  readonly #outlet: Outlet;
  readonly #parts: ExchangeParts;
  readonly #entry: LedgerEntry | undefined;
  readonly #manner: Manner;
  #answer: Answer;
  #holdsSlot = false;
  #stop: (() => void) | undefined;
  #over = false;

  /** Begins at once. */
  constructor(answer: Answer, manner: Manner, outlet: Outlet, entry: LedgerEntry | undefined, parts: ExchangeParts) {
    const { fault } = manner;
    this.#answer = fault !== undefined && isAnswerFault(fault) ? altered(answer, fault) : answer;
    this.#manner = manner;
    this.#outlet = outlet;
    this.#entry = entry;
    this.#parts = parts;
    outlet.whenLost(() => this.#lost());
    if (parts.capacity === undefined) this.#wait();
    else this.#takeSlot(parts.capacity);
  }

  sent(frames: number, bytes: number, sentMs: number, latenessMs: number): void {
    this.#parts.counters.frames += frames;
    this.#parts.counters.sentLate(latenessMs);
    this.#entry?.sent(this.#answer.status, frames, bytes, sentMs);
  }

  over(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#holdsSlot) this.#parts.capacity?.release();
    if (this.#outlet.flushed) this.#ended(true);
    else this.#outlet.whenFlushed((taken) => this.#ended(taken));
  }

  #takeSlot(capacity: Capacity): void {
    const begin = () => {
      this.#holdsSlot = true;
      this.#wait();
    };
    this.#stop = () => void capacity.cancel(begin);
    if (capacity.start(begin)) return;
    this.#parts.counters.faults++;
    this.#answer = this.#manner.overloaded();
    this.#entry?.end('fault', faultNumber({ kind: 'overload', value: 0 }));
    this.#give(performance.now());
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
    const { fault, gap, random } = this.#manner;
    const { wheel } = this.#parts;
    const outlet = this.#outlet;
    const answer = this.#answer;
    const sentMs = performance.now();
    const gapMs = () => gap.sampleMs(random);
    if (fault !== undefined && isWireFault(fault)) {
      this.#stop = playWireFault(answer, fault, outlet.socket, wheel, gap.zero ? undefined : gapMs, {
        sent: (bytes, atMs) => this.#entry?.sent(answer.status, 0, bytes, atMs),
        over: () => this.over(),
      });
    } else if (answer.kind === 'reply') {
      this.#whole(0, outlet.send(answer), sentMs, dueMs);
    } else if (!gap.zero) {
      const stream = new PacedStream(answer, outlet, wheel, dueMs, gapMs, this);
      this.#stop = () => stream.stop();
    } else if (answer.bytes === undefined) {
      this.#stop = sendBurst(answer, outlet, this);
    } else {
      this.#whole(answer.frames.count, outlet.sendStream(answer), sentMs, dueMs);
    }
  }

  #whole(frames: number, bytes: number, sentMs: number, dueMs: number): void {
    this.sent(frames, bytes, sentMs, sentMs - dueMs);
    this.over();
  }

  #lost(): void {
    this.#stop?.();
    if (this.#over) return;
    this.#over = true;
    if (this.#holdsSlot) this.#parts.capacity?.release();
    this.#ended(false);
  }

  #ended(taken: boolean): void {
    const { fault } = this.#manner;
    if (fault !== undefined) this.#entry?.end('fault', faultNumber(fault));
    else if (taken) {
      this.#entry?.flushed();
      this.#entry?.end('complete');
    } else {
      this.#parts.counters.aborted++;
      this.#entry?.end('aborted');
    }
  }
}
