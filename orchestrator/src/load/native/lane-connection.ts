import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Answer, type AnswerSpec, type Verdict } from './answer.js';
import { monotonicUs } from '../../clock/clock.js';
import { ABSENT } from './columns.js';
import { descriptorOf } from '../../clock/direct-write.js';
import { LaneSocket } from './lane-socket.js';
import { ResponseParser } from './response-parser.js';

/** What a connection tells its lane. */
export interface ConnectionOwner {
  readonly readBuffer: Buffer;
  /** Whether a connection takes another request after its first. */
  readonly reuse: boolean;
  /** A read has brought bytes of an answer, or its end: looks at the clock, once for all that the read holds. */
  onRead(): void;
  onConnected(connection: LaneConnection): void;
  /** @param code the system's word, or what else is known of it */
  onConnectFailed(connection: LaneConnection, code: string): void;
  /** The first byte of the answer to the row under way. */
  onFirstByte(connection: LaneConnection): void;
  /** The first frame of a stream, content-bearing or not. */
  onFirstFrame(connection: LaneConnection): void;
  onToken(connection: LaneConnection): void;
  /** The row under way is decided; `reusable` says whether the connection can take another. */
  onVerdict(connection: LaneConnection, verdict: Verdict, reusable: boolean): void;
  /** A read has brought a part of the answer, and not its end: whether its client leaves now. */
  leavesNow(connection: LaneConnection): boolean;
  /** Whether all of the request under way has been handed to the kernel: an answer may come before that. */
  isSentWhole(connection: LaneConnection): boolean;
  beforeClose(connection: LaneConnection): void;
  onClosed(connection: LaneConnection): void;
  /** The row that is under way on it, -1 when none is. */
  rowOn(connection: LaneConnection): number;
}

const LEFT: Verdict = { outcome: 'left', message: '' };

/** One connection to the target: its socket, and the answer that is being read from it. */
export class LaneConnection {
  readonly index: number;
  readonly answer: Answer;
  readonly parser: ResponseParser;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #openedUs = monotonicUs();
  /** How long it took to connect, microseconds; 0 until it has. */
  connectUs = 0;
  #connected = false;
  #failure = '';
  /** Requests on it that were decided, each with an answer but perhaps the last. */
  answers = 0;
  /** Of the answer under way. */
  reads = 0;
  lastTokenUs = 0;
  tokens = 0;
  maxGapUs = ABSENT;

  constructor(
    index: number,
    owner: ConnectionOwner,
    spec: AnswerSpec,
    target: { host: string; port: number; tlsName: string | null },
  ) {
    this.index = index;
    this.#owner = owner;
    this.answer = new Answer(spec, {
      onFirstFrame: () => owner.onFirstFrame(this),
      onToken: () => owner.onToken(this),
    });
    this.parser = new ResponseParser(this.answer);
    this.#socket = this.#open(target);
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Where to write past the stream; -1 where that cannot be, as under TLS, whose descriptor takes ciphertext only. */
  get descriptor(): number {
    return this.#socket instanceof LaneSocket ? descriptorOf(this.#socket) : -1;
  }

  /** Sends by way of the socket's own stream; the bytes must stay as they are until they are gone. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Whether earlier bytes still wait in the stream, so that nothing may be written past it. */
  get writing(): boolean {
    return this.#socket.writableLength > 0;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #open(target: { host: string; port: number; tlsName: string | null }): Socket {
    const socket = target.tlsName === null ? this.#openPlain() : connectTls({ ...target, servername: target.tlsName });
    if (target.tlsName !== null) {
      socket.on('data', (bytes: Buffer) => this.#onBytes(bytes, bytes.length));
      socket.once('close', () => this.#owner.beforeClose(this));
    } else {
      socket.connect(target.port, target.host);
    }
    socket.setNoDelay(true);
    socket.once(target.tlsName === null ? 'connect' : 'secureConnect', () => {
      this.#connected = true;
      this.connectUs = monotonicUs() - this.#openedUs;
      this.#owner.onConnected(this);
    });
    socket.on('end', () => this.#onEnd());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure = error.code ?? error.message;
    });
    socket.on('close', () => this.#onClose());
    return socket;
  }

  #openPlain(): Socket {
    return new LaneSocket({
      buffer: this.#owner.readBuffer,
      onBytes: (length) => this.#onBytes(this.#owner.readBuffer, length),
      beforeClose: () => this.#owner.beforeClose(this),
    });
  }

  #onBytes(bytes: Buffer, length: number): void {
    const owner = this.#owner;
    if (owner.rowOn(this) < 0) {
      // Nothing was asked: whatever this is, the answers on this connection are not to be told apart any more.
      this.#socket.destroy();
      return;
    }
    owner.onRead();
    const { parser, answer } = this;
    if (parser.state === 'idle') owner.onFirstByte(this);
    const bodyBefore = answer.bytes;
    const used = parser.push(bytes, 0, length);
    if (answer.bytes > bodyBefore) this.reads += 1;
    if (parser.state === 'complete') {
      const surplus = length - used;
      // Behind a request of which a part was never sent, the next one would be read as its rest.
      const reusable = parser.keepAlive && owner.reuse && owner.isSentWhole(this);
      if (surplus === 0) this.#decide(answer.verdict(), reusable);
      else this.#decide({ outcome: 'malformed', message: `${surplus} bytes behind the end of the answer` }, false);
    } else if (parser.state === 'failed') {
      this.#decide({ outcome: 'malformed', message: parser.problem }, false);
    } else if (owner.leavesNow(this)) {
      this.#decide(LEFT, false);
    } else {
      answer.keep();
    }
  }

  /** The client of the request under way does not wait any longer. */
  leave(): void {
    this.#decide(LEFT, false);
  }

  /** The target closed its side. */
  #onEnd(): void {
    const owner = this.#owner;
    if (owner.rowOn(this) < 0) {
      // Not when the stream is done with it: until then another request might be sent on it.
      this.#socket.destroy();
      return;
    }
    owner.onRead();
    const { parser, answer } = this;
    if (parser.finish() === 'complete') this.#decide(answer.verdict(), false);
    else if (parser.state === 'idle') this.#decide({ outcome: 'reset', message: 'closed without an answer' }, false);
    else this.#decide({ outcome: 'truncated', message: `closed after ${answer.bytes} bytes of the body` }, false);
  }

  #onClose(): void {
    const owner = this.#owner;
    if (!this.#connected) owner.onConnectFailed(this, this.#failure || 'closed');
    else if (owner.rowOn(this) >= 0) {
      const message = `${this.#failure || 'closed'} ${this.parser.state === 'idle' ? 'before' : 'inside'} the answer`;
      this.#decide({ outcome: 'reset', message }, false);
    }
    owner.onClosed(this);
  }

  #decide(verdict: Verdict, reusable: boolean): void {
    this.#owner.onVerdict(this, verdict, reusable);
    if (!reusable) this.#socket.destroy();
  }

  /** Makes ready for the next answer; called when a row is decided, before the connection is given back. */
  reset(): void {
    this.parser.reset();
    this.answer.reset();
    this.reads = 0;
    this.lastTokenUs = 0;
    this.tokens = 0;
    this.maxGapUs = ABSENT;
  }
}
