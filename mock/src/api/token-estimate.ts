import type { Buffer } from 'node:buffer';

/** Bytes that are looked at one by one; of a longer text as many, in pieces from all over it. */
const SAMPLED_BYTES = 4096;
const PIECES = 32;

/** What a byte begins or belongs to. */
const LOWER = 1;
const UPPER = 2;
const DIGIT = 3;
const SPACE = 4;
const SIGN = 5;
const WIDE = 6;

const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x61 && byte <= 0x7a) return LOWER;
  // Latin letters with accents, by the first byte of their UTF-8, and the byte behind it: they belong to their word.
  if ((byte >= 0xc3 && byte <= 0xc5) || (byte >= 0x80 && byte < 0xc0)) return LOWER;
  if (byte >= 0x41 && byte <= 0x5a) return UPPER;
  if (byte >= 0x30 && byte <= 0x39) return DIGIT;
  if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) return SPACE;
  return byte < 0x80 ? SIGN : WIDE;
});

/** Letters of a word that are one token, and of each further one. Measured on English prose and on code. */
const WORD_LETTERS = 11;
const PART_LETTERS = 5;
const DIGITS_A_TOKEN = 3;
const SIGNS_A_TOKEN = 3;

/** Tokens of a character of another script, by the first byte of its UTF-8: Greek, Cyrillic; Indic, Thai; Chinese, Japanese; Korean; emoji. */
function wideTokens(lead: number): number {
  if (lead < 0xe0) return 0.3;
  if (lead < 0xe3) return 0.5;
  if (lead < 0xea) return 0.68;
  return lead < 0xf0 ? 0.58 : 2;
}

/**
 * Tokens of a text, about as many as OpenAI's o200k_base makes of it: words and groups of signs with the space before them, three
 * digits each, long words in parts. Within a sixth of it, for prose in nine languages as for code and Markdown; a tokenizer's
 * own tables would be megabytes, and would take milliseconds for what this takes microseconds.
 * @param bytes UTF-8, or JSON text as it stands in a request: what is escaped counts as what it stands for
 */
export function estimateTokens(bytes: Buffer, from: number, to: number): number {
  const length = to - from;
  if (length <= SAMPLED_BYTES) return counted(bytes, from, to);
  const size = SAMPLED_BYTES / PIECES;
  let tokens = 0;
  for (let piece = 0; piece < PIECES; piece++) {
    const at = from + Math.floor((piece * (length - size)) / (PIECES - 1));
    tokens += counted(bytes, at, at + size);
  }
  // Each piece cuts a word at its end into two.
  return ((tokens - PIECES / 2) * length) / SAMPLED_BYTES;
}

function counted(bytes: Buffer, from: number, to: number): number {
  let tokens = 0;
  let at = from;
  while (at < to) {
    let kind = KINDS[bytes[at] as number] as number;
    if (kind === SPACE) {
      // One space belongs to what follows it.
      const start = at;
      while (at < to && KINDS[bytes[at] as number] === SPACE) at++;
      if (at - start > 1 || at === to) tokens++;
      continue;
    }
    const start = at;
    if (kind === LOWER || kind === UPPER) {
      // A capital within a word begins another one.
      do at++;
      while (at < to && KINDS[bytes[at] as number] === UPPER);
      while (at < to && KINDS[bytes[at] as number] === LOWER) at++;
      const letters = at - start;
      tokens += letters <= WORD_LETTERS ? 1 : 1 + Math.ceil((letters - WORD_LETTERS) / PART_LETTERS);
    } else if (kind === DIGIT) {
      while (at < to && KINDS[bytes[at] as number] === DIGIT) at++;
      tokens += Math.ceil((at - start) / DIGITS_A_TOKEN);
    } else if (kind === SIGN) {
      while (at < to && (kind = KINDS[bytes[at] as number] as number) === SIGN) {
        at++;
        // What is escaped is one character, and mostly a line's end or a quote.
        if (bytes[at - 1] === 0x5c && at < to) at++;
      }
      tokens += Math.ceil((at - start) / SIGNS_A_TOKEN);
    } else {
      const lead = bytes[at] as number;
      at += lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      tokens += wideTokens(lead);
    }
  }
  return tokens;
}
