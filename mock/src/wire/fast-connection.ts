import { Socket, type SocketConstructorOpts } from 'node:net';
import type { Frame } from '../stream/frames.js';
import type { Message } from '../service.js';
import type { Outlet } from './outlet.js';
import type { Prebuilt } from './prebuilt.js';
import { LAST_CHUNK, type Reply, type StreamReply } from './reply.js';
import { RequestHead } from './request-head.js';

/** What a connection needs of the server. */
export interface FastParts {
  /** Answers a request; called once for each, never before the last one's answer is over. */
  readonly serve: (message: Message, outlet: Outlet) => void;
  /** Takes over a connection whose next bytes are unusual. Nothing of them has been consumed. */
  readonly handOver: (socket: Socket) => void;
  readonly maxBodyBytes: number;
}

/**
 * One connection as long as its requests are plain: read where they lie, answered with one write of prebuilt bytes.
 * node:http costs several times what the answer itself does (parser callbacks, two streams and a header object a request).
 */
export class FastConnection implements Outlet, Message {
  readonly socket: Socket;
  /** When the bytes of a request that is not whole yet began to arrive, `performance.now()`; null between requests. */
  waitingSinceMs: number | null = null;
  readonly #parts: FastParts;
  readonly #head = new RequestHead();
  readonly #onEnd = (): void => this.#peerEnded();
  /** What has arrived and is not consumed: the beginning of a request, or requests sent ahead. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Bytes that the request under way needs before another look is worth it. */
  #neededBytes = 0;
  #body: Buffer = EMPTY;
  #answering = false;
  #inServe = false;
  #closing = false;
  #handedOver = false;
  #lost: (() => void) | null = null;

