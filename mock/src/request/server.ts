import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import { createServer as createListener, type Server as Listener, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiFailure } from '../api/endpoint.js';
import { errorShapeOf } from '../api/table.js';
import { decoded } from './content-coding.js';
import { readInto } from '../wire/accept.js';
import { nextAnswer } from '../wire/answer-id.js';
import { Connection, type ConnectionHost } from '../wire/connection.js';
import { HttpOutlet } from '../wire/http-outlet.js';
import type { Message, Server } from '../wire/message.js';
import { atOnce } from '../wire/stamp.js';

/** How long a peer may take; it is answered 408 and closed otherwise. */
export interface Patience {
  /** For a request's head, in milliseconds. */
  readonly headMs: number;
  /** For a whole request. */
  readonly requestMs: number;
  /** How often it is looked at. */
  readonly checkMs: number;
}

/** How many connections there may be, and who is told of one more. */
export interface Crowd {
  readonly connections: number;
  readonly turnedAway: () => void;
}

const ANY: Crowd = { connections: Number.POSITIVE_INFINITY, turnedAway: () => {} };

const PATIENCE: Patience = { headMs: 15_000, requestMs: 120_000, checkMs: 5000 };

/** A peer that takes longer than this for one request, in milliseconds, is node:http's, which has all the time-outs. */
const SWEEP_MS = 1000;

/** The listener of one worker. */
export class MockServer {
  /** Where to listen, and where errors of listening show. */
  readonly listener: Listener;
  readonly #host: ConnectionHost;
  readonly #sweep: NodeJS.Timeout;

