import { Buffer } from 'node:buffer';

/** What is to be done to one answer. */
export interface Edit {
  readonly buffer: boolean;
  readonly dropFrame: boolean;
  readonly wrong: boolean;
}

/** The frame that is dropped, from 0: one with text, neither the first nor the last. */
const DROPPED_FRAME = 3;
const TEXT = '"content":"';
const LAST_CHUNK = '\r\n0\r\n\r\n';
const HEAD_END = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/** Spoils one answer as its bytes come by. Knows the mock's wire: a stream is chunked, one frame a chunk. */
export class AnswerEditor {
  readonly edit: Edit;
  #kept: Buffer = Buffer.alloc(0);
  #chunks = -1;
  /** Bytes of the head, until it has come whole. */
  #head: Buffer | null = NOTHING;
  #spoilt = false;

  constructor(edit: Edit) {
    this.edit = edit;
  }

  /** Whether anything was really spoilt. */
  get spoilt(): boolean {
    return this.#spoilt;
  }

  /**
   * Takes bytes from the provider.
   * @returns what the client gets of them now
   * @throws RangeError for an answer that is encoded: what stands in it cannot be spoilt by looking at its bytes
   */
  push(received: Buffer): Buffer {
    const bytes = this.#head === null ? received : this.#readHead(this.#head, received);
    let passed = this.edit.wrong && !this.#spoilt ? this.#makeWrong(bytes) : bytes;
    if (this.edit.dropFrame && !this.#spoilt) passed = this.#dropFrame(passed);
    return this.edit.buffer ? this.#keep(passed) : passed;
  }

  /** @returns the head and what came behind it; nothing while it is not whole */
  #readHead(before: Buffer, received: Buffer): Buffer {
    const bytes = Buffer.concat([before, received]);
    const end = bytes.indexOf(HEAD_END);
    this.#head = end < 0 ? bytes : null;
    if (end < 0) return NOTHING;
    const coding = /^content-encoding:[ \t]*(\S.*?)[ \t]*\r?$/im.exec(bytes.toString('latin1', 0, end))?.[1];
    if (coding === undefined || coding.toLowerCase() === 'identity') return bytes;
    throw new RangeError(
      `the provider's answer is encoded with ${coding}, which was not asked for, and cannot be edited`,
    );
  }

  /** Another letter, so that every length stays right and only the meaning is wrong. */
  #makeWrong(bytes: Buffer): Buffer {
    for (let at = bytes.indexOf(TEXT); at >= 0; at = bytes.indexOf(TEXT, at + 1)) {
      const letter = at + TEXT.length;
      const code = bytes[letter];
      if (code === undefined || !/[A-Za-z]/.test(String.fromCharCode(code))) continue;
      bytes[letter] = code === 0x78 ? 0x79 : 0x78;
      this.#spoilt = true;
      return bytes;
    }
    return bytes;
  }

  #dropFrame(bytes: Buffer): Buffer {
    this.#kept = Buffer.concat([this.#kept, bytes]);
    const passed: Buffer[] = [];
    for (let length = this.#nextPiece(); length > 0 && !this.#spoilt; length = this.#nextPiece()) {
      if (this.#chunks === DROPPED_FRAME) this.#spoilt = true;
      else passed.push(this.#kept.subarray(0, length));
      this.#kept = this.#kept.subarray(length);
      this.#chunks += 1;
    }
    if (this.#spoilt) {
      passed.push(this.#kept);
      this.#kept = Buffer.alloc(0);
    }
    return Buffer.concat(passed);
  }

  /** Length of the head, or of the next chunk with its size and line end; 0 while it has not come whole. */
  #nextPiece(): number {
    if (this.#chunks < 0) {
      const end = this.#kept.indexOf(HEAD_END);
      return end < 0 ? 0 : end + HEAD_END.length;
    }
    const lineEnd = this.#kept.indexOf('\r\n');
    if (lineEnd < 0) return 0;
    const length = lineEnd + 2 + Number.parseInt(this.#kept.toString('latin1', 0, lineEnd), 16) + 2;
    return this.#kept.length < length ? 0 : length;
  }

  #keep(bytes: Buffer): Buffer {
    this.#kept = Buffer.concat([this.#kept, bytes]);
    if (!this.#kept.subarray(-LAST_CHUNK.length).equals(Buffer.from(LAST_CHUNK))) return Buffer.alloc(0);
    this.#spoilt = true;
    const whole = this.#kept;
    this.#kept = Buffer.alloc(0);
    return whole;
  }
}
