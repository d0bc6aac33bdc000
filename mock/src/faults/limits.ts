import type { LimitReading, Quota } from '../api/endpoint.js';
import type { CountShared } from './plan.js';

const MINUTE_MS = 60_000;

/** Requests and tokens a minute that are answered; undefined when there is no such limit. */
export interface Limits {
  readonly rpm?: number | undefined;
  readonly tpm?: number | undefined;
}

/** What the limits say to one request. */
export interface LimitVerdict {
  /** What is left behind it. */
  readonly reading: LimitReading;
  /** The limit that it is beyond; undefined when it is answered. */
  readonly exceeded: 'requests' | 'tokens' | undefined;
}

/**
 * Limits that count down and refuse, the same in every run: minutes follow each other from when the settings were made, in each so
 * many requests and tokens are answered, counted over all workers in the order in which they come. What is refused counts too, as
 * with the providers.
 */
export class RateLimits {
  readonly #limits: Limits;
  readonly #startedMs: number;
  readonly #count: CountShared;

  /** @param startedMs when the first minute began, on the clock of `performance.now()` */
  constructor(limits: Limits, startedMs: number, count: CountShared) {
    this.#limits = limits;
    this.#startedMs = startedMs;
    this.#count = count;
  }

  /**
   * Counts one request.
   * @param tokens that it may cost
   */
  async take(tokens: number): Promise<LimitVerdict> {
    const { rpm, tpm } = this.#limits;
    const sinceMs = Math.max(0, performance.now() - this.#startedMs);
    const minute = Math.floor(sinceMs / MINUTE_MS);
    const resetMs = (minute + 1) * MINUTE_MS - sinceMs;
    const counted = async (what: string, limit: number | undefined, by: number): Promise<Used | undefined> =>
      limit === undefined ? undefined : { limit, used: await this.#count(`${what}:${minute}`, by) };
    const [requests, used] = await Promise.all([counted('rpm', rpm, 1), counted('tpm', tpm, tokens)]);
    return {
      reading: {
        ...(requests === undefined ? {} : { requests: left(requests, resetMs) }),
        ...(used === undefined ? {} : { tokens: left(used, resetMs) }),
      },
      exceeded: isBeyond(requests) ? 'requests' : isBeyond(used) ? 'tokens' : undefined,
    };
  }
}

interface Used {
  readonly limit: number;
  readonly used: number;
}

function left({ limit, used }: Used, resetMs: number): Quota {
  return { limit, remaining: Math.max(0, limit - used), resetMs };
}

function isBeyond(used: Used | undefined): boolean {
  return used !== undefined && used.used > used.limit;
}
