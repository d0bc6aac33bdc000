import { REQUEST_ID_SLOT } from '../wire/prebuilt.js';
import type { Headers } from '../wire/headers.js';

/** When the mock started: a limit that was full again then still is. */
const RESET = new Date().toISOString().replace(/\.\d+Z$/, 'Z');

const LIMITS: Headers = ['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((what) => [
  [`anthropic-ratelimit-${what}-limit`, '1000000'],
  [`anthropic-ratelimit-${what}-remaining`, '999999'],
  [`anthropic-ratelimit-${what}-reset`, RESET],
]);

/**
 * Headers of an Anthropic answer. All but the id are fixed, because they are part of bytes that are built once.
 * @param requestId the id, or the slot in prebuilt bytes that stands for it
 */
export function anthropicHeaders(contentType: string, requestId: string): Headers {
  return [
    ['Content-Type', contentType],
    ['request-id', requestId],
    ['anthropic-organization-id', '00000000-0000-4000-8000-000000000000'],
    ...LIMITS,
  ];
}

/** Headers of a plain Anthropic answer. */
export const ANTHROPIC_JSON_HEADERS: Headers = anthropicHeaders('application/json', REQUEST_ID_SLOT);

/** Headers of a streamed Anthropic answer. */
export const ANTHROPIC_STREAM_HEADERS: Headers = [
  ...anthropicHeaders('text/event-stream; charset=utf-8', REQUEST_ID_SLOT),
  ['Cache-Control', 'no-cache'],
];
