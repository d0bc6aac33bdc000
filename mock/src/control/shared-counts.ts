/** Counts that are kept; those that nothing was added to for longest make room. */
const MAX_COUNTS = 1_000_000;

/** What is counted over all workers, by its name, in bounded memory. */
export class SharedCounts {
  readonly #counts = new Map<string, number>();

  /** @returns how many there are with these */
  add(what: string, by: number): number {
    const count = (this.#counts.get(what) ?? 0) + by;
    // A map keeps the order in which keys were set.
    this.#counts.delete(what);
    this.#counts.set(what, count);
    if (this.#counts.size > MAX_COUNTS) {
      const [oldest] = this.#counts.keys();
      this.#counts.delete(oldest as string);
    }
    return count;
  }

  /** Begins anew. */
  clear(): void {
    this.#counts.clear();
  }
}
