const MAX_KEPT = 512;
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

/** What something depends on, always the same things in the same order. */
type Circumstances = readonly (string | number | boolean | undefined)[];

/** What was made before, by what it depends on; what was not asked for longest makes room, so memory stays bounded. */
export class Kept<V> {
  readonly #weigh: (value: V) => number;
  readonly #values = new Map<string, V>();
  #bytes = 0;
  /** Load is mostly one request again and again; comparing with the last one costs less than making and hashing a key. */
  #last: { readonly on: Circumstances; readonly value: V } | undefined;

  /** @param weigh roughly what a value keeps in memory, in bytes */
  constructor(weigh: (value: V) => number) {
    this.#weigh = weigh;
  }

  /** What is kept for these circumstances, or a new one from `make`. Nothing is kept when `make` throws. */
  get(on: Circumstances, make: () => V): V {
    if (this.#last !== undefined && areEqual(this.#last.on, on)) return this.#last.value;
    const value = this.#find(on.join('\n'), make);
    this.#last = { on, value };
    return value;
  }

  #find(key: string, make: () => V): V {
    const kept = this.#values.get(key);
    if (kept !== undefined) {
      // A map keeps the order in which keys were set: the first one is the one used longest ago.
      this.#values.delete(key);
      this.#values.set(key, kept);
      return kept;
    }
    const made = make();
    this.#values.set(key, made);
    this.#bytes += this.#weigh(made);
    for (const [oldKey, old] of this.#values) {
      if (this.#values.size <= MAX_KEPT && this.#bytes <= MAX_KEPT_BYTES) break;
      this.#values.delete(oldKey);
      this.#bytes -= this.#weigh(old);
    }
    return made;
  }
}

function areEqual(a: Circumstances, b: Circumstances): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
