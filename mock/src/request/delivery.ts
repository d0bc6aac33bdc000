import { faultNumber, type Fault } from '../faults/fault.js';
import type { Counters } from '../health/counters.js';
import type { LedgerEntry } from '../ledger/ledger.js';
import type { Outlet } from '../wire/outlet.js';
import type { Answer } from '../wire/reply.js';
import type { Stamp } from '../wire/stamp.js';

/** One answer on its way out: where its bytes go, and what the counters and the ledger say of them and of its end. */
export class Delivery implements Stamp {
  readonly outlet: Outlet;
  /** The answer's number, of which its ids are made. */
  readonly answer: number;
  tookMs = 0;
  readonly #entry: LedgerEntry | undefined;
  readonly #counters: Counters;
  #fault: Fault | undefined;
  #over = false;

  /** @param entry the request's record, when it has an id */
  constructor(outlet: Outlet, answer: number, entry: LedgerEntry | undefined, counters: Counters) {
    this.outlet = outlet;
    this.answer = answer;
    this.#entry = entry;
    this.#counters = counters;
  }

  /** It is going to fail on purpose: that is how it ends then, whatever else happens. A later fault takes the place of one before. */
  fails(fault: Fault): void {
    if (this.#fault === undefined) this.#counters.faults++;
    this.#fault = fault;
  }

  /** Hands over a whole answer in one write: the path of nearly every request. */
  whole(answer: Answer): void {
    const frames = answer.kind === 'reply' ? 0 : answer.frames.count;
    // Before the write, because behind it the peer may have the bytes already.
    const sentMs = this.#entry === undefined ? 0 : performance.now();
    const bytes = answer.kind === 'reply' ? this.outlet.send(answer, this) : this.outlet.sendStream(answer, this);
    this.sent(answer.status, frames, bytes, sentMs);
    this.over();
  }

  /**
   * A part was handed over.
   * @param sentMs when that began, on the clock of `performance.now()`
   */
  sent(status: number, frames: number, bytes: number, sentMs: number): void {
    this.#counters.frames += frames;
    this.#entry?.sent(status, frames, bytes, sentMs);
  }

  /** The last part was handed over. */
  over(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#fault !== undefined || this.outlet.flushed) this.#end(true);
    else {
      this.outlet.whenFlushed((taken) => {
        // Only here: what the kernel took at once has the time at which its write began.
        if (taken) this.#entry?.flushed();
        this.#end(taken);
      });
    }
  }

  /** The client is gone before the last part was handed over. */
  lost(): void {
    if (this.#over) return;
    this.#over = true;
    this.#end(false);
  }

  #end(taken: boolean): void {
    if (this.#fault !== undefined) this.#entry?.end('fault', faultNumber(this.#fault));
    else if (taken) this.#entry?.end('complete');
    else {
      this.#counters.aborted++;
      this.#entry?.end('aborted');
    }
  }
}
