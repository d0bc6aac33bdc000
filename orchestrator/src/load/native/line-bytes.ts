/** The value of a decimal digit, NaN for anything else, so that arithmetic on it fails of itself. */
export function digit(byte: number | undefined): number {
  return byte !== undefined && byte >= 48 && byte <= 57 ? byte - 48 : Number.NaN;
}

/** The value of a hexadecimal digit, -1 for anything else. */
export function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** A space or a tab. */
export function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9;
}

/** `tchar` of RFC 9110, section 5.6.2. */
export function isToken(byte: number): boolean {
  return TOKEN[byte] === 1;
}

const TOKEN = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)) && byte < 128 ? 1 : 0,
);

/** Whether a line begins with a text. */
export function startsWith(line: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (line[i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Whether a line begins with a name given in lower case, letters of either case in the line. */
export function sameName(line: Uint8Array, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = line[i] as number;
    if ((byte >= 65 && byte <= 90 ? byte | 32 : byte) !== name.charCodeAt(i)) return false;
  }
  return true;
}
