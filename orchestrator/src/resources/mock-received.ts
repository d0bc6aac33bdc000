import { request } from 'undici';
import { z } from 'zod';
import { ownRequests } from '../own-requests.js';
import { askEach, type MockAddress } from './mock-address.js';

const ANSWER_TIMEOUT_MS = 10_000;

const receivedSchema = z.object({
  received: z.array(
    z.object({ method: z.string(), path: z.string(), body: z.string().nullable(), chunked: z.boolean().optional() }),
  ),
});

/** A request as it arrived at the mock. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** Whether its body came in chunked coding; left out by mocks that do not tell. */
  readonly chunked?: boolean | undefined;
}

/** The last request with this id that asked to be kept (`keep=yes`), as it arrived at the mock; null when the mock has none, or cannot say. */
export async function receivedBy(mock: MockAddress, id: string): Promise<ReceivedRequest | null> {
  const received = await askEach(mock, async (url) => lastReceived(url, id));
  return received.find((one) => one !== null) ?? null;
}

async function lastReceived(controlUrl: string, id: string): Promise<ReceivedRequest | null> {
  try {
    const { statusCode, body } = await ask(`${controlUrl}/__bench/received?id=${encodeURIComponent(id)}`, {
      method: 'GET',
    });
    const last = statusCode === 200 ? receivedSchema.parse(await body.json()).received.at(-1) : undefined;
    if (statusCode !== 200) await body.dump();
    return last === undefined || last.body === null ? null : { ...last, body: last.body };
  } catch {
    return null;
  }
}

const refusalSchema = z.object({ error: z.object({ message: z.string() }) });

/** What a provider would say against a request that arrived at the mock: it is sent once more, to be looked at strictly. Null: nothing. */
export async function objectionTo(mockUrl: string, { method, path, body }: ReceivedRequest): Promise<string | null> {
  try {
    const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-bench': 'strict=yes' };
    const answer = await ask(mockUrl + path, { method: method as 'POST', headers, body });
    if (answer.statusCode === 400) return refusalSchema.parse(await answer.body.json()).error.message;
    await answer.body.dump();
    return null;
  } catch {
    return null;
  }
}

function ask(url: string, options: Parameters<typeof request>[1]): ReturnType<typeof request> {
  const timeouts = { headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS };
  return request(url, { ...options, ...timeouts, dispatcher: ownRequests });
}
