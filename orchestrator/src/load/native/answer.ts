import { Buffer } from 'node:buffer';
import type { ExpectedAnswer } from '../../answers/expected-answer.js';
import type { Outcome } from './columns.js';
import { AnswerCheck, type BreachCode } from './answer-check.js';
import { type Frame, readFrame, type WireFormat } from '../../answers/frame.js';
import type { FrameMemory } from './frame-memory.js';
import { readPlainAnswer } from '../../answers/plain-answer.js';
import type { ResponseSink } from './response-parser.js';
import { SseReader, type SseSink } from '../../answers/sse-reader.js';

/** What all answers to one kind of request have in common. */
export interface AnswerSpec {
  readonly format: WireFormat;
  readonly streaming: boolean;
  readonly expected: ExpectedAnswer | null;
  /** Shared by all connections of a thread, and by kinds whose frames say the same. */
  readonly memory: FrameMemory;
}

/** What an answer came to. `message` is for a person and empty when it is `ok`. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly message: string;
  /** In which way the content was wrong. */
  readonly breach?: BreachCode;
}

/** Is told of a stream while it is read. */
export interface StreamWatcher {
  /** Of the first frame, before anything else is said of it. */
  onFirstFrame(): void;
  /** Of each content-bearing frame. */
  onToken(): void;
}

const OK: Verdict = { outcome: 'ok', message: '' };

/** Bytes of an error's body that are kept for a person. */
const ERROR_EXCERPT = 300;

/**
 * Reads the body of one answer after another on a connection: counts it, tells when content comes, and judges it at its end.
 * Order of judgement: status, an error inside a stream, a malformed frame or body, a missing end, wrong content.
 */
export class Answer implements ResponseSink, SseSink {
  #spec: AnswerSpec;
  readonly #check: AnswerCheck;
  readonly #sse: SseReader;
  readonly #watcher: StreamWatcher;
  #body = Buffer.allocUnsafe(1024);
  #bodyLength = 0;
  // A plain body that lies whole in the read at hand is judged where it lies.
  #borrowed: Uint8Array | null = null;
  #borrowedStart = 0;
  #bad: Verdict | null = null;
  #dones = 0;
  status = 0;
  bytes = 0;
  frames = 0;

  /** @param spec of the first answer */
  constructor(spec: AnswerSpec, watcher: StreamWatcher) {
    this.#spec = spec;
    this.#check = new AnswerCheck(spec.expected);
    this.#sse = new SseReader(this);
    this.#watcher = watcher;
  }

  reset(): void {
    this.#check.reset();
    this.#sse.reset();
    this.#bodyLength = 0;
    this.#borrowed = null;
    this.#bad = null;
    this.#dones = 0;
    this.status = 0;
    this.bytes = 0;
    this.frames = 0;
  }

  /** The answer that now begins is one of these. */
  expect(spec: AnswerSpec): void {
    this.#spec = spec;
    this.#check.expect(spec.expected);
  }

  onHead(status: number): void {
    this.status = status;
  }

  onBody(bytes: Uint8Array, start: number, end: number): void {
    this.bytes += end - start;
    const good = this.status >= 200 && this.status < 300;
    if (good && this.#spec.streaming) return this.#sse.push(bytes, start, end);
    if (!good && this.#bodyLength > ERROR_EXCERPT) return;
    if (this.#borrowed === null && this.#bodyLength === 0) {
      this.#borrowed = bytes;
      this.#borrowedStart = start;
      this.#bodyLength = end - start;
      return;
    }
    this.keep();
    this.#append(bytes, start, end);
  }

  onEvent(bytes: Uint8Array, start: number, end: number, type: string): void {
    const position = this.frames++;
    if (position === 0) this.#watcher.onFirstFrame();
    const { memory, format } = this.#spec;
    let frame = memory.recall(position, bytes, start, end, type);
    if (frame === null) {
      frame = readFrame(format, type, utf8(bytes, start, end));
      memory.remember(position, bytes, start, end, type, frame);
    }
    if (this.#dones > 0 && frame.kind !== 'mark')
      this.#bad ??= { outcome: 'content', breach: 'after-end', message: 'a frame after the end of the stream' };
    this.#check.add(frame);
    if (frame.kind === 'content') this.#watcher.onToken();
    else if (frame.kind === 'done') this.#dones += 1;
    else if (frame.kind === 'error') this.#bad ??= { outcome: 'stream-error', message: frame.message };
    else if (frame.kind === 'malformed') this.#bad ??= { outcome: 'malformed', message: frame.message };
  }

  /** The bytes of the read at hand are about to be overwritten. */
  keep(): void {
    if (this.#borrowed === null) return;
    const source = this.#borrowed;
    const length = this.#bodyLength;
    this.#borrowed = null;
    this.#bodyLength = 0;
    this.#append(source, this.#borrowedStart, this.#borrowedStart + length);
  }

  /** Judges the answer, whose framing is complete. */
  verdict(): Verdict {
    if (this.status < 200 || this.status > 299) {
      return { outcome: 'status', message: `HTTP ${this.status}: ${this.#bodyText().slice(0, 120)}` };
    }
    return this.#spec.streaming ? this.#streamVerdict() : this.#plainVerdict();
  }

  #streamVerdict(): Verdict {
    if (this.#bad !== null) return this.#bad;
    if (this.#dones === 0 && (this.#sse.partial || this.#spec.expected?.withoutEnd !== true)) {
      const cut = this.#sse.partial ? 'inside a frame' : `after ${this.frames} frames without its terminal one`;
      return { outcome: 'truncated', message: `the stream ended ${cut}` };
    }
    return this.#contentVerdict();
  }

  #plainVerdict(): Verdict {
    const source = this.#borrowed ?? this.#body;
    const start = this.#borrowed === null ? 0 : this.#borrowedStart;
    const end = start + this.#bodyLength;
    const { memory, format } = this.#spec;
    let frame: Frame | null = memory.recall(0, source, start, end, '');
    if (frame === null) {
      frame = readPlainAnswer(format, utf8(source, start, end));
      memory.remember(0, source, start, end, '', frame);
    }
    if (frame.kind === 'malformed') return { outcome: 'malformed', message: frame.message };
    if (frame.kind === 'error')
      return { outcome: 'content', breach: 'error-body', message: `an error with status 200: ${frame.message}` };
    this.#check.add(frame);
    return this.#contentVerdict();
  }

  #contentVerdict(): Verdict {
    const breach = this.#check.breach();
    return breach === null
      ? OK
      : { outcome: 'content', breach: breach.code, message: `${breach.code}: ${breach.message}` };
  }

  #bodyText(): string {
    const source = this.#borrowed ?? this.#body;
    const start = this.#borrowed === null ? 0 : this.#borrowedStart;
    return utf8(source, start, start + this.#bodyLength);
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#bodyLength + end - start;
    if (needed > this.#body.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#body.length * 2));
      this.#body.copy(grown, 0, 0, this.#bodyLength);
      this.#body = grown;
    }
    this.#body.set(bytes.subarray(start, end), this.#bodyLength);
    this.#bodyLength = needed;
  }
}

function utf8(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
