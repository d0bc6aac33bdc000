import { request } from 'undici';
import { z } from 'zod';

const ANSWER_TIMEOUT_MS = 3000;

const healthSchema = z.object({ verdict: z.string(), evidence: z.array(z.string()) });

/** Begins a new window of the mock's account of itself. A mock that keeps none is left alone. */
export async function markMockWindow(mockUrl: string): Promise<void> {
  await call('POST', `${mockUrl}/__bench/mark`);
}

/**
 * What the mock holds against itself since the mark: too busy, late frames, dead workers. Empty when it finds itself in order, and when it
 * cannot be asked (somebody else's mock).
 */
export async function mockComplaints(mockUrl: string): Promise<readonly string[]> {
  const answer = await call('GET', `${mockUrl}/__bench/health`);
  const health = healthSchema.safeParse(answer);
  return health.success ? health.data.evidence : [];
}

/** The JSON of a 2xx answer; null for anything else, for then there is nothing to learn. */
async function call(method: 'GET' | 'POST', url: string): Promise<unknown> {
  try {
    const { statusCode, body } = await request(url, {
      method,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
    const text = await body.text();
    return statusCode >= 200 && statusCode < 300 ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
