/** What a text turned out to be: an object whose members can be read, some other JSON value, or not JSON. */
export type JsonKind = 'object' | 'other' | 'invalid';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** 1 for a byte that may stand in a string by itself: no control character, quote or backslash. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH),
);
/** 1 for the bytes that may follow a backslash, `u` excepted. */
const ESCAPE = new Uint8Array(256);
for (const character of '"\\/bfnrt') ESCAPE[character.charCodeAt(0)] = 1;

/**
 * The members of a JSON object, found in its bytes without building anything.
 * It accepts exactly the texts that JSON.parse accepts (RFC 8259, bytes above 0x7f taken as they are), follows only the
 * top level, and of a repeated key the last counts, as with JSON.parse. One object is reused for many texts.
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
    return unquote(this.#text(at));
  }

  /** The member's value parsed; undefined when there is none. For members that are rare or small. */
  value(name: string): unknown {
    const at = this.#find(name);
    return at === -1 ? undefined : JSON.parse(this.#text(at));
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

function unquote(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

function skipSpace(bytes: Buffer, from: number, end: number): number {
  let i = from;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
    i++;
  }
  return i;
}

/** From behind a key to the first byte of its value. */
function skipColon(bytes: Buffer, from: number, end: number): number {
  const colon = skipSpace(bytes, from, end);
  return colon < end && bytes[colon] === 0x3a ? skipSpace(bytes, colon + 1, end) : -1;
}

/** From behind the opening quote to behind the closing one. */
function skipString(bytes: Buffer, from: number, end: number): number {
  let i = from;
  while (i < end) {
    const byte = bytes[i] as number;
    if (PLAIN[byte] === 1) i++;
    else if (byte === QUOTE) return i + 1;
    else if (byte !== BACKSLASH || i + 1 >= end) return -1;
    else if (ESCAPE[bytes[i + 1] as number] === 1) i += 2;
    else if (bytes[i + 1] === 0x75 && i + 5 < end && isHex(bytes, i + 2)) i += 6;
    else return -1;
  }
  return -1;
}

function isHex(bytes: Buffer, from: number): boolean {
  for (let i = from; i < from + 4; i++) {
    const byte = bytes[i] as number;
    const lower = byte | 0x20;
    if (!isDigit(byte) && !(lower >= 0x61 && lower <= 0x66)) return false;
  }
  return true;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** From the first byte of a value to behind it, -1 when it is none. */
function skipValue(bytes: Buffer, from: number, end: number): number {
  if (from >= end) return -1;
  const byte = bytes[from];
  return byte === OPEN_BRACE || byte === OPEN_BRACKET ? skipContainer(bytes, from, end) : skipScalar(bytes, from, end);
}

function skipScalar(bytes: Buffer, from: number, end: number): number {
  switch (bytes[from] as number) {
    case QUOTE:
      return skipString(bytes, from + 1, end);
    case 0x74:
      return skipWord(bytes, from, end, 'true');
    case 0x66:
      return skipWord(bytes, from, end, 'false');
    case 0x6e:
      return skipWord(bytes, from, end, 'null');
    default:
      return skipNumber(bytes, from, end);
  }
}

function skipWord(bytes: Buffer, from: number, end: number, word: string): number {
  if (from + word.length > end) return -1;
  for (let i = 0; i < word.length; i++) {
    if (bytes[from + i] !== word.charCodeAt(i)) return -1;
  }
  return from + word.length;
}

function skipNumber(bytes: Buffer, from: number, end: number): number {
  let i = from;
  if (bytes[i] === 0x2d) i++;
  if (i < end && bytes[i] === 0x30) i++;
  else if ((i = skipDigits(bytes, i, end)) === -1) return -1;
  if (i < end && bytes[i] === 0x2e && (i = skipDigits(bytes, i + 1, end)) === -1) return -1;
  if (i < end && ((bytes[i] as number) | 0x20) === 0x65) {
    const sign = bytes[i + 1];
    i = skipDigits(bytes, i + (sign === 0x2b || sign === 0x2d ? 2 : 1), end);
  }
  return i;
}

/** At least one digit. */
function skipDigits(bytes: Buffer, from: number, end: number): number {
  let i = from;
  while (i < end && isDigit(bytes[i])) i++;
  return i === from ? -1 : i;
}

/** Open containers inside out, 1 for an object; grows with the deepest text seen. */
let nesting = new Uint8Array(256);

/** Without recursion, so that no depth of nesting can exhaust the call stack. */
function skipContainer(bytes: Buffer, from: number, end: number): number {
  let depth = 0;
  let i = from;
  for (;;) {
    if (i >= end) return -1;
    const byte = bytes[i];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      const isObject = byte === OPEN_BRACE;
      if (depth === nesting.length) nesting = grown(nesting);
      nesting[depth++] = Number(isObject);
      i = skipSpace(bytes, i + 1, end);
      if (i >= end) return -1;
      if (bytes[i] !== (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        if (isObject && (i = skipKey(bytes, i, end)) === -1) return -1;
        continue;
      }
      depth--;
      i++;
    } else if ((i = skipScalar(bytes, i, end)) === -1) return -1;
    while (depth > 0) {
      i = skipSpace(bytes, i, end);
      if (i >= end) return -1;
      const isObject = nesting[depth - 1] === 1;
      if (bytes[i] === COMMA) {
        i = skipSpace(bytes, i + 1, end);
        if (isObject && (i = skipKey(bytes, i, end)) === -1) return -1;
        break;
      }
      if (bytes[i] !== (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) return -1;
      depth--;
      i++;
    }
    if (depth === 0) return i;
  }
}

/** From a key's opening quote to the first byte of its value. */
function skipKey(bytes: Buffer, from: number, end: number): number {
  if (from >= end || bytes[from] !== QUOTE) return -1;
  const keyEnd = skipString(bytes, from + 1, end);
  return keyEnd === -1 ? -1 : skipColon(bytes, keyEnd, end);
}

function grown(stack: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(stack.length * 2);
  larger.set(stack);
  return larger;
}