  /** @param accepted as `net.Server` hands it out, paused; its handle moves to a socket that reads into the shared buffer */
  constructor(accepted: Socket, parts: FastParts) {
    const socket = readInto(READ_BUFFER, accepted, (length) => this.#read(length));
    this.socket = socket;
    this.#parts = parts;
    socket.on('end', this.#onEnd);
    // What is wrong with a connection shows when it closes; there is nobody else to tell.
    socket.on('error', ignore);
    socket.once('close', () => {
      this.#lost?.();
      this.#lost = null;
    });
  }

  // The request, as the service sees it.

  get method(): string {
    return this.#head.method;
  }

  get path(): string {
    return this.#head.path;
  }

  get query(): string {
    return this.#head.query;
  }

  get body(): Buffer {
    return this.#body;
  }

  header(name: string): string | undefined {
    return this.#head.header(name);
  }

  /** Ends the connection once the answer under way is over; at once when there is none. */
  shutDown(): void {
    this.#closing = true;
    if (!this.#answering) this.socket.end();
  }

  // The answer.

  send(reply: Reply): void {
    this.#write(reply.bytes);
    this.#finish();
  }

  sendStream(stream: StreamReply): void {
    if (stream.bytes === undefined) throw new Error('a stream that is too long for one write is sent frame by frame');
    this.#write(stream.bytes);
    this.#finish();
  }

  open(stream: StreamReply, first: Frame): void {
    this.socket.write(Buffer.concat([stream.head.next(), first.chunk]));
  }

  frame(frame: Frame): void {
    this.socket.write(frame.chunk);
  }

  close(last?: Frame): void {
    this.socket.write(last === undefined ? LAST_CHUNK : Buffer.concat([last.chunk, LAST_CHUNK]));
    this.#finish();
  }

  get congested(): boolean {
    return this.socket.writableNeedDrain;
  }

  whenDrained(callback: () => void): void {
    this.socket.once('drain', callback);
  }

  whenLost(callback: () => void): void {
    this.#lost = callback;
  }

  #write(prebuilt: Prebuilt): void {
    this.socket.write(prebuilt.next());
    // The kernel did not take all of it, so the socket still reads from these bytes.
    if (this.socket.writableLength > 0) prebuilt.giveAway();
  }

  #finish(): void {
    this.#answering = false;
    this.#lost = null;
    this.#body = EMPTY;
    if (this.#closing) this.socket.end();
    // Within `serve` the loop below goes on by itself; calling it here would nest a level for every request sent ahead.
    else if (!this.#inServe && this.#pendingBytes > 0) this.#consumePending();
  }

  /** Takes what has just been read into the shared buffer; returns whether to go on reading. */
  #read(length: number): boolean {
    if (this.#handedOver) return this.socket.push(Buffer.from(READ_BUFFER.subarray(0, length)));
    const bytes = READ_BUFFER.subarray(0, length);
    if (this.#pendingBytes === 0 && !this.#answering) {
      this.#consume(bytes);
      return true;
    }
    // The shared buffer is somebody else's after this call, so what waits is copied.
    this.#pending.push(Buffer.from(bytes));
    this.#pendingBytes += length;
    this.waitingSinceMs ??= performance.now();
    if (!this.#answering && this.#pendingBytes >= this.#neededBytes) this.#consumePending();
    // Requests sent ahead wait in the kernel beyond this, not in our memory.
    return !this.#answering || this.#pendingBytes <= this.#parts.maxBodyBytes;
  }

  #consumePending(): void {
    const bytes = this.#pending.length === 1 ? (this.#pending[0] as Buffer) : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#consume(bytes);
  }

  /** Serves every whole request that has arrived, one after the other. */
  #consume(bytes: Buffer): void {
    let from = 0;
    while (from < bytes.length && !this.#answering && !this.#closing) {
      const result = this.#head.read(bytes, from);
      if (result === 'incomplete') {
        this.#keep(bytes.subarray(from), 0);
        return;
      }
      const { contentLength, end } = this.#head;
      if (result === 'unusual' || contentLength > this.#parts.maxBodyBytes) {
        this.#handOver(bytes.subarray(from));
        return;
      }
      if (end + contentLength > bytes.length) {
        this.#keep(bytes.subarray(from), end - from + contentLength);
        return;
      }
      from = end + contentLength;
      this.#body = bytes.subarray(end, from);
      this.waitingSinceMs = null;
      this.#serve();
    }
    this.#keep(bytes.subarray(from), 0);
  }

  #serve(): void {
    this.#answering = true;
    this.#inServe = true;
    this.#parts.serve(this, this);
    this.#inServe = false;
  }

  /** Keeps what is not consumed; a copy, because it may lie in the shared buffer. */
  #keep(rest: Buffer, neededBytes: number): void {
    this.#neededBytes = neededBytes;
    if (rest.length > 0) {
      this.#pending = [Buffer.from(rest)];
      this.#pendingBytes = rest.length;
      this.waitingSinceMs ??= performance.now();
    }
    if (this.socket.isPaused()) this.socket.resume();
  }

  #handOver(rest: Buffer): void {
    const { socket } = this;
    this.#handedOver = true;
    this.waitingSinceMs = null;
    socket.off('end', this.#onEnd);
    socket.off('error', ignore);
    socket.pause();
    socket.unshift(Buffer.from(rest));
    this.#parts.handOver(socket);
    socket.resume();
  }

  /** The peer will send no more; what it is still owed goes out first. */
  #peerEnded(): void {
    this.shutDown();
  }
}

const EMPTY = Buffer.alloc(0);

/**
 * All connections of a worker read into one buffer: it is consumed before the next read begins. By default each read gets 64 KiB of
 * its own, which costs a third of everything that a small answer does.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** What the types of Node 20 do not know of the options that it takes. */
interface SocketOptions extends SocketConstructorOpts {
  readonly handle: unknown;
  readonly onread: { readonly buffer: Uint8Array; readonly callback: (length: number) => boolean };
}

/**
 * The connection as a socket with `onread`, which net knows for sockets it makes and not for those it accepts; so the accepted one
 * gives its handle away.
 */
function readInto(buffer: Buffer, accepted: Socket, read: (length: number) => boolean): Socket {
  const giver = accepted as Socket & { _handle: unknown };
  const handle = giver._handle;
  giver._handle = null;
  const options: SocketOptions = {
    handle,
    allowHalfOpen: true,
    readable: true,
    writable: true,
    onread: { buffer, callback: read },
  };
  const socket = new Socket(options);
  socket.setNoDelay(true);
  socket.resume();
  return socket;
}

function ignore(): void {}
