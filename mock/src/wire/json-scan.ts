// Finds where the parts of a JSON text (RFC 8259) end, in its bytes; -1 says that there is no such part, or that it is not whole.

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** 1 for a byte that may stand in a string by itself: no control character, quote or backslash. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH),
);
/** 1 for the bytes that may follow a backslash, `u` excepted. */
const ESCAPE = new Uint8Array(256);
for (const character of '"\\/bfnrt') ESCAPE[character.charCodeAt(0)] = 1;

/** To the first byte that is no white space. */
export function skipSpace(bytes: Buffer, from: number, end: number): number {
  let i = from;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
    i++;
  }
  return i;
}

/** From behind a key to the first byte of its value. */
export function skipColon(bytes: Buffer, from: number, end: number): number {
  const colon = skipSpace(bytes, from, end);
  return colon < end && bytes[colon] === 0x3a ? skipSpace(bytes, colon + 1, end) : -1;
}

/** From behind the opening quote to behind the closing one. */
export function skipString(bytes: Buffer, from: number, end: number): number {
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
export function skipValue(bytes: Buffer, from: number, end: number): number {
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

/** Open containers inside out, 1 for an object; grows with the deepest text seen, up to what is worth keeping. */
let nesting = new Uint8Array(256);
const MAX_KEPT_NESTING = 65_536;

/** Without recursion, so that no depth of nesting can exhaust the call stack. */
function skipContainer(bytes: Buffer, from: number, end: number): number {
  let depth = 0;
  let i = from;
  if (nesting.length > MAX_KEPT_NESTING) nesting = new Uint8Array(256);
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
