/** A provider that can answer only so many requests at a time: further ones wait in the order of their arrival. */
export class Capacity {
  readonly #slots: number;
  readonly #queue: number;
  #taken = 0;
  #waiting: (() => void)[] = [];

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
    return new Capacity(Math.max(1, part(whole.slots)), part(whole.queue));
  }

  /**
   * Starts something now, or when a slot is free.
   * @returns false when too many wait already; then it is never started
   */
  start(begin: () => void): boolean {
    if (this.#taken < this.#slots) {
      this.#taken++;
      begin();
      return true;
    }
    if (this.#waiting.length >= this.#queue) return false;
    this.#waiting.push(begin);
    return true;
  }

  /** Takes back what still waits. */
  cancel(begin: () => void): boolean {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((each) => each !== begin);
    return this.#waiting.length < before;
  }

  /** Gives a slot back; who has waited longest takes it. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken--;
    else next();
  }
}
