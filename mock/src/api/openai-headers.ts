import { REQUEST_ID_SLOT } from '../wire/prebuilt.js';
import type { Headers } from '../wire/reply.js';

const COMMON: Headers = [
  ['x-request-id', REQUEST_ID_SLOT],
  ['openai-version', '2020-10-01'],
];

/** Headers of a plain OpenAI answer. */
export const OPENAI_JSON_HEADERS: Headers = [['Content-Type', 'application/json'], ...COMMON];

/** Headers of a streamed OpenAI answer. */
export const OPENAI_STREAM_HEADERS: Headers = [
  ['Content-Type', 'text/event-stream; charset=utf-8'],
  ['Cache-Control', 'no-cache'],
  ...COMMON,
];
