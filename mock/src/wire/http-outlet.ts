import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Frame } from '../stream/frames.js';
import type { Outlet } from './outlet.js';
import { httpDate, nextRequestId, REQUEST_ID_SLOT } from './prebuilt.js';
import type { Headers } from './headers.js';
import type { Reply, StreamReply } from './reply.js';

/** Answers through node:http, which knows how to speak to HTTP/1.0, HEAD and everything else that is unusual. */
export class HttpOutlet implements Outlet {
  readonly #response: ServerResponse;
  readonly socket: Socket;

  constructor(response: ServerResponse, socket: Socket) {
    this.#response = response;
    this.socket = socket;
  }

  send(reply: Reply): void {
    this.#writeHead(reply.status, [...reply.headers, ['Content-Length', String(reply.body.length)]]);
    this.#response.end(reply.body);
  }

  sendStream(stream: StreamReply): void {
    this.#writeHead(stream.status, stream.headers);
    this.#response.end(Buffer.concat(Array.from(stream.frames.runs, ({ frame, times }) => repeat(frame.data, times))));
  }

  open(stream: StreamReply, first: Frame): void {
    this.#writeHead(stream.status, stream.headers);
    this.#response.write(first.data);
  }

  frame(frame: Frame): void {
    this.#response.write(frame.data);
  }

  close(last?: Frame): void {
    this.#response.end(last?.data);
  }

  get congested(): boolean {
    return this.#response.writableNeedDrain;
  }

  whenDrained(callback: () => void): void {
    this.#response.once('drain', callback);
  }

  whenLost(callback: () => void): void {
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) callback();
    });
  }

  #writeHead(status: number, headers: Headers): void {
    const flat = ['Date', httpDate()];
    for (const [name, value] of headers) flat.push(name, value === REQUEST_ID_SLOT ? nextRequestId() : value);
    this.#response.writeHead(status, flat);
  }
}

function repeat(bytes: Buffer, times: number): Buffer {
  return times === 1 ? bytes : Buffer.concat(Array.from({ length: times }, () => bytes));
}
