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
  /** The vector of each answer; a text is one in base64. */
  readonly embedding?: readonly number[] | string;
  /** Called when an answer to a POST has gone out. */
  readonly onAnswer?: () => void;
  /** Of the paced streams, one after the other and again from the first: which are held back until they are whole. */
  readonly buffers?: readonly boolean[];
  /** Paced frames that leave together. */
  readonly joins?: number;
  /** Paced frames that are put together into one, at the pace of the last. */
  readonly merges?: number;
  /** Tokens in one frame. */
  readonly chunkTokens?: number;
  /** `[DONE]` without the blank line that ends a frame. */
  readonly doneUnended?: boolean;
  /** So many of the first POSTs find their connection closed. */
  readonly closesFirst?: number;
  /** What reaches the mock: of the mock itself its account, of a gateway the account of the mock behind it. */
  readonly account?: MockAccount;
  /** What becomes of a body on its way to the mock. */
  readonly rewrites?: (body: string) => string;
  /** What the mock refuses each request for that it is to look at strictly. */
  readonly objects?: string;
  /** Ids do not get through to the mock. */
  readonly hidesIds?: boolean;
}

/** What a mock of the tests saw, as its control endpoints tell it. */
export interface MockAccount {
  readonly ids: Set<string>;
  /** Bodies by their ids, as they arrived, of what was to be kept. */
  readonly received: Map<string, string>;
  requests: number;
  readonly refused: { method: string; path: string; status: number; count: number }[];
}

export function newAccount(): MockAccount {
  return { ids: new Set(), received: new Map(), requests: 0, refused: [] };
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
    void answer(request, response, sins, provider);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const provider: Provider & { posts: number; streams: number } = {
    posts: 0,
    streams: 0,
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

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  sins: Sins,
  counts: { posts: number; streams: number },
): Promise<void> {
  if (request.method === 'POST' && sins.onAnswer !== undefined) response.once('finish', sins.onAnswer);
  let body = '';
  for await (const chunk of request) body += String(chunk);
  if (sins.account !== undefined && request.url?.startsWith('/__bench/') === true)
    return void response.end(JSON.stringify(accountOf(sins.account, new URL(request.url, 'http://mock'))));
  if (request.method === 'GET') return void response.end('ok');
  counts.posts += 1;
  if (counts.posts <= (sins.closesFirst ?? 0)) return void request.socket.destroy();
  if (sins.account !== undefined) {
    sins.account.requests += 1;
    const id = /\[\[bench id=(\w+)/.exec(body)?.[1];
    if (id !== undefined && sins.hidesIds !== true) sins.account.ids.add(id);
    if (id !== undefined && body.includes('keep=yes'))
      sins.account.received.set(id, sins.rewrites === undefined ? body : sins.rewrites(body));
  }
  if (sins.objects !== undefined && request.headers['x-bench'] === 'strict=yes')
    return void response.writeHead(400).end(JSON.stringify({ error: { message: sins.objects } }));
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
  if (request.url === '/v1/messages') {
    const content = [{ type: 'text', text: sins.text ?? 'Hello.' }];
    return void response.end(JSON.stringify({ type: 'message', model, content, stop_reason: 'end_turn' }));
  }
  if (!body.includes('"stream":true')) {
    const message = { role: 'assistant', content: sins.text ?? 'Hello.' };
    return void response.end(JSON.stringify({ model, choices: [{ index: 0, message, finish_reason: 'stop' }] }));
  }
  await stream(response, model, body, sins, counts);
}

function accountOf(account: MockAccount, { pathname, searchParams }: URL): object {
  const id = searchParams.get('id') ?? '';
  if (pathname === '/__bench/ledger') return { records: account.ids.has(id) ? [{ id, frames: 1 }] : [] };
  if (pathname === '/__bench/received') {
    const body = account.received.get(id);
    return { received: body === undefined ? [] : [{ id, method: 'POST', path: '/v1/chat/completions', body }] };
  }
  const { requests, refused } = account;
  return { evidence: [], totals: { requests }, refused, window: { requests }, workers: [], missing: [], restarts: 0 };
}

async function stream(
  response: ServerResponse,
  model: string,
  body: string,
  sins: Sins,
  counts: { streams: number },
): Promise<void> {
  const gapMs = Number(/gap=(\d+)/.exec(body)?.[1] ?? 0);
  const tokens = Number(/tokens=(\d+)/.exec(body)?.[1] ?? 3);
  const frame = (delta: object, reason: string | null) =>
    `data: ${JSON.stringify({ model, choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
  const merges = sins.merges ?? 1;
  const chunk = (sins.chunkTokens ?? 1) * merges;
  const frames = [
    ...Array.from({ length: Math.ceil(tokens / chunk) }, (_, i) =>
      frame({ content: (sins.text ?? 'word ').repeat(Math.min(chunk, tokens - i * chunk)) }, null),
    ),
    frame({}, 'stop'),
  ];
  if (sins.withoutDone !== true) frames.push(`data: [DONE]\n${sins.doneUnended === true ? '' : '\n'}`);
  if (sins.afterDone === true) frames.push(frame({ content: 'more' }, null));
  const held = gapMs > 0 && sins.buffers !== undefined && sins.buffers[counts.streams++ % sins.buffers.length] === true;
  if (sins.buffered === true || held) {
    await sleep(gapMs * frames.length);
    return void response.end(frames.join(''));
  }
  const joins = sins.joins ?? 1;
  for (let i = 0; i < frames.length; i += joins) {
    response.write(frames.slice(i, i + joins).join(''));
    // Also without a gap: newer Nodes make one chunk of what is written in one turn.
    await sleep(gapMs * joins * merges);
  }
  response.end();
}
