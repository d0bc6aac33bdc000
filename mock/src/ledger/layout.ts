/**
 * A record of the ledger in memory and in its binary form, little-endian:
 *
 * | bytes | what |
 * | --- | --- |
 * | 0-31 | id, ASCII, filled up with zeros |
 * | 32-39 | first byte arrived (f64, µs of the host's monotonic clock) |
 * | 40-47 | last byte arrived |
 * | 48-55 | first byte sent (the write of it begun), 0 when none was |
 * | 56-63 | last byte sent (likewise), 0 when none was |
 * | 64-67 | frames sent (u32) |
 * | 68-71 | bytes sent (u32) |
 * | 72-73 | HTTP status (u16), 0 when none was sent |
 * | 74 | how it ended: 0 open, 1 complete, 2 aborted by the client, 3 a fault was played |
 * | 75 | which fault: its place in the list of faults, 255 when none |
 * | 76-77 | worker (u16) |
 * | 78-79 | the answer's number, the higher half (u16) |
 * | 80-83 | which of the worker's connections brought it (u32), from 1 |
 * | 84-87 | when it ended, µs after its first byte arrived (u32); 0xffffffff while it is open |
 * | 88-91 | the answer's number, the lower half (u32) |
 * | 92-95 | what tells the worker's process from others in its place (u32) |
 * | 96 | provider: its place in the list of providers |
 * | 97 | phase: its place in the list of phases, 255 when none lasted |
 * | 98-103 | unused |
 */
export const RECORD_BYTES = 104;

/** Where in a record its connection stands. */
export const CONNECTION_AT = 80;

/** No phase. */
export const NO_PHASE = 255;

/** Where a record belongs, as its bytes 96 and 97 have it. */
export function placeOf(provider: number, phase: number): number {
  return provider + phase * 256;
}

/** Has not ended yet. */
export const NOT_ENDED = 0xffffffff;

/** Longest id. */
export const ID_BYTES = 32;

/** How an exchange ended, by its number in a record. */
export const OUTCOMES = ['open', 'complete', 'aborted', 'fault'] as const;

/** How an exchange ended. */
export type Outcome = (typeof OUTCOMES)[number];

/** No fault. */
export const NO_FAULT = 255;
