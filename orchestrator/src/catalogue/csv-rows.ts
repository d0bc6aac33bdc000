const COMMA = 44;
const CARRIAGE_RETURN = 13;

/**
 * Rows of a CSV text without quotes, one at a time and without a list of them: of millions of rows that would be larger than what is
 * read from them. Empty lines at the end are none.
 */
export class CsvRows {
  readonly header: string;
  /** Rows behind the header. */
  readonly length: number;
  readonly #text: string;
  /** Where the values of the row begin; behind the last of them, where the next one would. */
  readonly #starts: number[] = [];
  #lineEnd: number;
  #line = 1;

  constructor(text: string) {
    this.#text = text.replace(/^\uFEFF/, '').trimEnd();
    this.#lineEnd = this.#endOfLine(0);
    this.header = this.#text.slice(0, this.#withoutReturn(0));
    let length = 0;
    for (let at = this.#lineEnd; at < this.#text.length; at = this.#endOfLine(at + 1)) length += 1;
    this.length = length;
  }

  /** Of the row in the text, or of the header before the first; from 1. */
  get line(): number {
    return this.#line;
  }

  /** Goes on to the next row. @returns how many values it has; 0 behind the last row */
  next(): number {
    if (this.#lineEnd === this.#text.length) return 0;
    const start = this.#lineEnd + 1;
    this.#line += 1;
    this.#lineEnd = this.#endOfLine(start);
    const end = this.#withoutReturn(start);
    let count = 0;
    this.#starts[count++] = start;
    for (let at = start; at < end; at++) if (this.#text.charCodeAt(at) === COMMA) this.#starts[count++] = at + 1;
    this.#starts[count] = end + 1;
    return count;
  }

  /** A value of the row. @param column from 0, below what {@link next} returned */
  value(column: number): string {
    return this.#text.slice(this.#starts[column], (this.#starts[column + 1] as number) - 1);
  }

  #endOfLine(from: number): number {
    const at = this.#text.indexOf('\n', from);
    return at === -1 ? this.#text.length : at;
  }

  #withoutReturn(start: number): number {
    const last = this.#lineEnd - 1;
    return last >= start && this.#text.charCodeAt(last) === CARRIAGE_RETURN ? last : this.#lineEnd;
  }
}
