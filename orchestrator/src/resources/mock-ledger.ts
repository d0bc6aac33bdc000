import { request } from 'undici';

const ANSWER_TIMEOUT_MS = 10_000;

/** Makes the mock forget what it saw so far. A mock that keeps no ledger is left alone. */
export async function clearLedger(mockUrl: string): Promise<void> {
  await call('DELETE', `${mockUrl}/__bench/ledger`);
}

/** The mock's ledger in its binary form; null when it keeps none or may not be asked. */
export function fetchLedger(mockUrl: string): Promise<Uint8Array | null> {
  return call('GET', `${mockUrl}/__bench/ledger?format=binary`);
}

/** The body of a 2xx answer; null for anything else, for then there is nothing to learn. */
async function call(method: 'GET' | 'DELETE', url: string): Promise<Uint8Array | null> {
  try {
    const { statusCode, body } = await request(url, {
      method,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
    const bytes = new Uint8Array(await body.arrayBuffer());
    return statusCode >= 200 && statusCode < 300 ? bytes : null;
  } catch {
    return null;
  }
}
