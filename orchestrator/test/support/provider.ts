import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/** How a provider of the tests misbehaves. */
export interface Sins {
  readonly model?: string;
  readonly text?: string;
  readonly status?: number;
  readonly buffered?: boolean;
  readonly withoutDone?: boolean;
  readonly afterDone?: boolean;
  readonly notJson?: boolean;
  /** Encoded with gzip, though nobody asked for it. */
  readonly gzipped?: boolean;
  /** Status 200, and a body that says otherwise. */
  readonly errorBody?: boolean;
  readonly embedding?: readonly number[];
  /** Called when an answer to a POST has gone out. */
  readonly onAnswer?: () => void;
}

/** A provider in this process that knows the marker's `gap` and `tokens`. */
export interface Provider {
  readonly url: string;
  requests: number;
  /** `METHOD /path` of each, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function startProvider(sins: Sins = {}): Promise<Provider> {
  const server = createServer((request, response) => {
    provider.requests += 1;
    provider.asked.push(`${request.method} ${request.url?.split('?')[0]}`);
    void answer(request, response, sins);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const provider: Provider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: 0,
    asked: [],
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return provider;
}

async function answer(request: IncomingMessage, response: ServerResponse, sins: Sins): Promise<void> {
  if (request.method === 'POST' && sins.onAnswer !== undefined) response.once('finish', sins.onAnswer);
  let body = '';
  for await (const chunk of request) body += String(chunk);
  if (request.method === 'GET') return void response.end('ok');
  if (sins.status !== undefined) return void response.writeHead(sins.status).end('{"error":{}}');
  if (sins.gzipped === true) return void response.setHeader('content-encoding', 'gzip').end(gzipSync('{}'));
  if (sins.notJson === true) return void response.end('<html>');
  if (sins.errorBody === true) return void response.end('{"error":{"message":"no quota"}}');
  const model = sins.model ?? 'bench-chat';
  if (request.url === '/v1/embeddings') {
    return void response.end(
      JSON.stringify({ model: 'bench-embed', data: [{ embedding: sins.embedding ?? [0.0113016544, 0.25] }] }),
    );
  }
  if (!body.includes('"stream":true')) {
    const message = { role: 'assistant', content: sins.text ?? 'Hello.' };
    return void response.end(JSON.stringify({ model, choices: [{ index: 0, message, finish_reason: 'stop' }] }));
  }
  await stream(response, model, body, sins);
}

async function stream(response: ServerResponse, model: string, body: string, sins: Sins): Promise<void> {
  const gapMs = Number(/gap=(\d+)/.exec(body)?.[1] ?? 0);
  const tokens = Number(/tokens=(\d+)/.exec(body)?.[1] ?? 3);
  const frame = (delta: object, reason: string | null) =>
    `data: ${JSON.stringify({ model, choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
  const frames = [
    ...Array.from({ length: tokens }, () => frame({ content: sins.text ?? 'word ' }, null)),
    frame({}, 'stop'),
  ];
  if (sins.withoutDone !== true) frames.push('data: [DONE]\n\n');
  if (sins.afterDone === true) frames.push(frame({ content: 'more' }, null));
  if (sins.buffered === true) {
    await sleep(gapMs * tokens);
    return void response.end(frames.join(''));
  }
  for (const text of frames) {
    response.write(text);
    if (gapMs > 0) await sleep(gapMs);
  }
  response.end();
}
