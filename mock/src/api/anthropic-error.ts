import { withHeaders } from '../wire/headers.js';
import { reply, type Reply } from '../wire/reply.js';
import { ANTHROPIC_JSON_HEADERS } from './anthropic-headers.js';
import type { ApiError } from './endpoint.js';
import { REQUEST_ID } from './ids.js';
import { KeptAnswers } from './kept-answers.js';

const TYPES: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);

/** What Anthropic says when it takes no more requests. */
export const ANTHROPIC_OVERLOADED: ApiError = { status: 529, message: 'Overloaded', headers: [['Retry-After', '1']] };

const kept = new KeptAnswers<Reply>();

/** Words an error as Anthropic does: `{"type": "error", "error": {"type", "message"}, "request_id"}`. */
export function anthropicError({ status, message, headers = [] }: ApiError): Reply {
  const type = TYPES.get(status) ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  const body = JSON.stringify({ type: 'error', error: { type, message }, request_id: REQUEST_ID });
  const make = () => reply(status, withHeaders(ANTHROPIC_JSON_HEADERS, headers), Buffer.from(body));
  // Errors that are played come in thousands and are alike; those with headers of their own are not.
  return headers.length === 0 ? kept.get([status, body], make) : make();
}
