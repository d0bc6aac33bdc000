/**
 * Turns bytes into text, and knows the last one again: what comes with every request (a path, a content type) is then the same
 * string each time, and comparing a few bytes costs less than making one.
 */
export class LastText {
  #bytes: Uint8Array = new Uint8Array(0);
  #text = '';

  /** The bytes from `from` to `to` as Latin-1 text. */
  read(source: Buffer, from: number, to: number): string {
    if (!this.#isSame(source, from, to)) {
      this.#bytes = Uint8Array.prototype.slice.call(source, from, to);
      this.#text = source.toString('latin1', from, to);
    }
    return this.#text;
  }

  #isSame(source: Buffer, from: number, to: number): boolean {
    const bytes = this.#bytes;
    if (to - from !== bytes.length) return false;
    for (let i = 0; i < bytes.length; i++) if (source[from + i] !== bytes[i]) return false;
    return true;
  }
}
