import { BenchError, EXIT } from '../errors.js';
import { type SourceFile, placeIn, sourceError } from './source-error.js';

/** Where a value stands in the file's tree. */
export type Path = readonly (string | number)[];

/** So many faults of one file are told; nobody mends more at a time. */
const MOST_TOLD = 20;

interface Fault {
  readonly offset: number | null;
  readonly message: string;
  readonly hint: string;
  readonly isUnknownKey: boolean;
}

/** All that is wrong with a compose file, gathered while it is read, and the places of its values. */
export class ComposeFaults {
  readonly #source: SourceFile;
  readonly #faults: Fault[] = [];
  readonly #places = new Map<string, number>();
  readonly #broken = new Set<string>();

  constructor(source: SourceFile) {
    this.#source = source;
  }

  /** Remembers where the value of a path was written. */
  place(path: Path, offset: number | null): void {
    if (offset !== null) this.#places.set(keyOf(path), offset);
  }

  /**
   * A fault of a value; what else is wrong with that value, or inside of it, follows from it and is not told.
   * @param offset where to show it; by default at its key, or that of the nearest map or list around it that the file holds
   */
  add(path: Path, message: string, hint: string, offset: number | null = this.#offsetOf(path)): void {
    if (this.#isBroken(path)) return;
    this.#broken.add(keyOf(path));
    this.addAt(offset, message, hint);
  }

  /** A key that has no business where it stands. These come first: a misspelt key is often why another is missing. */
  addUnknownKey(path: Path, message: string, hint: string): void {
    this.#faults.push({ offset: this.#offsetOf(path), message, hint, isUnknownKey: true });
  }

  addAt(offset: number | null, message: string, hint: string): void {
    this.#faults.push({ offset, message, hint, isUnknownKey: false });
  }

  /** @throws BenchError `compose-invalid` that names every fault with line and column */
  throwIfAny(): void {
    const sorted = this.#faults.toSorted(
      (a, b) => Number(b.isUnknownKey) - Number(a.isUnknownKey) || (a.offset ?? 0) - (b.offset ?? 0),
    );
    const faults = sorted.filter(
      ({ offset, message }, i) =>
        sorted.findIndex((other) => other.offset === offset && other.message === message) === i,
    );
    const [first] = faults;
    if (first === undefined) return;
    if (faults.length === 1) throw sourceError(this.#source, first.offset, first.message, first.hint);
    const told = faults
      .slice(0, MOST_TOLD)
      .map(({ offset, message, hint }) => `  ${placeIn(this.#source, offset)}: ${message}\n    ${hint}`);
    const more = faults.length - told.length;
    throw new BenchError({
      code: 'compose-invalid',
      message: [
        `${placeIn(this.#source, null)} cannot be used, ${faults.length} things are wrong:`,
        ...told,
        ...(more > 0 ? [`  and ${more} more`] : []),
      ].join('\n'),
      exitCode: EXIT.usage,
    });
  }

  /** Whether this value, or what it stands in, has a fault already. */
  #isBroken(path: Path): boolean {
    return path.some((_, i) => this.#broken.has(keyOf(path.slice(0, i + 1))));
  }

  #offsetOf(path: Path): number | null {
    for (let length = path.length; length > 0; length -= 1) {
      const offset = this.#places.get(keyOf(path.slice(0, length)));
      if (offset !== undefined) return offset;
    }
    return null;
  }
}

function keyOf(path: Path): string {
  return path.join('\0');
}
