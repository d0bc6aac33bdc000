import { request } from 'undici';
import { type AskedFormat, formatOf } from '../catalogue/format-of.js';
import { modelNameOf, questionUrl } from '../catalogue/addressing.js';
import { messageOf } from '../errors.js';
import { ownRequests } from '../own-requests.js';
import type { AskedTarget } from '../attest/asker.js';
import type { FidelityCase } from './case.js';
import { type Filled, filledIn } from './filled-in.js';
import { foldedStream } from './folded-stream.js';
import { type Json, type JsonMembers, membersOf } from './json-place.js';

/** What a client got. */
export interface ClientAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream is put together, see {@link foldedStream}. */
  readonly body: JsonMembers;
  /** The body as it came, for a person. */
  readonly text: string;
}

const TIMEOUT_MS = 30_000;

/** A case's question, without its model, with so many of what may be there besides. */
export function questionOf({ required, optional }: FidelityCase, places: readonly string[]): Filled {
  return filledIn({ headers: {}, body: required }, optional, places);
}

/** The model that a question names for the provider, without what the gateway needs to route it. */
export function providerModel(format: AskedFormat): string {
  return format === 'embeddings' ? 'bench-embed' : 'bench-chat';
}

/**
 * Asks a target once.
 * @returns what it answered, whatever the status; or why nothing came, in words
 * @throws the signal's reason
 */
export async function putQuestion(
  target: AskedTarget,
  { path, streaming, kind }: FidelityCase,
  { headers, body }: Filled,
  signal: AbortSignal,
): Promise<ClientAnswer | string> {
  const format = formatOf({ path });
  const answer = kind === 'vectors' || kind === 'vector-batch' ? 'embeddings' : 'chat';
  try {
    const response = await request(questionUrl(target, { path }), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers, ...target.headers },
      body: JSON.stringify({ model: modelNameOf(target, { path, answer }), ...body }),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      dispatcher: ownRequests,
    });
    const bytes = new Uint8Array(await response.body.arrayBuffer());
    const text = Buffer.from(bytes).toString('utf8');
    const got = Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]);
    const isStream = streaming && response.statusCode === 200;
    return {
      status: response.statusCode,
      headers: Object.fromEntries(got),
      body: isStream ? foldedStream(format, bytes) : membersOf(parsed(text)),
      text,
    };
  } catch (thrown) {
    signal.throwIfAborted();
    return messageOf(thrown);
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
