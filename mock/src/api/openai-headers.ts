import { REQUEST_ID } from './ids.js';
import type { Headers } from '../wire/headers.js';
import { TOOK_SLOT } from '../wire/stamp.js';

/**
 * The headers of the real service. They are part of bytes that are built once, in which only the id and the time that the answer took
 * change; and unless a limit is set, it is never used up.
 */
const COMMON: Headers = [
  ['x-request-id', REQUEST_ID],
  ['openai-organization', 'bench'],
  ['openai-processing-ms', TOOK_SLOT],
  ['openai-version', '2020-10-01'],
  ['x-ratelimit-limit-requests', '1000000'],
  ['x-ratelimit-limit-tokens', '1000000000'],
  ['x-ratelimit-remaining-requests', '999999'],
  ['x-ratelimit-remaining-tokens', '999999999'],
  ['x-ratelimit-reset-requests', '1ms'],
  ['x-ratelimit-reset-tokens', '1ms'],
];

/** Headers of a plain OpenAI answer. */
export const OPENAI_JSON_HEADERS: Headers = [['Content-Type', 'application/json'], ...COMMON];

/** Headers of a streamed OpenAI answer. */
export const OPENAI_STREAM_HEADERS: Headers = [
  ['Content-Type', 'text/event-stream; charset=utf-8'],
  ['Cache-Control', 'no-cache'],
  ...COMMON,
];
