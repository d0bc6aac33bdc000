import type { JsonObject } from '../wire/json.js';

const MAX_KEPT = 1024;
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/**
 * Gives equal JSON texts the same number, so that a large member (ten tools, a schema) that comes again and again can
 * be part of an answer's key without being read: comparing bytes costs a fraction of parsing or hashing them.
 */
export class KeptMembers {
  readonly #names: readonly string[];
  /** By length, because only texts of the same length need comparing. */
  readonly #texts = new Map<number, { readonly bytes: Buffer; readonly id: number }[]>();
  #count = 0;
  #bytes = 0;
  #nextId = 1;

  /** @param names the members that an answer depends on with their whole value */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** Part of a key that tells apart requests that differ in one of the members; empty when none of them is there. */
  key(json: JsonObject): string {
    let key = '';
    for (const name of this.#names) {
      const bytes = json.raw(name);
      if (bytes !== undefined) key += ` ${name}:${this.#id(bytes)}`;
    }
    return key;
  }

  #id(bytes: Buffer): number {
    const alike = this.#texts.get(bytes.length);
    const known = alike?.find((text) => text.bytes.equals(bytes));
    if (known !== undefined) return known.id;
    // Starting over is simplest; a number is never given twice, so what was kept under an old one is just not found.
    if (this.#count >= MAX_KEPT || this.#bytes >= MAX_KEPT_BYTES) this.#forget();
    const text = { bytes: Buffer.from(bytes), id: this.#nextId++ };
    this.#texts.set(bytes.length, [...(this.#texts.get(bytes.length) ?? []), text]);
    this.#count++;
    this.#bytes += bytes.length;
    return text.id;
  }

  #forget(): void {
    this.#texts.clear();
    this.#count = 0;
    this.#bytes = 0;
  }
}
