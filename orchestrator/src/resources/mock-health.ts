import { request } from 'undici';
import { z } from 'zod';
import type { MockHealth } from '../record/mock-gate.js';
import { ownRequests } from '../own-requests.js';
import type { LoadSpan } from './load-span.js';

const ANSWER_TIMEOUT_MS = 3000;

const quantiles = z.object({ p99: z.number().nullable() });
const healthSchema = z.object({
  evidence: z.array(z.string()),
  totals: z.object({ requests: z.number() }).optional(),
  refused: z
    .array(z.object({ method: z.string(), path: z.string(), status: z.number(), count: z.number() }))
    .default([]),
  window: z.object({ requests: z.number() }),
  workers: z.array(
    z.object({
      window: z.object({
        loopUtilization: z.number(),
        cpuUtilization: z.number(),
        loopDelayMs: quantiles,
        latenessUs: quantiles,
        // Not told by earlier mocks, nor where the kernel does not say it.
        frozenMs: z.object({ longest: z.number(), total: z.number() }).nullish(),
        turnedAway: z.number().optional(),
      }),
    }),
  ),
  missing: z.array(z.number()),
  restarts: z.number(),
});

/** Where a window of the mock's account of itself begins. */
export interface MockMark {
  /** Whether the mock gave an account of itself then. */
  readonly answered: boolean;
  /** Workers that had died by then, as the mock counts them. */
  readonly restarts: number;
  /** When it was set, `performance.now()`. */
  readonly atMs: number;
}

/** Begins a new window. A mock that keeps no account is left alone. */
export async function markMockWindow(mockUrl: string): Promise<MockMark> {
  await call('POST', `${mockUrl}/__bench/mark`);
  // Asked behind the mark, so that it is the same whether a mock counts from its start or from the mark.
  const health = await askHealth(mockUrl);
  return { answered: health !== null, restarts: health?.restarts ?? 0, atMs: performance.now() };
}

/**
 * What the mock says of itself since a mark; null when it cannot be asked (somebody else's mock).
 * @param span when the load ran, which is what its CPU time was for; null: not known, and all since the mark counts
 */
export async function mockHealth(mockUrl: string, since: MockMark, span: LoadSpan | null): Promise<MockHealth | null> {
  const health = await askHealth(mockUrl);
  const watchedMs = performance.now() - since.atMs;
  const loadedMs = span === null ? watchedMs : span.windowUntilMs - span.fromMs;
  if (health === null) return null;
  const windows = health.workers.map(({ window }) => window);
  const worst = (of: (window: (typeof windows)[number]) => number): number => Math.max(0, ...windows.map(of));
  return {
    complaints: health.evidence,
    lost: health.missing.length + Math.max(0, health.restarts - since.restarts),
    loopUtilization: worst((window) => window.loopUtilization),
    lateUs: worst((window) => Math.max((window.loopDelayMs.p99 ?? 0) * 1000, window.latenessUs.p99 ?? 0)),
    ...(windows.some(({ frozenMs }) => frozenMs)
      ? {
          frozen: {
            longestMs: worst(({ frozenMs }) => frozenMs?.longest ?? 0),
            totalMs: worst(({ frozenMs }) => frozenMs?.total ?? 0),
          },
        }
      : {}),
    turnedAway: windows.reduce((sum, { turnedAway = 0 }) => sum + turnedAway, 0),
    requests: health.window.requests,
    cores: (windows.reduce((sum, { cpuUtilization }) => sum + cpuUtilization, 0) * watchedMs) / loadedMs,
  };
}

/** How many requests have reached the mock since the mark; null when it cannot be asked. */
export async function mockRequests(mockUrl: string): Promise<number | null> {
  return (await askHealth(mockUrl))?.window.requests ?? null;
}

/** What reached the mock since it started; what it was asked about itself is not counted. */
export interface MockTally {
  readonly requests: number;
  /** Those that it had no answer to but an error, the most frequent first. */
  readonly refused: readonly {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly count: number;
  }[];
}

/** Counts what reached the mock since it started; null when it cannot be asked. */
export async function mockTally(mockUrl: string): Promise<MockTally | null> {
  const health = await askHealth(mockUrl);
  return health?.totals === undefined ? null : { requests: health.totals.requests, refused: health.refused };
}

async function askHealth(mockUrl: string): Promise<z.infer<typeof healthSchema> | null> {
  const health = healthSchema.safeParse(await call('GET', `${mockUrl}/__bench/health`));
  return health.success ? health.data : null;
}

/** The JSON of a 2xx answer; null for anything else, for then there is nothing to learn. */
async function call(method: 'GET' | 'POST', url: string): Promise<unknown> {
  try {
    const { statusCode, body } = await request(url, {
      method,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
      dispatcher: ownRequests,
    });
    const text = await body.text();
    return statusCode >= 200 && statusCode < 300 ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
