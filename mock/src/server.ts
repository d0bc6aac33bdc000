import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { errorShapeOf } from './api/table.js';
import type { Counters } from './counters.js';
import type { Message, Service } from './service.js';
import { FastConnection, type FastParts } from './wire/fast-connection.js';
import { HttpOutlet } from './wire/http-outlet.js';

/** How long a peer may take to send a request's head, in milliseconds. */
const HEAD_TIMEOUT_MS = 15_000;
/** How long it may take to send a whole request. */
const REQUEST_TIMEOUT_MS = 120_000;
const SWEEP_MS = 5000;

/** The listener of one worker and everybody connected to it. */
export interface MockServer {
  readonly listener: Server;
  /** Accepts nobody any more and closes every connection once its answer is over. */
  drain(whenDone: () => void): void;
}

/**
 * Every connection begins on the fast path; its first unusual request hands it to node:http for good, with the bytes unconsumed.
 * Both give their requests to the same service, so there is one truth about the answers.
 */
export function createMockServer(service: Service, counters: Counters, maxBodyBytes: number): MockServer {
  const http = createFallback(service, maxBodyBytes);
  const fast = new Set<FastConnection>();
  const parts: FastParts = {
    serve: (message, outlet) => service.serve(message, outlet),
    handOver: (socket) => http.emit('connection', socket),
    maxBodyBytes,
  };
  let open = 0;
  let whenEmpty: (() => void) | null = null;
  const sweep = setInterval(() => dropSlow(fast), SWEEP_MS).unref();
  // Half-open, so that a peer that has said all it wants to say still gets its answer.
  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (accepted: Socket) => {
    const connection = new FastConnection(accepted, parts);
    fast.add(connection);
    counters.connections = ++open;
    connection.socket.once('close', () => {
      fast.delete(connection);
      counters.connections = --open;
      if (open === 0) whenEmpty?.();
    });
  });
  return {
    listener,
    drain(whenDone) {
      clearInterval(sweep);
      listener.close();
      // Counted here and not by the listener, which lost sight of connections when they got sockets of their own.
      if (open === 0) whenDone();
      else whenEmpty = whenDone;
      for (const connection of fast) connection.shutDown();
      http.closeIdleConnections();
    },
  };
}

/** Connections that began a request and do not finish it hold no more than a slot in this set, and not for ever. */
function dropSlow(connections: ReadonlySet<FastConnection>): void {
  const nowMs = performance.now();
  for (const { waitingSinceMs, socket } of connections) {
    if (waitingSinceMs !== null && nowMs - waitingSinceMs > REQUEST_TIMEOUT_MS) socket.destroy();
  }
}

/** node:http for what is unusual. It never listens: connections are handed to it. */
function createFallback(service: Service, maxBodyBytes: number): HttpServer {
  const server = createHttpServer({
    // A gateway keeps idle connections for its next request; closing one under it would look like a failing upstream.
    keepAliveTimeout: 0,
    headersTimeout: HEAD_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: SWEEP_MS,
  });
  server.on('request', (request, response) => collect(request, response, service, maxBodyBytes));
  return server;
}
/** Reads the whole body before anything is answered: an answer before that would leave its rest to be read as a request. */
function collect(request: IncomingMessage, response: ServerResponse, service: Service, maxBodyBytes: number): void {
  const pieces: Buffer[] = [];
  let bytes = 0;
  request.on('error', () => response.destroy());
  request.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes <= maxBodyBytes) pieces.push(piece);
    else refuseBody(request, response, maxBodyBytes);
  });
  request.on('end', () => {
    if (bytes > maxBodyBytes) return;
    service.serve(toMessage(request, Buffer.concat(pieces)), new HttpOutlet(response, request.socket));
  });
}

/** Answers 413 and closes, because the rest of the body is not going to be read. */
function refuseBody(request: IncomingMessage, response: ServerResponse, maxBodyBytes: number): void {
  if (response.headersSent) return;
  request.pause();
  response.shouldKeepAlive = false;
  const message = `The body of your request is larger than ${maxBodyBytes} bytes.`;
  response.once('finish', () => request.socket.destroySoon());
  const shape = errorShapeOf(request.url ?? '/');
  new HttpOutlet(response, request.socket).send(shape({ status: 413, message }));
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
