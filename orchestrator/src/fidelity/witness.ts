import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type WireFormat, wireFormatOf } from '../answers/frame.js';
import type { AskedFormat } from '../catalogue/format-of.js';
import { messageOf, usageError } from '../errors.js';
import { scriptOf } from './answers.js';
import type { AnswerKind, ProviderAnswer } from './case.js';
import { type Json, type JsonMembers, membersOf } from './json-place.js';
import { streamOf } from './stream-of.js';

/** A request as it reached the provider. */
export interface WitnessedRequest {
  readonly path: string;
  readonly format: AskedFormat;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonMembers;
}

/** What the provider is to say; null: the least that is an answer. */
export type Say = (request: WitnessedRequest) => ProviderAnswer | null;

const MODELS = {
  object: 'list',
  data: ['bench-chat', 'bench-embed'].map((id) => ({ id, object: 'model', created: 1, owned_by: 'witness' })),
};
const ASKED: readonly WireFormat[] = ['chat', 'messages', 'responses', 'embeddings'];

/**
 * A provider that keeps what it was asked and says what it is told to: it stands where the mock stands in a run, and is no part of one,
 * because the mock answers fast and not everything that an API can say.
 */
export class Witness {
  readonly #server: http.Server;
  #kind: AnswerKind = 'text';
  #say: Say = () => null;
  #seen: WitnessedRequest[] = [];

  private constructor(server: http.Server) {
    this.#server = server;
  }

  /** @throws BenchError `port-in-use` */
  static async start(port: number): Promise<Witness> {
    const server = http.createServer();
    const witness = new Witness(server);
    server.on('request', (request, response) => {
      witness.#answer(request, response).catch((thrown: unknown) => response.destroy(thrown as Error));
    });
    // Gateways use an idle connection again much later.
    server.keepAliveTimeout = 0;
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    } catch (thrown) {
      throw usageError(
        'port-in-use',
        `The provider cannot listen on 127.0.0.1:${port}: ${messageOf(thrown)}.`,
        'Choose another port with --mock-port N.',
      );
    }
    return witness;
  }

  /** Without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What the provider was asked while something was done. */
  async during<T>(
    kind: AnswerKind,
    say: Say,
    act: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly seen: readonly WitnessedRequest[] }> {
    this.#kind = kind;
    this.#say = say;
    this.#seen = [];
    const result = await act();
    return { result, seen: this.#seen };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const bytes = await buffer(request);
    const { pathname: path } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const format = wireFormatOf(`http://127.0.0.1${path}`);
    if (request.method !== 'POST' || !isAsked(format) || !/\/(completions|messages|responses|embeddings)$/.test(path)) {
      probe(path, response);
      return;
    }
    const body = parsed(bytes);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const witnessed = { path, format, headers, body };
    this.#seen.push(witnessed);
    const answer = this.#say(witnessed) ?? scriptOf(this.#kind, format, body).base;
    const streams = body['stream'] === true && answer.status === 200;
    response.writeHead(answer.status, {
      'content-type': streams ? 'text/event-stream' : 'application/json',
      ...answer.headers,
    });
    response.end(streams ? streamOf(format, answer.body, body) : JSON.stringify(answer.body));
  }
}

function isAsked(format: WireFormat): format is AskedFormat {
  return ASKED.includes(format);
}

/** What routers ask of a provider before they route, as servers of models answer. */
function probe(path: string, response: http.ServerResponse): void {
  const body = path.endsWith('/models') ? MODELS : path === '/version' ? { version: 'witness' } : null;
  const isKnown = body !== null || path === '/health';
  response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
  response.end(
    path === '/health' ? '' : JSON.stringify(body ?? { error: { message: `no ${path}`, type: 'not_found' } }),
  );
}

function parsed(bytes: Buffer): JsonMembers {
  try {
    return membersOf(JSON.parse(bytes.toString('utf8')) as Json);
  } catch {
    return {};
  }
}
