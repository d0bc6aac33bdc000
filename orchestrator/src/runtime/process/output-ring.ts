/** Keeps the last bytes of a program's output, so that a chatty program can neither fill the memory nor be cut off. */
export class OutputRing {
  readonly #capacityBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #droppedBytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  /** Appends output; what no longer fits is dropped from the front. */
  write(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    let excess = this.#bytes - this.#capacityBytes;
    while (excess > 0) {
      const first = this.#chunks[0];
      if (first === undefined) return;
      const cut = Math.min(excess, first.length);
      // A copy, because a view would keep the whole of a large chunk in memory.
      if (cut === first.length) this.#chunks.shift();
      else this.#chunks[0] = Buffer.from(first.subarray(cut));
      this.#bytes -= cut;
      this.#droppedBytes += cut;
      excess -= cut;
    }
  }

  /** What is kept, as UTF-8; a first line says when something was dropped before it. */
  text(): string {
    const kept = Buffer.concat(this.#chunks).toString('utf8');
    return this.#droppedBytes === 0 ? kept : `[${this.#droppedBytes} earlier bytes dropped]\n${kept}`;
  }
}
