/** Rows taken from the front are cut off when they are most of the array, and not each time: that would be quadratic under a backlog. */
const MIN_CUT = 4096;

/** Rows that wait, first in, first out. */
export class RowQueue {
  readonly #rows: number[] = [];
  #head = 0;

  get length(): number {
    return this.#rows.length - this.#head;
  }

  get oldest(): number | undefined {
    return this.#rows[this.#head];
  }

  add(row: number): void {
    this.#rows.push(row);
  }

  /** Takes the oldest; undefined when none waits. */
  take(): number | undefined {
    if (this.length === 0) return undefined;
    const row = this.#rows[this.#head++];
    if (this.#head > MIN_CUT && this.#head * 2 > this.#rows.length) {
      this.#rows.splice(0, this.#head);
      this.#head = 0;
    }
    return row;
  }
}
