/** Something that is to happen at a time. Owned by the wheel while it waits there. */
export interface Timed {
  /** When, on the clock of `performance.now()`, with a fraction. */
  dueMs: number;
  /** Called once the time has come. It may schedule itself again. */
  fire(nowMs: number): void;
}

const SLOTS = 1024;

/**
 * One timer for all waits of a worker: entries lie in slots of one millisecond, so thousands of streams cost one wake-up
 * a millisecond and not one each. Nothing fires early; an entry fires at the first wake-up at or behind its exact time,
 * wherever in a millisecond that lies, so about half a millisecond late; and as it keeps that time, lateness never adds up.
 */
export class Wheel {
  readonly #slots: Timed[][] = Array.from({ length: SLOTS }, () => []);
  #waiting = 0;
  /** Every slot below this millisecond has been fired; the one of this millisecond as far as it was due. */
  #nextMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Infinity;

  /** Entries that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Lets the entry fire at `entry.dueMs`. */
  add(entry: Timed): void {
    if (this.#waiting++ === 0) this.#nextMs = Math.floor(performance.now());
    const slotMs = Math.max(Math.floor(entry.dueMs), this.#nextMs);
    (this.#slots[slotMs % SLOTS] as Timed[]).push(entry);
    if (slotMs < this.#timerMs) this.#arm(slotMs);
  }

  /**
   * Fires what is due when the timer is overdue; nothing otherwise. For work that comes in bunches (requests that many
   * clients send at once): between two pieces of it, so that entries need not wait for the whole bunch.
   */
  catchUp(): void {
    if (this.#waiting > 0 && performance.now() >= this.#timerMs + 1) this.#tick();
  }

  #arm(slotMs: number): void {
    clearTimeout(this.#timer);
    this.#timerMs = slotMs;
    // Rounded down: the event loop sleeps whole milliseconds from now, and a wake-up too early costs less than one too late.
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, Math.floor(slotMs - performance.now())));
  }

  #tick(): void {
    this.#timerMs = Infinity;
    // Time goes on while entries fire; what becomes due meanwhile is left to the next tick, so that sockets get their turn.
    const nowMs = performance.now();
    const lastMs = Math.floor(nowMs);
    const firstMs = Math.max(this.#nextMs, lastMs - SLOTS + 1);
    this.#nextMs = lastMs;
    for (let ms = firstMs; ms <= lastMs; ms++) this.#fireSlot(ms % SLOTS, nowMs);
    if (this.#waiting > 0) this.#arm(this.#nextOccupied());
  }

  #fireSlot(index: number, nowMs: number): void {
    const entries = this.#slots[index] as Timed[];
    if (entries.length === 0) return;
    const staying: Timed[] = [];
    this.#slots[index] = staying;
    for (const entry of entries) {
      if (entry.dueMs > nowMs) {
        // Later in this millisecond, or more than one turn of the wheel away: it stays where it lies.
        staying.push(entry);
      } else {
        this.#waiting--;
        entry.fire(nowMs);
      }
    }
  }

  #nextOccupied(): number {
    for (let ms = this.#nextMs; ms < this.#nextMs + SLOTS; ms++) {
      if ((this.#slots[ms % SLOTS] as Timed[]).length > 0) return ms;
    }
    return this.#nextMs + SLOTS;
  }
}
