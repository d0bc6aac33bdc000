import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Frame } from './frames.js';
import type { readInto } from './accept.js';
import { fillSlots } from './answer-id.js';
import { descriptorOf, writeDirect } from './direct-write.js';
import { INCOMPLETE, RequestHead, UNUSUAL } from './head.js';
import type { Server } from './message.js';
import type { Outlet } from './outlet.js';
import { LAST_CHUNK, type Reply, type StreamReply } from './reply.js';
import type { Stamp } from './stamp.js';

/** What the connections of one worker have in common. */
export interface ConnectionHost {
  readonly service: Server;
  /** Takes over whatever is unusual. */
  readonly http: HttpServer;
  readonly maxBodyBytes: number;
  /** How bytes are read from a connection. */
  readonly read: typeof readInto;
  /** Connections open now. */
  readonly open: Set<Connection>;
  /** Those that have sent a part of a request, so that slow ones are found without looking at all. */
  readonly unfinished: Set<Connection>;
}

/** The next requests of a peer that does not wait for answers may lie in memory up to this many bytes. */
const MAX_HELD_BYTES = 1024 * 1024;

const NO_BYTES = Buffer.alloc(0);

/** Shared by all connections: a head is read, answered and forgotten before the next one is looked at. */
const head = new RequestHead();

/** A head with its body, as the service sees it. */
class FastMessage {
  body: Buffer = Buffer.alloc(0);

  get method(): string {
    return head.method;
  }

  get path(): string {
    return head.path;
  }

  get query(): string {
    return head.query;
  }

  header(name: string): string | undefined {
    return head.header(name);
  }
}

const message = new FastMessage();

/**
 * One connection on the fast path: reads plain requests where they lie and answers each in one write of prebuilt bytes.
 * At the first request that is not plain it gives the connection, with all bytes not answered yet, to node:http.
 */
export class Connection implements Outlet {
  /** The head scanner takes HTTP/1.1 only. */
  readonly chunked = true;
  readonly socket: Socket;
  readonly #descriptor: number;
  readonly #host: ConnectionHost;
  /** Bytes of requests that are not whole yet, or wait for the answer before them. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes that make the request whole; 0 while its head is not whole. */
  #wanted = 0;
  #answering = false;
  #givenAway = false;
  #closing = false;
  #paused = false;
  /** The peer takes less than it is answered: nothing more is answered until the socket has drained. */
  #full = false;
  #whenLost: (() => void) | undefined;
  /** When the first byte of the request that is being read came; undefined when all of it came just now. */
  #arrivedMs: number | undefined;
  /** A part of a request has come, and stands in the host's list. */
  #unfinished = false;
  /** A sweep has seen the connection with a part of a request, the same as now. */
  seenUnfinished = false;