  /** @param read how connections are read; tests compare the ways */
  constructor(
    service: Server,
    maxBodyBytes: number,
    read: typeof readInto = readInto,
    patience = PATIENCE,
    crowd: Crowd = ANY,
  ) {
    const http = createHttpServer(service, maxBodyBytes, patience);
    this.#host = { service, http, maxBodyBytes, read, open: new Set(), unfinished: new Set() };
    // Paused, because the connection is read in its own way (wire/accept.ts).
    this.listener = createListener({ pauseOnConnect: true, noDelay: true });
    this.listener.on('connection', (socket: Socket) => {
      if (this.connections < crowd.connections) void new Connection(socket, this.#host);
      else turnAway(socket, crowd);
    });
    this.#sweep = setInterval(() => this.#giveSlowAway(), SWEEP_MS).unref();
  }

  /** Connections open now. */
  get connections(): number {
    return this.#host.open.size;
  }

  /** Takes no more connections, ends idle ones now and the others behind their answers. */
  async drain(): Promise<void> {
    clearInterval(this.#sweep);
    await this.shut();
  }

  /** The same; the listener may listen again, also before it is over. */
  async shut(): Promise<void> {
    this.listener.close();
    const ending = [...this.#host.open];
    for (const connection of ending) connection.drain();
    this.#host.http.closeIdleConnections();
    while (ending.some((connection) => this.#host.open.has(connection))) {
      await sleep(20);
      // Of node:http's only those that are idle: of the others each is, once its answer is given.
      if (!this.listener.listening) this.#host.http.closeIdleConnections();
    }
  }

  /** Ends everything now; resolves when every connection is closed. */
  async destroy(): Promise<void> {
    this.listener.close();
    clearInterval(this.#sweep);
    const closed = Array.from(this.#host.open, ({ socket }) => once(socket, 'close'));
    for (const connection of this.#host.open) connection.socket.destroy();
    await Promise.all(closed);
  }

  #giveSlowAway(): void {
    for (const connection of this.#host.unfinished) {
      if (connection.seenUnfinished) connection.giveAway();
      else connection.seenUnfinished = true;
    }
  }
}

/** Reset and not ended, so that nobody takes it for an answer or for a connection that was idle. */
function turnAway(socket: Socket, { turnedAway }: Crowd): void {
  socket.on('error', () => {});
  socket.resetAndDestroy();
  turnedAway();
}

/** The server for all that is unusual. It does not listen by itself; connections are handed to it. */
export function createHttpServer(service: Server, maxBodyBytes: number, patience = PATIENCE): HttpServer {
  const server = createServer({
    noDelay: true,
    // A gateway keeps idle connections for its next request; closing one under it would look like a failing upstream.
    keepAliveTimeout: 0,
    headersTimeout: patience.headMs,
    requestTimeout: patience.requestMs,
    connectionsCheckingInterval: patience.checkMs,
  });
  // It never listens by itself, and only with this event does it begin to look for connections that take too long.
  server.emit('listening');
  server.on('request', (request, response) => collect(request, response, service, maxBodyBytes));
  return server;
}

/**
 * A body that is too large is read up to so many times the bound and forgotten, and answered then: a connection that is closed with
 * something unread is reset, and the peer that still sends learns of that and not of the answer.
 */
const DISCARDED = 2;

/** Reads the whole body before anything is answered: an answer before that would leave its rest to be read as a request. */
function collect(request: IncomingMessage, response: ServerResponse, service: Server, maxBodyBytes: number): void {
  const arrivedMs = performance.now();
  // node:http loses what is pipelined behind an offer of another protocol; the client is to know that it has no answer to come.
  const { upgrade, connection = '' } = request.headers;
  if (upgrade !== undefined && /\bupgrade\b/i.test(connection)) response.shouldKeepAlive = false;
  const pieces: Buffer[] = [];
  let bytes = 0;
  request.on('error', () => response.destroy());
  request.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes <= maxBodyBytes) pieces.push(piece);
    else if (bytes <= DISCARDED * maxBodyBytes) pieces.length = 0;
    else refuseBody(request, response, maxBodyBytes);
  });
  request.on('end', () => {
    if (bytes > maxBodyBytes) {
      refuseBody(request, response, maxBodyBytes);
      return;
    }
    const body = Buffer.concat(pieces);
    const codings = request.headers['content-encoding'];
    if (codings === undefined) serveInTurn(body);
    else void decoded(body, codings, maxBodyBytes).then(serveInTurn, refuse);
  });
  const refuse = (problem: unknown) => {
    if (!(problem instanceof ApiFailure)) throw problem;
    const answer = errorShapeOf(request.url ?? '/')(problem.error);
    inTurn(response, () => outlet().send(answer, atOnce(nextAnswer())));
  };
  const outlet = () => new HttpOutlet(response, request.socket, arrivedMs);
  const serveInTurn = (body: Buffer) => inTurn(response, () => service.serve(toMessage(request, body), outlet()));
}

/** Answers when it is this response's turn. */
function inTurn(response: ServerResponse, answer: () => void): void {
  // The client may have gone while its body was undone.
  if (response.destroyed) return;
  // node:http reads ahead and gives a response the connection when those before it are through. Served before that, a fault on
  // the wire would strike the answer of another request, and what the ledger knows of the connection would not be this one's.
  // A tick later than it gets it: what node:http has kept back for it by then, a 100 Continue, would be put behind the head of the answer.
  if (response.socket === null) response.once('socket', () => process.nextTick(answer));
  else answer();
}

/** Answers 413 and closes, because what is left of the body is not going to be read. */
function refuseBody(request: IncomingMessage, response: ServerResponse, maxBodyBytes: number): void {
  if (response.headersSent) return;
  request.pause();
  response.shouldKeepAlive = false;
  const message = `The body of your request is larger than ${maxBodyBytes} bytes.`;
  response.once('finish', () => request.socket.destroySoon());
  const shape = errorShapeOf(request.url ?? '/');
  new HttpOutlet(response, request.socket, performance.now()).send(
    shape({ status: 413, message }),
    atOnce(nextAnswer()),
  );
}

function toMessage(request: IncomingMessage, body: Buffer): Message {
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: question === -1 ? url : url.slice(0, question),
    query: question === -1 ? '' : url.slice(question + 1),
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    body,
  };
}
