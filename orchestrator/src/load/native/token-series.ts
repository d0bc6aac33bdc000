/** Requests whose token times are kept whole, and tokens kept of each: evidence for a person, not a record of everything. */
const MAX_SERIES = 8;
const MAX_TOKENS = 256;

/** Keeps when each content frame came, for a few requests. */
export class TokenSeries {
  readonly #open = new Map<number, number[]>();
  readonly #kept: { row: number; tokensUs: readonly number[] }[] = [];

  /** A content frame of a row, microseconds after its intended time. */
  token(row: number, atUs: number): void {
    if (this.#kept.length === MAX_SERIES) return;
    const times = this.#open.get(row);
    if (times === undefined) {
      if (this.#open.size < MAX_SERIES) this.#open.set(row, [atUs]);
    } else if (times.length < MAX_TOKENS) {
      times.push(atUs);
    }
  }

  /** A row is decided: keeps its series, if it has one and is of the window. */
  finish(row: number, keep: boolean): void {
    const tokensUs = this.#open.get(row);
    this.#open.delete(row);
    if (keep && tokensUs !== undefined && this.#kept.length < MAX_SERIES) this.#kept.push({ row, tokensUs });
  }

  toRows(): readonly { readonly row: number; readonly tokensUs: readonly number[] }[] {
    return this.#kept;
  }
}
