import type { JsonObject } from '../wire/json.js';

const MAX_KEPT = 1024;
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
/** Bytes of a text that go into its fingerprint. */
const MAX_SAMPLES = 64;

/**
 * Gives equal JSON texts the same number, so that a large member (ten tools, a schema) that comes again and again can
 * be part of an answer's key without being read: comparing bytes costs a fraction of parsing or hashing them.
 */
export class KeptMembers {
  readonly #names: readonly string[];
  /** By fingerprint, so that hardly ever more than one text needs comparing. */
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
    const print = fingerprint(bytes);
    const known = this.#texts.get(print)?.find((text) => text.bytes.equals(bytes));
    if (known !== undefined) return known.id;
    // Starting over is simplest; a number is never given twice, so what was kept under an old one is just not found.
    if (this.#count >= MAX_KEPT || this.#bytes >= MAX_KEPT_BYTES) this.#forget();
    const text = { bytes: Buffer.from(bytes), id: this.#nextId++ };
    this.#texts.set(print, [...(this.#texts.get(print) ?? []), text]);
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

/** A number made of the length and of bytes from all over the text (FNV-1a); a short text goes into it whole. */
function fingerprint(bytes: Buffer): number {
  const step = Math.ceil(bytes.length / MAX_SAMPLES);
  let hash = 0x811c_9dc5 ^ bytes.length;
  for (let i = 0; i < bytes.length; i += step) hash = Math.imul(hash ^ (bytes[i] as number), 0x0100_0193);
  return hash;
}
