import type { Headers } from '../wire/headers.js';
import { REQUEST_ID } from './ids.js';

/** When the mock started: a limit that was full again then still is. */
const RESET = new Date().toISOString().replace(/\.\d+Z$/, 'Z');

const LIMITS: Headers = ['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((what) => [
  [`anthropic-ratelimit-${what}-limit`, '1000000'],
  [`anthropic-ratelimit-${what}-remaining`, '999999'],
  [`anthropic-ratelimit-${what}-reset`, RESET],
]);

/** Headers of an Anthropic answer. All but the id are fixed, because they are part of bytes that are built once. */
function anthropicHeaders(contentType: string): Headers {
  return [
    ['Content-Type', contentType],
    ['request-id', REQUEST_ID],
    ['anthropic-organization-id', '00000000-0000-4000-8000-000000000000'],
    ...LIMITS,
  ];
}

/** Headers of a plain Anthropic answer. */
export const ANTHROPIC_JSON_HEADERS: Headers = anthropicHeaders('application/json');

/** Headers of a streamed Anthropic answer. */
export const ANTHROPIC_STREAM_HEADERS: Headers = [
  ...anthropicHeaders('text/event-stream; charset=utf-8'),
  ['Cache-Control', 'no-cache'],
];
