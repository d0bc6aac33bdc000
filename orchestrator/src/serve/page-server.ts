import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BenchError, EXIT, messageOf } from '../errors.js';

/** One request whose token was right. */
export interface PageRequest {
  readonly method: 'GET' | 'POST';
  /** What stands behind the token: `/`, `/run/3f2a/`. Never a path of this machine. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers a request; whatever it throws is told to the reader in one line, and to nobody else. */
export type Respond = (request: PageRequest) => Promise<void> | void;

/** A server of pages for whoever sits at this machine. */
export interface PageServer {
  /** With the token: whoever has it may look, and nobody else. */
  readonly address: string;
  /** Ends it and every connection. */
  close(): Promise<void>;
}

/** 128 bits: guessing it takes longer than any run. */
const TOKEN_BYTES = 16;
/** Viewers of one person, each with a stream of events and what a page loads; more is a fault or an attack. */
const MOST_CONNECTIONS = 64;

/** The names of this host under which its loopback is asked; any other in `Host` is a stranger's, resolved to it (DNS rebinding). */
const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/**
 * Serves pages on the loopback, behind a random token in the address.
 * @param port 0: any that is free
 * @throws BenchError `port-taken`
 */
export async function startPageServer(port: number, respond: Respond): Promise<PageServer> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const server = createServer((message, response) => void answer(message, response, token, respond));
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${taken}/${token}/`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new BenchError({
          code: 'port-taken',
          message: `The page cannot be served on port ${port} of 127.0.0.1: ${messageOf(cause)}.`,
          hint: 'Give another port, or leave it out: then any free one is taken.',
          exitCode: cause.code === 'EACCES' ? EXIT.usage : EXIT.environment,
          cause,
        }),
      ),
    );
    server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
  });
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  token: string,
  respond: Respond,
): Promise<void> {
  // A viewer that goes away in the middle is its own affair.
  response.on('error', () => {});
  const refusal = refusalOf(message);
  if (refusal !== null) return sendText(response, ...refusal);
  const address = addressOf(message.url ?? '');
  const [, given = '', ...rest] = address?.pathname.split('/') ?? [];
  // Browsers ask for it by themselves, and would tell of its absence as of a fault.
  if (address?.pathname === '/favicon.ico') return void response.writeHead(204, HEADERS).end();
  if (address === null || !isToken(given, token)) return sendText(response, 404, 'There is nothing here.');
  if (rest.length === 0) return redirect(response, `/${token}/`);
  const request = { path: `/${rest.join('/')}`, query: address.searchParams, message, response };
  try {
    await respond({ ...request, method: message.method === 'POST' ? 'POST' : 'GET' });
  } catch (thrown) {
    if (!response.headersSent) sendText(response, 500, oneLine(messageOf(thrown)));
    else response.destroy();
  }
}

/** Why a request is not even looked at; null where it is. */
function refusalOf({ method = '', headers }: IncomingMessage): readonly [status: number, text: string] | null {
  if (!LOOPBACK.test(headers.host ?? ''))
    return [421, 'This is served to the machine itself: ask for it as 127.0.0.1 or localhost.'];
  if (!['GET', 'HEAD', 'POST'].includes(method)) return [405, 'Only GET is understood here.'];
  // A page of a stranger may send forms to any address; the browser says whose page it is (Fetch Standard, Origin header).
  const { origin } = headers;
  if (method === 'POST' && origin !== undefined && origin !== `http://${headers.host}`)
    return [403, 'Only the page itself may ask for this.'];
  return null;
}

/** Null for what is no path: `*`, a whole URL as to a proxy, damaged escapes. */
function addressOf(url: string): URL | null {
  return url.startsWith('/') && URL.canParse(`http://page${url}`) ? new URL(`http://page${url}`) : null;
}

function isToken(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Sends a whole page. Its own policy stands in it; here is what only a header can forbid: being shown within another page. */
export function sendPage(response: ServerResponse, html: string, status = 200): void {
  send(response, status, 'text/html; charset=utf-8', html);
}

/** Sends a line of text. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', `${text}\n`);
}

/** What every answer carries, also one that never ends. */
export function headersOf(type: string): Record<string, string> {
  return { ...HEADERS, 'content-type': type, 'content-security-policy': "frame-ancestors 'none'" };
}

function send(response: ServerResponse, status: number, type: string, content: string): void {
  response.writeHead(status, { ...headersOf(type), 'content-length': Buffer.byteLength(content) });
  response.end(response.req.method === 'HEAD' ? undefined : content);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(308, { ...HEADERS, location, 'content-length': 0 }).end();
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
