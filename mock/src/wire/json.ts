import { InternedStrings } from './interned.js';
import {
  QUOTE,
  BACKSLASH,
  COMMA,
  OPEN_BRACE,
  CLOSE_BRACE,
  OPEN_BRACKET,
  skipSpace,
  skipColon,
  skipString,
  skipValue,
} from './json-scan.js';

/** What a text turned out to be: an object whose members can be read, some other JSON value, or not JSON. */
export type JsonKind = 'object' | 'other' | 'invalid';

const MAX_KEPT_SPANS = 65_536;

/**
 * The members of a JSON object, found in its bytes without building anything.
 * It accepts exactly the texts that JSON.parse accepts (RFC 8259, bytes above 0x7f taken as they are), follows only the
 * top level, and of a repeated key the last counts, as with JSON.parse. One object is reused for many texts.
 * Members are looked up by ASCII names only: no API has others.
 */
export class JsonObject {
  #bytes: Buffer = Buffer.alloc(0);
  /** Four offsets a member: key from, key to (without quotes), value from, value to. */
  #spans: number[] = [];
  #length = 0;
  /** True when a key is written with an escape, so that it may be one of the names asked for in disguise. */
  #escapedKeys = false;

  /** Looks at a text; the members of an earlier one are forgotten. */
  read(bytes: Buffer): JsonKind {
    this.#bytes = bytes;
    // It grows with the most members seen; one strange request is not to keep that for good.
    if (this.#length > MAX_KEPT_SPANS) this.#spans = [];
    this.#length = 0;
    this.#escapedKeys = false;
    const end = bytes.length;
    const start = skipSpace(bytes, 0, end);
    if (bytes[start] !== OPEN_BRACE) {
      const valueEnd = skipValue(bytes, start, end);
      return valueEnd !== -1 && skipSpace(bytes, valueEnd, end) === end ? 'other' : 'invalid';
    }
    const objectEnd = this.#readMembers(start + 1, end);
    if (objectEnd === -1 || skipSpace(bytes, objectEnd, end) !== end) {
      this.#length = 0;
      return 'invalid';
    }
    return 'object';
  }

  /** Bytes of the member's value as it stands in the text; 0 when there is no such member. */
  span(name: string): number {
    const at = this.#find(name);
    return at === -1 ? 0 : this.#end(at) - this.#start(at);
  }

  /** The bytes of the member's value as they stand in the text; undefined when there is no such member. Not a copy. */
  raw(name: string): Buffer | undefined {
    const at = this.#find(name);
    return at === -1 ? undefined : this.#bytes.subarray(this.#start(at), this.#end(at));
  }

  /** True when the member is there and not null. */
  has(name: string): boolean {
    const at = this.#find(name);
    return at !== -1 && this.#bytes[this.#start(at)] !== 0x6e;
  }

  /** The member's kind, `'absent'` when there is none. */
  kind(name: string): 'absent' | 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object' {
    const at = this.#find(name);
    if (at === -1) return 'absent';
    switch (this.#bytes[this.#start(at)] as number) {
      case QUOTE:
        return 'string';
      case OPEN_BRACE:
        return 'object';
      case OPEN_BRACKET:
        return 'array';
      case 0x6e:
        return 'null';
      case 0x74:
      case 0x66:
        return 'boolean';
      default:
        return 'number';
    }
  }

  /** True when the member is exactly `true`. */
  isTrue(name: string): boolean {
    const at = this.#find(name);
    return at !== -1 && this.#bytes[this.#start(at)] === 0x74;
  }

