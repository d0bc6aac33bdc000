import { request } from 'undici';
import { z } from 'zod';
import { messageOf } from '../errors.js';
import { ownRequests } from '../own-requests.js';
import { askEach, type MockAddress } from './mock-address.js';

const ANSWER_TIMEOUT_MS = 10_000;
/** Of what a mock says about a refusal, so much is passed on. */
const LONGEST_WORDS = 200;

/** A body, or why there is none, for a person: `status 403: The control endpoints answer on loopback only`. */
export type LedgerAnswer = { readonly bytes: Uint8Array } | { readonly problem: string };

const refusalSchema = z.object({ error: z.object({ message: z.string() }) });

/** Makes the mock forget what it saw so far. A mock that keeps no ledger is left alone. */
export async function clearLedger(mock: MockAddress): Promise<void> {
  await askEach(mock, async (url) => call('DELETE', `${url}/__bench/ledger`, ANSWER_TIMEOUT_MS));
}

/** The ledger of one mock in its binary form. @param timeoutMs for the headers, and for each part of the body */
export function fetchLedger(controlUrl: string, timeoutMs = ANSWER_TIMEOUT_MS): Promise<LedgerAnswer> {
  return call('GET', `${controlUrl}/__bench/ledger?format=binary`, timeoutMs);
}

const recordsSchema = z.object({ records: z.array(z.object({ id: z.string(), frames: z.number() })) });

/** What the mock saw of the requests with an id, in the order of their arrival at each that it consists of; null when it cannot be asked. */
export async function ledgerOf(
  mock: MockAddress,
  id: string,
): Promise<readonly { readonly id: string; readonly frames: number }[] | null> {
  const answers = await askEach(mock, async (url) =>
    call('GET', `${url}/__bench/ledger?id=${encodeURIComponent(id)}`, ANSWER_TIMEOUT_MS),
  );
  try {
    return answers.flatMap((answer) => {
      if ('problem' in answer) throw new RangeError(answer.problem);
      return recordsSchema.parse(JSON.parse(Buffer.from(answer.bytes).toString('utf8'))).records;
    });
  } catch {
    return null;
  }
}

async function call(method: 'GET' | 'DELETE', url: string, timeoutMs: number): Promise<LedgerAnswer> {
  try {
    const { statusCode, body } = await request(url, {
      method,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      dispatcher: ownRequests,
    });
    const bytes = new Uint8Array(await body.arrayBuffer());
    return statusCode >= 200 && statusCode < 300 ? { bytes } : { problem: `status ${statusCode}${wordsOf(bytes)}` };
  } catch (thrown) {
    return { problem: messageOf(thrown) };
  }
}

function wordsOf(body: Uint8Array): string {
  const text = Buffer.from(body).toString('utf8').trim();
  const words = messageIn(text) ?? text;
  return words === '' ? '' : `: ${words.slice(0, LONGEST_WORDS)}`;
}

/** Of an error in the provider's shape. */
function messageIn(text: string): string | null {
  try {
    return refusalSchema.parse(JSON.parse(text)).error.message;
  } catch {
    return null;
  }
}