  constructor(accepted: Socket, host: ConnectionHost) {
    this.#host = host;
    host.open.add(this);
    this.socket = host.read(accepted, (bytes, length) => this.#read(bytes, length));
    this.#descriptor = descriptorOf(this.socket);
    this.socket.on('end', () => this.#ended());
    this.socket.on('error', () => this.socket.destroy());
    this.socket.once('close', () => this.#closed());
  }

  /** No more requests: ends now, or behind the answer that is being given. */
  drain(): void {
    this.#closing = true;
    if (!this.#answering && !this.#givenAway) this.socket.end();
  }

  /** Gives the connection to node:http with what it has sent so far. */
  giveAway(): void {
    this.#handOver(Buffer.concat(this.#held));
  }

  send(reply: Reply, stamp: Stamp): number {
    const bytes = reply.bytes.next(stamp);
    this.#write(bytes);
    this.#answered();
    return bytes.length;
  }

  sendStream(stream: StreamReply, stamp: Stamp): number {
    const prebuilt = stream.bytes;
    if (prebuilt === undefined) throw new Error('a stream that is not kept in one piece cannot be sent at once');
    const bytes = prebuilt.next(stamp);
    this.#write(bytes);
    this.#answered();
    return bytes.length;
  }

  open(stream: StreamReply, first: Frame, stamp: Stamp): number {
    return this.#write(Buffer.concat([stream.head.next(stamp), filledChunk(first, stamp.answer)]));
  }

  frame(frame: Frame, answer: number): number {
    return this.#write(filledChunk(frame, answer));
  }

  lastFrame(frame: Frame, answer: number): number {
    const written = this.#write(Buffer.concat([filledChunk(frame, answer), LAST_CHUNK]));
    this.#answered();
    return written;
  }

  close(): number {
    const written = this.#write(LAST_CHUNK);
    this.#answered();
    return written;
  }

  get congested(): boolean {
    return this.socket.writableNeedDrain;
  }

  whenDrained(callback: () => void): void {
    this.socket.once('drain', callback);
  }

  get flushed(): boolean {
    return this.socket.writableLength === 0;
  }

  whenFlushed(callback: (taken: boolean) => void): void {
    const { socket } = this;
    const done = (error?: Error | null) => callback(error === undefined || error === null);
    // An empty write is done when everything before it is. A socket that is ending takes none, but says when it has ended.
    if (socket.writableEnded) socket.end(done);
    else socket.write(NO_BYTES, done);
  }

  get arrivedMs(): number | undefined {
    return this.#arrivedMs;
  }

  whenLost(callback: () => void): void {
    this.#whenLost = callback;
  }

  /**
   * Through the stream only what the kernel does not take at once, and what comes while the stream still holds something: a copy,
   * because the bytes of kept answers and frames are those of the next answer as well, with other ids in them.
   */
  #write(bytes: Buffer): number {
    const { socket } = this;
    const taken = socket.writableLength === 0 ? writeDirect(socket, this.#descriptor, bytes) : 0;
    if (taken < bytes.length && !socket.write(Buffer.from(bytes.subarray(taken)))) this.#fill();
    return bytes.length;
  }

  #fill(): void {
    if (this.#full) return;
    this.#full = true;
    this.socket.once('drain', () => {
      this.#full = false;
      this.#goOn();
    });
  }

  /** @returns false to be sent no more for now */
  #read(bytes: Buffer, length: number): boolean {
    if (this.#givenAway) return this.socket.push(Buffer.from(bytes.subarray(0, length)));
    if (!this.#answering && this.#heldBytes === 0) this.#serve(bytes, length);
    else {
      this.#hold(bytes, 0, length);
      this.#serveHeld();
    }
    this.#paused = this.#aheadTooFar();
    return !this.#paused;
  }

  /** True while the peer sends requests without taking its answers. */
  #aheadTooFar(): boolean {
    return (this.#full && this.#heldBytes > 0) || (this.#answering && this.#heldBytes > MAX_HELD_BYTES);
  }

  /** Serves what is held, when it can be whole and nothing stands in its way. */
  #serveHeld(): void {
    if (this.#answering || this.#full || this.#givenAway) return;
    if (this.#heldBytes === 0 || this.#heldBytes < this.#wanted) return;
    const bytes = this.#held.length === 1 ? (this.#held[0] as Buffer) : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#wanted = 0;
    this.#serve(bytes, bytes.length);
  }

  /** Answers the whole requests in these bytes, as long as each answer is given and taken at once; keeps the rest. */
  #serve(bytes: Buffer, length: number): void {
    let at = 0;
    while (at < length && !this.#closing) {
      if (this.#answering || this.#full) {
        this.#hold(bytes, at, length);
        return;
      }
      const bodyStart = head.scan(bytes, at, length);
      if (bodyStart === UNUSUAL || (bodyStart !== INCOMPLETE && head.contentLength > this.#host.maxBodyBytes)) {
        this.#handOver(Buffer.from(bytes.subarray(at, length)));
        return;
      }
      const end = bodyStart + head.contentLength;
      if (bodyStart === INCOMPLETE || end > length) {
        this.#hold(bytes, at, length);
        this.#wanted = bodyStart === INCOMPLETE ? 0 : end - at;
        this.#unfinished = true;
        this.#host.unfinished.add(this);
        return;
      }
      if (this.#unfinished) this.#finished();
      this.#answering = true;
      message.body = bytes.subarray(bodyStart, end);
      this.#host.service.serve(message, this);
      this.#arrivedMs = undefined;
      at = end;
    }
  }

  #hold(bytes: Buffer, from: number, to: number): void {
    this.#arrivedMs ??= performance.now();
    this.#held.push(Buffer.from(bytes.subarray(from, to)));
    this.#heldBytes += to - from;
  }

  #finished(): void {
    this.#unfinished = false;
    this.seenUnfinished = false;
    this.#host.unfinished.delete(this);
  }

  #answered(): void {
    this.#answering = false;
    this.#whenLost = undefined;
    if (this.#closing) this.socket.end();
    // Not at once: a long row of held requests must neither grow the call stack nor keep others from their turn.
    else if (this.#heldBytes > 0) setImmediate(() => this.#goOn());
  }

  #goOn(): void {
    this.#serveHeld();
    if (!this.#paused || this.#givenAway) return;
    this.#paused = this.#aheadTooFar();
    if (!this.#paused) this.socket.resume();
  }

  #handOver(rest: Buffer): void {
    this.#givenAway = true;
    this.#held = [];
    this.#heldBytes = 0;
    this.#finished();
    this.socket.removeAllListeners('end');
    this.socket.removeAllListeners('error');
    this.socket.removeAllListeners('data');
    // Paused, so that nothing flows before node:http listens.
    this.socket.pause();
    if (rest.length > 0) this.socket.unshift(rest);
    this.#host.http.emit('connection', this.socket);
    this.socket.resume();
  }

  /** The peer sends no more. One that is still owed an answer has given up on it, as node:http takes it too. */
  #ended(): void {
    if (this.#answering) this.socket.destroy();
  }

  #closed(): void {
    this.#host.open.delete(this);
    this.#finished();
    this.#held = [];
    this.#whenLost?.();
    this.#whenLost = undefined;
  }
}

/** Where a frame gets the ids of one answer: the frame itself is of all streams that have it. */
let scratch = Buffer.alloc(4096);

/** A frame's chunk with an answer's ids in it. Valid until the next call. */
function filledChunk({ chunk, slots }: Frame, answer: number): Buffer {
  if (slots.length === 0) return chunk;
  if (chunk.length > scratch.length) scratch = Buffer.alloc(2 * chunk.length);
  chunk.copy(scratch);
  const bytes = scratch.subarray(0, chunk.length);
  fillSlots(bytes, slots, answer);
  return bytes;
}
