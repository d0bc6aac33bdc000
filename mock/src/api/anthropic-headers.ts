import type { Headers } from '../wire/headers.js';
import { AHEAD_SLOT } from '../wire/stamp.js';
import { REQUEST_ID } from './ids.js';

const LIMITS: Headers = ['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((what) => [
  [`anthropic-ratelimit-${what}-limit`, '1000000'],
  [`anthropic-ratelimit-${what}-remaining`, '999999'],
  [`anthropic-ratelimit-${what}-reset`, AHEAD_SLOT],
]);

/** Headers of an Anthropic answer. They are part of bytes that are built once, in which only the id and times change. */
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
