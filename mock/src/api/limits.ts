import type { Headers } from '../wire/headers.js';
import { rfc3339 } from '../wire/stamp.js';
import type { ApiError, LimitReading, Quota } from './endpoint.js';

/** What is left of a limit when all of it is used. */
export function usedUp(limit: number, resetMs: number): Quota {
  return { limit, remaining: 0, resetMs };
}

/** How OpenAI tells of its limits. */
export function openAiLimits({ requests, tokens }: LimitReading): Headers {
  const told = (what: string, quota: Quota | undefined): Headers =>
    quota === undefined
      ? []
      : [
          [`x-ratelimit-limit-${what}`, String(quota.limit)],
          [`x-ratelimit-remaining-${what}`, String(quota.remaining)],
          [`x-ratelimit-reset-${what}`, durationText(quota.resetMs)],
        ];
  return [...told('requests', requests), ...told('tokens', tokens)];
}

/** How Anthropic tells of its limits; those of input and output are not apart here. */
export function anthropicLimits({ requests, tokens }: LimitReading): Headers {
  const told = (what: string, quota: Quota | undefined): Headers =>
    quota === undefined
      ? []
      : [
          [`anthropic-ratelimit-${what}-limit`, String(quota.limit)],
          [`anthropic-ratelimit-${what}-remaining`, String(quota.remaining)],
          [`anthropic-ratelimit-${what}-reset`, rfc3339(Math.ceil((Date.now() + quota.resetMs) / 1000))],
        ];
  return ['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((what) =>
    told(what, what === 'requests' ? requests : tokens),
  );
}

/** What OpenAI says to the request that is one too many. */
export function openAiLimited(what: 'requests' | 'tokens', { limit, resetMs }: Quota): ApiError {
  const [name, short] = what === 'requests' ? ['requests per min', 'RPM'] : ['tokens per min', 'TPM'];
  return {
    status: 429,
    message: `Rate limit reached for bench-chat in organization bench on ${name} (${short}): Limit ${limit}. Please try again in ${durationText(resetMs)}.`,
    type: what,
    code: 'rate_limit_exceeded',
    headers: [['Retry-After', String(Math.ceil(resetMs / 1000))]],
  };
}

/** The same in Anthropic's words. */
export function anthropicLimited(what: 'requests' | 'tokens', { limit, resetMs }: Quota): ApiError {
  return {
    status: 429,
    message: `This request would exceed your organization's rate limit of ${limit} ${what} per minute.`,
    headers: [['Retry-After', String(Math.ceil(resetMs / 1000))]],
  };
}

/** As OpenAI writes durations: `20ms`, `1.5s`, `6m0s`. */
function durationText(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms) / 1000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${Math.round((seconds % 60) * 1000) / 1000}s`;
}
