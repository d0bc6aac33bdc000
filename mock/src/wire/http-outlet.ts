import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Frame } from './frames.js';
import type { Outlet } from './outlet.js';
import { filled, filledText } from './answer-id.js';
import { httpDate } from './prebuilt.js';
import type { Headers } from './headers.js';
import type { Reply, StreamReply } from './reply.js';

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

  send(reply: Reply, answer: number): number {
    return this.#counted(() => {
      this.#writeHead(reply.status, [...reply.headers, ['Content-Length', String(reply.body.length)]], answer);
      this.#response.end(filled(reply.body, answer));
    });
  }

  sendStream(stream: StreamReply, answer: number): number {
    return this.#counted(() => {
      this.#writeHead(stream.status, stream.headers, answer);
      const frames = Array.from(stream.frames.runs, ({ frame, times }) => repeat(filled(frame.data, answer), times));
      this.#response.end(Buffer.concat(frames));
    });
  }

  open(stream: StreamReply, first: Frame, answer: number): number {
    return this.#counted(() => {
      this.#writeHead(stream.status, stream.headers, answer);
      this.#response.write(filled(first.data, answer));
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

  #writeHead(status: number, headers: Headers, answer: number): void {
    const flat = ['Date', httpDate()];
    for (const [name, value] of headers) flat.push(name, filledText(value, answer));
    this.#response.writeHead(status, flat);
  }
}

function repeat(bytes: Buffer, times: number): Buffer {
  return times === 1 ? bytes : Buffer.concat(Array.from({ length: times }, () => bytes));
}
