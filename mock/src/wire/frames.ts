import { slotsIn } from './answer-id.js';

/** One server-sent event: its bytes, and the same bytes as the HTTP/1.1 chunk that carries them. Shared by all streams that have it. */
export interface Frame {
  readonly data: Buffer;
  readonly chunk: Buffer;
  /** Where the digits of the answer's id belong in the chunk. */
  readonly slots: readonly number[];
}

/** The same frame several times in a row. */
export interface Run {
  readonly frame: Frame;
  readonly times: number;
}

/** The frame with these bytes. */
export function rawFrame(text: string): Frame {
  const data = Buffer.from(text, 'utf8');
  const size = `${data.length.toString(16)}\r\n`;
  const chunk = Buffer.concat([Buffer.from(size, 'latin1'), data, Buffer.from('\r\n', 'latin1')]);
  return { data: chunk.subarray(size.length, -2), chunk, slots: slotsIn(chunk) };
}

/** A frame `data: {…}`, with an `event:` line when the provider's streams have them. */
export function jsonFrame(payload: unknown, event?: string): Frame {
  const line = event === undefined ? '' : `event: ${event}\n`;
  return rawFrame(`${line}data: ${JSON.stringify(payload)}\n\n`);
}

/** How OpenAI's chat and completion streams end. */
export const DONE_FRAME: Frame = rawFrame('data: [DONE]\n\n');

/** The frames of a stream in their order. Equal frames in a row are kept once. */
export class Frames {
  readonly runs: readonly Run[];
  /** How many frames. */
  readonly count: number;
  /** Bytes of all chunks, the last-chunk marker not included. */
  readonly chunkedBytes: number;

  constructor(runs: readonly Run[]) {
    this.runs = runs.filter((run) => run.times > 0);
    this.count = this.runs.reduce((sum, run) => sum + run.times, 0);
    this.chunkedBytes = this.runs.reduce((sum, run) => sum + run.times * run.frame.chunk.length, 0);
  }

  /** Every chunk in its order. */
  *chunks(): Generator<Buffer> {
    for (const run of this.runs) {
      for (let i = 0; i < run.times; i++) yield run.frame.chunk;
    }
  }

  /** A place before the first frame, from which the frames are taken one by one. */
  cursor(): FrameCursor {
    return new FrameCursor(this.runs);
  }
}

/** Walks over the frames of a stream. */
export class FrameCursor {
  readonly #runs: readonly Run[];
  #run = 0;
  #taken = 0;

  constructor(runs: readonly Run[]) {
    this.#runs = runs;
  }

  /** The next frame, undefined behind the last. */
  next(): Frame | undefined {
    const run = this.#runs[this.#run];
    if (run === undefined) return undefined;
    if (++this.#taken === run.times) {
      this.#run++;
      this.#taken = 0;
    }
    return run.frame;
  }

  /** True when every frame has been taken. */
  get done(): boolean {
    return this.#run >= this.#runs.length;
  }
}
