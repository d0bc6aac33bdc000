import { Buffer } from 'node:buffer';
import type { Frame } from '../../answers/frame.js';

/** Streams longer than this are read without memory from there on. */
const MAX_REMEMBERED = 4096;

/** After so many surprises at one position the frames there are taken to differ each time, and are only parsed. */
const MAX_SURPRISES = 50;

/** The bytes of a frame that was read before, and what it said. */
interface Remembered {
  readonly bytes: Buffer;
  readonly type: string;
  /** Where the values lie that differ from stream to stream and say nothing: ids and times. Ascending pairs of start and end. */
  readonly holes: readonly number[];
  readonly frame: Frame;
}

/**
 * Remembers what the k-th frame of a stream said, so that the same bytes again need no parse: a benchmark's streams say the same
 * thing over and over. Every stream has ids of its own, and some a time in each frame; they are recognised all the same, because these
 * values are left out of the comparison (with their lengths in it). What differs anywhere else is parsed anew.
 */
export class FrameMemory {
  readonly #frames: (Remembered | undefined)[] = [];
  readonly #surprises = new Uint8Array(MAX_REMEMBERED);

  /** What the bytes say, when the frame at this position said it before. */
  recall(position: number, bytes: Uint8Array, start: number, end: number, type: string): Frame | null {
    const known = this.#frames[position];
    if (known === undefined || known.bytes.length !== end - start || known.type !== type) return null;
    let from = 0;
    for (let i = 0; i < known.holes.length; i += 2) {
      const hole = known.holes[i] as number;
      const holeEnd = known.holes[i + 1] as number;
      if (!same(known.bytes, from, bytes, start + from, hole - from)) return null;
      if (!isPlain(bytes, start + hole, start + holeEnd)) return null;
      from = holeEnd;
    }
    return same(known.bytes, from, bytes, start + from, end - start - from) ? known.frame : null;
  }

  /** Remembers a frame that was parsed. Errors are not worth it. */
  remember(position: number, bytes: Uint8Array, start: number, end: number, type: string, frame: Frame): void {
    if (position >= MAX_REMEMBERED || frame.kind === 'error' || frame.kind === 'malformed') return;
    const surprises = (this.#surprises[position] as number) + 1;
    if (surprises > MAX_SURPRISES) return;
    this.#surprises[position] = surprises;
    const copy = Buffer.from(bytes.subarray(start, end));
    this.#frames[position] = { bytes: copy, type, holes: holesOf(copy), frame };
  }
}

/** Ids of answers, items and calls, and times. Quotes within a text are escaped, so that nothing of a text looks like one of these. */
const HOLE = /"(?:id|item_id|call_id)":\s?"([\w-]+)"|"(?:created|created_at|completed_at)":\s?(\d+)/g;

/** What a tool is given may have an `id` that means something; in Anthropic's plain answers it is JSON and not a text. */
const INPUT = /"input":\s?\{/;

/** Where the values lie that differ from answer to answer and say nothing. */
function holesOf(bytes: Buffer): number[] {
  const text = bytes.toString('latin1');
  const input = text.search(INPUT);
  const holes: number[] = [];
  for (const found of (input === -1 ? text : text.slice(0, input)).matchAll(HOLE)) {
    const value = (found[1] ?? found[2]) as string;
    const start = found.index + found[0].lastIndexOf(value);
    holes.push(start, start + value.length);
  }
  return holes;
}

function same(known: Buffer, knownStart: number, bytes: Uint8Array, start: number, length: number): boolean {
  // Leaving JavaScript costs as much as comparing some hundred bytes in it.
  if (length > 256) return known.compare(bytes, start, start + length, knownStart, knownStart + length) === 0;
  for (let i = 0; i < length; i++) if (known[knownStart + i] !== bytes[start + i]) return false;
  return true;
}

/** Letters, digits, `-` and `_`: nothing that could end the value or begin an escape. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    const lower = byte | 32;
    if (!((byte >= 48 && byte <= 57) || (lower >= 97 && lower <= 122) || byte === 45 || byte === 95)) return false;
  }
  return true;
}
