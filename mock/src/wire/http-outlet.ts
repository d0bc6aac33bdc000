import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Frame } from './frames.js';
import type { Outlet } from './outlet.js';
import { filled, filledText } from './answer-id.js';
import { httpDate } from './prebuilt.js';
import type { Headers } from './headers.js';
import type { Reply, StreamReply } from './reply.js';
import { AHEAD_SLOT, aheadText, TOOK_SLOT, tookText, type Stamp } from './stamp.js';

/** Answers through node:http, which knows how to speak to HTTP/1.0, HEAD and everything else that is unusual. */
export class HttpOutlet implements Outlet {
  readonly socket: Socket;
  readonly arrivedMs: number;
  readonly #response: ServerResponse;
  #whenLost: (() => void) | undefined;

  /**
   * @param response whose turn it is: it has the connection
   * @param arrivedMs when the request's head came
   */
  constructor(response: ServerResponse, socket: Socket, arrivedMs: number) {
    this.#response = response;
    this.socket = socket;
    this.arrivedMs = arrivedMs;
  }

  send(reply: Reply, stamp: Stamp): number {
    return this.#counted(() => {
      this.#writeHead(reply.status, [...reply.headers, ['Content-Length', String(reply.body.length)]], stamp);
      this.#response.end(filled(reply.body, stamp.answer));
    });
  }

  sendStream(stream: StreamReply, stamp: Stamp): number {
    return this.#counted(() => {
      this.#writeHead(stream.status, stream.headers, stamp);
      const frames = Array.from(stream.frames.runs, ({ frame, times }) =>
        repeat(filled(frame.data, stamp.answer), times),
      );
      this.#response.end(Buffer.concat(frames));
    });
  }

  open(stream: StreamReply, first: Frame, stamp: Stamp): number {
    return this.#counted(() => {
      this.#writeHead(stream.status, stream.headers, stamp);
      this.#response.write(filled(first.data, stamp.answer));
    });
  }

  frame(frame: Frame, answer: number): number {
    return this.#counted(() => this.#response.write(filled(frame.data, answer)));
  }

  lastFrame(frame: Frame, answer: number): number {
    return this.#counted(() => this.#response.end(filled(frame.data, answer)));
  }

  close(): number {
    return this.#counted(() => this.#response.end());
  }

  get chunked(): boolean {
    return this.#response.req.httpVersion !== '1.0';
  }

  get congested(): boolean {
    return this.#response.writableNeedDrain;
  }

  whenDrained(callback: () => void): void {
    this.#response.once('drain', callback);
  }

  get flushed(): boolean {
    return this.socket.writableLength === 0;
  }

  whenFlushed(callback: (taken: boolean) => void): void {
    this.#response.once('close', () => callback(this.#response.writableFinished));
  }

  whenLost(callback: () => void): void {
    if (this.#whenLost === undefined) {
      this.#response.once('close', () => {
        if (!this.#response.writableFinished) this.#whenLost?.();
      });
    }
    this.#whenLost = callback;
  }

  /** What the socket was given meanwhile: node:http adds its framing, so only the socket knows. */
  #counted(write: () => void): number {
    const before = this.socket.bytesWritten;
    write();
    return this.socket.bytesWritten - before;
  }

  #writeHead(status: number, headers: Headers, stamp: Stamp): void {
    const flat = ['Date', httpDate()];
    for (const [name, value] of headers) flat.push(name, stamped(value, stamp));
    this.#response.writeHead(status, flat);
  }
}

/** A header's value for this answer. */
function stamped(value: string, { answer, tookMs }: Stamp): string {
  if (value === TOOK_SLOT) return tookText(tookMs).trimStart();
  if (value === AHEAD_SLOT) return aheadText(Math.floor(Date.now() / 1000));
  return filledText(value, answer);
}

function repeat(bytes: Buffer, times: number): Buffer {
  return times === 1 ? bytes : Buffer.concat(Array.from({ length: times }, () => bytes));
}
