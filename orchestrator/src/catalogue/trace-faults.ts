import { usageError } from '../errors.js';

interface Kind {
  readonly line: number;
  readonly what: string;
  readonly allowed: string;
  rows: number;
}

/** What is wrong with the rows of a trace, by kind: a file of millions has the same fault many times. */
export class TraceFaults {
  readonly #path: string;
  readonly #kinds = new Map<string, Kind>();
  #rows = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Counts a row that cannot be used; of each kind the first is told.
   * @param line in the file, from 1
   */
  add(kind: string, line: number, what: string, allowed: string): void {
    this.#rows += 1;
    const known = this.#kinds.get(kind);
    if (known === undefined) this.#kinds.set(kind, { line, what, allowed, rows: 1 });
    else known.rows += 1;
  }

  /** The error that says one thing about the file and ends its reading. */
  fatal(line: number, what: string, allowed: string): Error {
    return usageError('trace-invalid', `${this.#path}:${line}: ${what}.`, allowed);
  }

  /** @throws BenchError `trace-invalid` with each kind of fault, how often it is there and where first, and what is allowed */
  throwIfAny(rows: number): void {
    const kinds = [...this.#kinds.values()];
    const [first] = kinds;
    if (first === undefined) return;
    const lines = kinds.map(({ line, what, rows: count }) => {
      const others = count === 1 ? '' : `, and ${count - 1} more ${count === 2 ? 'row' : 'rows'} like it`;
      return `${this.#path}:${line}: ${what}${others}.`;
    });
    throw usageError(
      'trace-invalid',
      kinds.length === 1
        ? (lines[0] ?? '')
        : [`${this.#path}: ${this.#rows} of ${rows} rows cannot be used.`, ...lines].join('\n  '),
      [...new Set(kinds.map(({ allowed }) => allowed))].join(' '),
    );
  }
}
