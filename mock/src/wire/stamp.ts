/** What the bytes of one answer say of it alone, however often they are reused. */
export interface Stamp {
  /** The answer's number, of which its ids are made. */
  readonly answer: number;
  /** How long it was made, from the request to the head, in milliseconds; 0 when it was there at once. */
  readonly tookMs: number;
}

/** The stamp of an answer that was there at once. */
export function atOnce(answer: number): Stamp {
  return { answer, tookMs: 0 };
}

/** Stands for the time that an answer took, in a header's value; filled with digits from the right, white space before a value means nothing. */
export const TOOK_SLOT = '<<took>>';

/** Stands for a time that lies ahead of the answer's, in a header's value; as long as RFC 3339 has it. */
export const AHEAD_SLOT = '<<a while from now>>';

/** How far ahead at least, in seconds: never behind, though the bytes are made anew but once a second. */
const AHEAD_SECONDS = 2;

/** What is written into {@link TOOK_SLOT}. */
export function tookText(tookMs: number): string {
  return String(Math.min(99_999_999, Math.round(tookMs))).padStart(TOOK_SLOT.length);
}

/** What is written into {@link AHEAD_SLOT} in this second. */
export function aheadText(second: number): string {
  return rfc3339(second + AHEAD_SECONDS);
}

/** A second of the Unix epoch as `2026-01-31T12:00:00Z`. */
export function rfc3339(second: number): string {
  return new Date(second * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}
