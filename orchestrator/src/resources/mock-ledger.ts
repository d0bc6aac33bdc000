import { request } from 'undici';
import { z } from 'zod';
import { messageOf } from '../errors.js';
import { ownRequests } from '../own-requests.js';

const ANSWER_TIMEOUT_MS = 10_000;
/** Of what a mock says about a refusal, so much is passed on. */
const LONGEST_WORDS = 200;

/** A body, or why there is none, for a person: `status 403: The control endpoints answer on loopback only`. */
export type LedgerAnswer = { readonly bytes: Uint8Array } | { readonly problem: string };

const refusalSchema = z.object({ error: z.object({ message: z.string() }) });

/** Makes the mock forget what it saw so far. A mock that keeps no ledger is left alone. */
export async function clearLedger(mockUrl: string): Promise<void> {
  await call('DELETE', `${mockUrl}/__bench/ledger`, ANSWER_TIMEOUT_MS);
}

/** The mock's ledger in its binary form. @param timeoutMs for the headers, and for each part of the body */
export function fetchLedger(mockUrl: string, timeoutMs = ANSWER_TIMEOUT_MS): Promise<LedgerAnswer> {
  return call('GET', `${mockUrl}/__bench/ledger?format=binary`, timeoutMs);
}

const recordsSchema = z.object({ records: z.array(z.object({ id: z.string(), frames: z.number() })) });

/** What the mock saw of the requests with an id, in the order of their arrival; null when it cannot be asked. */
export async function ledgerOf(
  mockUrl: string,
  id: string,
): Promise<readonly { readonly id: string; readonly frames: number }[] | null> {
  const answer = await call('GET', `${mockUrl}/__bench/ledger?id=${encodeURIComponent(id)}`, ANSWER_TIMEOUT_MS);
  if ('problem' in answer) return null;
  try {
    return recordsSchema.parse(JSON.parse(Buffer.from(answer.bytes).toString('utf8'))).records;
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