  /** The member's number; undefined when there is none or it is no number. */
  number(name: string): number | undefined {
    return this.kind(name) === 'number' ? Number(this.#text(this.#find(name))) : undefined;
  }

  /** The member's string; undefined when there is none or it is no string. */
  string(name: string): string | undefined {
    const at = this.#find(name);
    if (at === -1 || this.#bytes[this.#start(at)] !== QUOTE) return undefined;
    return strings.get(this.#bytes, this.#start(at) + 1, this.#end(at) - 1);
  }

  /** True when the member is an array without elements. */
  isEmptyArray(name: string): boolean {
    const at = this.#find(name);
    if (at === -1 || this.#bytes[this.#start(at)] !== OPEN_BRACKET) return false;
    return skipSpace(this.#bytes, this.#start(at) + 1, this.#end(at)) === this.#end(at) - 1;
  }

  /** The member's value parsed; undefined when there is none. For members that are rare or small. */
  value(name: string): unknown {
    const at = this.#find(name);
    return at === -1 ? undefined : JSON.parse(this.#text(at));
  }

  /** How many members, repeated ones included. */
  get size(): number {
    return this.#length / 4;
  }

  /** The name of a member by its place, from 0. */
  nameAt(place: number): string {
    const at = 4 * place;
    if (this.#escapedKeys) return this.#key(at);
    return keys.get(this.#bytes, this.#spans[at] as number, this.#spans[at + 1] as number);
  }

  /** The names of the members in their order, repeated ones included. */
  keys(): string[] {
    const names: string[] = [];
    for (let at = 0; at < this.#length; at += 4) names.push(this.#key(at));
    return names;
  }

  #readMembers(from: number, end: number): number {
    const bytes = this.#bytes;
    let i = skipSpace(bytes, from, end);
    if (bytes[i] === CLOSE_BRACE && i < end) return i + 1;
    for (;;) {
      if (i >= end || bytes[i] !== QUOTE) return -1;
      const keyEnd = skipString(bytes, i + 1, end);
      if (keyEnd === -1) return -1;
      const valueStart = skipColon(bytes, keyEnd, end);
      if (valueStart === -1) return -1;
      const valueEnd = skipValue(bytes, valueStart, end);
      if (valueEnd === -1) return -1;
      this.#add(i + 1, keyEnd - 1, valueStart, valueEnd);
      i = skipSpace(bytes, valueEnd, end);
      if (i >= end) return -1;
      if (bytes[i] === CLOSE_BRACE) return i + 1;
      if (bytes[i] !== COMMA) return -1;
      i = skipSpace(bytes, i + 1, end);
    }
  }

  #add(keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    const spans = this.#spans;
    const at = this.#length;
    spans[at] = keyStart;
    spans[at + 1] = keyEnd;
    spans[at + 2] = valueStart;
    spans[at + 3] = valueEnd;
    this.#length = at + 4;
    for (let i = keyStart; i < keyEnd; i++) {
      if (this.#bytes[i] === BACKSLASH) this.#escapedKeys = true;
    }
  }

  /** From the back, because the last of equal keys counts. */
  #find(name: string): number {
    for (let at = this.#length - 4; at >= 0; at -= 4) {
      if (this.#isKey(at, name)) return at;
    }
    return -1;
  }

  #isKey(at: number, name: string): boolean {
    const bytes = this.#bytes;
    const start = this.#spans[at] as number;
    const length = (this.#spans[at + 1] as number) - start;
    if (length === name.length) {
      let i = 0;
      while (i < length && bytes[start + i] === name.charCodeAt(i)) i++;
      if (i === length) return true;
    }
    // A shorter key has no room for an escape, so only a longer one can still be the name in disguise.
    return this.#escapedKeys && length > name.length && this.#key(at) === name;
  }

  #key(at: number): string {
    return unquote(`"${this.#bytes.toString('utf8', this.#spans[at], this.#spans[at + 1])}"`);
  }

  #start(at: number): number {
    return this.#spans[at + 2] as number;
  }

  #end(at: number): number {
    return this.#spans[at + 3] as number;
  }

  #text(at: number): string {
    return this.#bytes.toString('utf8', this.#start(at), this.#end(at));
  }
}

/** Of members; none of those that get here is written with an escape. */
const keys = new InternedStrings((bytes, from, to) => bytes.toString('utf8', from, to));
const strings = new InternedStrings((bytes, from, to) => unquote(bytes.toString('utf8', from - 1, to + 1)));

function unquote(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}
