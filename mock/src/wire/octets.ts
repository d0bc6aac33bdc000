/** 1 for the bytes that may stand in a header's name (RFC 9110, 5.6.2: tchar). */
export const isToken: Uint8Array = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  isToken[character.charCodeAt(0)] = 1;
}

/** 1 for the bytes that may stand in a header's value (RFC 9110, 5.5): tab, visible ASCII, space, and 0x80 to 0xff. */
export const isValue: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte === 0x09 || (byte >= 0x20 && byte !== 0x7f)),
);
