import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { type Counts, type Sink, SinkFault } from './sink.js';

/** More than a batch of spans or a request of a large context ever takes. */
const MOST_BYTES = 64 * 1024 * 1024;

const decoders = { gzip: promisify(gunzip), deflate: promisify(inflate) };

/** What is counted of every sink, whatever it takes. */
interface Traffic {
  requests: number;
  /** As they came, before they were decompressed. */
  bytes: number;
  /** Answered 400, 413 or 415. */
  refused: number;
  /** Asked for at paths where nothing is. */
  elsewhere: number;
}

/**
 * A sink behind HTTP, with `/health` and its control endpoints; not listening yet. Control requests are counted nowhere.
 * @param delayUs how long each answer of the sink itself is held back, microseconds
 */
export function createSink(sink: Sink, delayUs = 0): Server {
  const traffic: Traffic = { requests: 0, bytes: 0, refused: 0, elsewhere: 0 };
  let lastMs: number | null = null;
  const counts = (): Counts => ({
    ...traffic,
    ...(lastMs === null ? {} : { sinceLastMs: Math.round(performance.now() - lastMs) }),
    ...sink.counts(),
  });
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] as string;
    if (answeredControl(request, path, response)) return;
    void deliver(request, path, response);
  });
  // Gateways keep connections, and one that is closed under a request would be a fault of ours.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  return server;

  function answeredControl({ method }: IncomingMessage, path: string, response: ServerResponse): boolean {
    if (path === '/health') {
      end(response, 200, '');
      return true;
    }
    if (path !== '/__sink/counts' && path !== '/__sink/reset') return false;
    const wanted = path === '/__sink/reset' ? 'POST' : 'GET';
    if (method !== wanted) {
      response.setHeader('allow', wanted);
      end(response, 405, JSON.stringify({ error: `${path} is asked with ${wanted}` }));
      return true;
    }
    end(response, 200, `${JSON.stringify(counts())}\n`);
    if (wanted === 'POST') {
      Object.assign(traffic, { requests: 0, bytes: 0, refused: 0, elsewhere: 0 });
      lastMs = null;
      sink.reset();
    }
    return true;
  }

  async function deliver(request: IncomingMessage, path: string, response: ServerResponse): Promise<void> {
    traffic.requests += 1;
    lastMs = performance.now();
    const refuse = (status: number, error: string): void => {
      traffic.refused += 1;
      end(response, status, JSON.stringify({ error }));
    };
    try {
      const raw = await bodyOf(request);
      if (raw === null) return refuse(413, `a body has ${MOST_BYTES} bytes at most`);
      traffic.bytes += raw.length;
      const coding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
      const decode = decoders[coding as keyof typeof decoders] as (typeof decoders)['gzip'] | undefined;
      if (decode === undefined && coding !== 'identity') return refuse(415, `content-encoding ${coding} is not read`);
      const body = decode === undefined ? raw : await decode(raw, { maxOutputLength: MOST_BYTES });
      const contentType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
      const answer = request.method === 'POST' ? sink.take({ path, contentType, body }) : null;
      if (answer === null) {
        traffic.elsewhere += 1;
        return end(response, 404, JSON.stringify({ error: `nothing is served at ${request.method} ${path}` }));
      }
      const send = (): void => end(response, 200, answer.body, answer.contentType);
      if (delayUs === 0) send();
      else setTimeout(send, delayUs / 1000);
    } catch (thrown) {
      // Whoever sent it is told; a connection that broke has nobody to tell.
      refuse(400, thrown instanceof SinkFault ? thrown.message : `the body cannot be read: ${String(thrown)}`);
    }
  }
}

/** Null when it is longer than is taken; then it is read to its end all the same, for the connection's sake. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length <= MOST_BYTES) parts.push(part);
  }
  return length > MOST_BYTES ? null : Buffer.concat(parts);
}

function end(response: ServerResponse, status: number, body: string, contentType = 'application/json'): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
