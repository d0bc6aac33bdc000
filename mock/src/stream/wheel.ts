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
 * a millisecond and not one each. Nothing fires early; an entry fires in the first whole millisecond at or behind its
 * time, and as every entry keeps its exact time, rounding never adds up.
 */
export class Wheel {
  readonly #slots: Timed[][] = Array.from({ length: SLOTS }, () => []);
  #waiting = 0;
  /** Every slot below this millisecond has been fired. */
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
    const slotMs = Math.max(Math.ceil(entry.dueMs), this.#nextMs);
    (this.#slots[slotMs % SLOTS] as Timed[]).push(entry);
    if (slotMs < this.#timerMs) this.#arm(slotMs);
  }

  #arm(slotMs: number): void {
    clearTimeout(this.#timer);
    this.#timerMs = slotMs;
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, Math.ceil(slotMs - performance.now())));
  }

  #tick(): void {
    this.#timerMs = Infinity;
    // Time goes on while entries fire; what becomes due meanwhile is left to the next tick, so that sockets get their turn.
    const nowMs = performance.now();
    const lastMs = Math.floor(nowMs);
    const firstMs = Math.max(this.#nextMs, lastMs - SLOTS + 1);
    this.#nextMs = lastMs + 1;
    for (let ms = firstMs; ms <= lastMs; ms++) this.#fireSlot(ms % SLOTS, nowMs);
    if (this.#waiting > 0) this.#arm(this.#nextOccupied());
  }

  #fireSlot(index: number, nowMs: number): void {
    const entries = this.#slots[index] as Timed[];
    if (entries.length === 0) return;
    this.#slots[index] = [];
    for (const entry of entries) {
      if (entry.dueMs > nowMs) {
        // More than one turn of the wheel away: it stays where it lies.
        this.#slots[index]?.push(entry);
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
