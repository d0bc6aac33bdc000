import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { errorShapeOf } from './api/table.js';
import type { Counters } from './counters.js';
import type { Message, Service } from './service.js';
import { HttpOutlet } from './wire/http-outlet.js';

/** How long a peer may take to send a request's head, in milliseconds. */
const HEAD_TIMEOUT_MS = 15_000;
/** How long it may take to send a whole request. */
const REQUEST_TIMEOUT_MS = 120_000;

/** The listener of one worker. */
export function createMockServer(service: Service, counters: Counters, maxBodyBytes: number): Server {
  const server = createServer({
    noDelay: true,
    // A gateway keeps idle connections for its next request; closing one under it would look like a failing upstream.
    keepAliveTimeout: 0,
    headersTimeout: HEAD_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 5000,
  });
  server.on('connection', (socket: Socket) => {
    counters.connections++;
    socket.once('close', () => counters.connections--);
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
