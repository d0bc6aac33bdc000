/** A provider that can answer only so many requests at a time: further ones wait in the order of their arrival. */
export class Capacity {
  readonly #slots: number;
  readonly #queue: number;
  #taken = 0;
  readonly #waiting = new Line();
  #handingOver = false;

  /**
   * @param slots requests answered at the same time
   * @param queue requests that may wait
   */
  constructor(slots: number, queue: number) {
    this.#slots = slots;
    this.#queue = queue;
  }

  /** One worker's part of a capacity that all workers share; the first ones take what cannot be divided. */
  static share(whole: { slots: number; queue: number }, worker: number, workers: number): Capacity {
    const part = (all: number) => Math.floor(all / workers) + (worker < all % workers ? 1 : 0);
    return new Capacity(part(whole.slots), part(whole.queue));
  }

  /**
   * Starts something now, or when a slot is free.
   * @returns false when too many wait already; then it is never started
   */
  start(begin: () => void): boolean {
    if (this.#taken < this.#slots && this.#waiting.length === 0) {
      this.#taken++;
      begin();
      return true;
    }
    if (this.#waiting.length >= this.#queue) return false;
    this.#waiting.add(begin);
    return true;
  }

  /** Takes back what still waits. */
  cancel(begin: () => void): boolean {
    return this.#waiting.remove(begin);
  }

  /** Gives a slot back; who has waited longest takes it. */
  release(): void {
    this.#taken--;
    // What is started may be over at once and give its slot back in here: the loop below sees it, and the stack does not grow.
    if (this.#handingOver) return;
    this.#handingOver = true;
    try {
      while (this.#taken < this.#slots) {
        const next = this.#waiting.take();
        if (next === undefined) return;
        this.#taken++;
        next();
      }
    } finally {
      this.#handingOver = false;
    }
  }
}

/** Those who wait, in their order; each step takes the same time on average, however long the line is. */
class Line {
  readonly #present = new Set<() => void>();
  #order: (() => void)[] = [];
  #head = 0;

  get length(): number {
    return this.#present.size;
  }

  add(each: () => void): void {
    this.#present.add(each);
    this.#order.push(each);
  }

  remove(each: () => void): boolean {
    const was = this.#present.delete(each);
    this.#tidy();
    return was;
  }

  take(): (() => void) | undefined {
    for (let next = this.#order[this.#head]; next !== undefined; next = this.#order[this.#head]) {
      this.#head++;
      if (!this.#present.delete(next)) continue;
      this.#tidy();
      return next;
    }
    return undefined;
  }

  /** Forgets who has left, once they are more than those who are there. */
  #tidy(): void {
    if (this.#order.length < 2 * this.#present.size + 32) return;
    this.#order = this.#order.slice(this.#head).filter((each) => this.#present.has(each));
    this.#head = 0;
  }
}
