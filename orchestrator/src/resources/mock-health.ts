import { request } from 'undici';
import { z } from 'zod';
import { groupBy } from '../grouping.js';
import type { MockHealth } from '../record/mock-gate.js';
import { ownRequests } from '../own-requests.js';
import type { LoadSpan } from './load-span.js';
import { askEach, type MockAddress } from './mock-address.js';

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
export async function markMockWindow(mock: MockAddress): Promise<MockMark> {
  await askEach(mock, async (url) => call('POST', `${url}/__bench/mark`));
  // Asked behind the mark, so that it is the same whether a mock counts from its start or from the mark.
  const health = await askHealth(mock);
  return { answered: health !== null, restarts: health?.restarts ?? 0, atMs: performance.now() };
}

/**
 * What the mock says of itself since a mark; null when it cannot be asked (somebody else's mock).
 * @param span when the load ran, which is what its CPU time was for; null: not known, and all since the mark counts
 */
export async function mockHealth(
  mock: MockAddress,
  since: MockMark,
  span: LoadSpan | null,
): Promise<MockHealth | null> {
  const health = await askHealth(mock);
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
    turnedAway: sum(windows.map(({ turnedAway = 0 }) => turnedAway)),
    requests: health.window.requests,
    ...(mock.memberUrls === undefined ? {} : { requestsOfEach: health.each }),
    cores: (sum(windows.map(({ cpuUtilization }) => cpuUtilization)) * watchedMs) / loadedMs,
  };
}

/** How many requests have reached the mock since the mark; null when it cannot be asked. */
export async function mockRequests(mock: MockAddress): Promise<number | null> {
  return (await askHealth(mock))?.window.requests ?? null;
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
export async function mockTally(mock: MockAddress): Promise<MockTally | null> {
  const health = await askHealth(mock);
  return health?.totals === undefined ? null : { requests: health.totals.requests, refused: health.refused };
}

type Health = z.infer<typeof healthSchema>;

/** The account of all together, and the requests of the window that each had; null where one of them gives none. */
async function askHealth(mock: MockAddress): Promise<(Health & { readonly each: readonly number[] }) | null> {
  const accounts = await askEach(mock, async (url) =>
    healthSchema.safeParse(await call('GET', `${url}/__bench/health`)),
  );
  const all = accounts.flatMap(({ data }) => data ?? []);
  const totals = all.flatMap((one) => one.totals ?? []);
  if (all.length < accounts.length) return null;
  const each = all.map(({ window }) => window.requests);
  return {
    evidence: all.flatMap(({ evidence }) => evidence),
    ...(totals.length < all.length ? {} : { totals: { requests: sum(totals.map(({ requests }) => requests)) } }),
    refused: together(all.flatMap(({ refused }) => refused)),
    window: { requests: sum(each) },
    workers: all.flatMap(({ workers }) => workers),
    missing: all.flatMap(({ missing }) => missing),
    restarts: sum(all.map(({ restarts }) => restarts)),
    each,
  };
}

/** Refusals of several mocks, those of one request added up, the most frequent first. */
function together(refused: Health['refused']): Health['refused'] {
  const groups = groupBy(refused, ({ method, path, status }) => `${method} ${path} ${status}`);
  return [...groups.values()]
    .flatMap((same) => (same[0] === undefined ? [] : { ...same[0], count: sum(same.map(({ count }) => count)) }))
    .toSorted((a, b) => b.count - a.count);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
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
