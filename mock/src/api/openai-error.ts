import { withHeaders } from '../wire/headers.js';
import { reply, type Reply } from '../wire/reply.js';
import type { ApiError } from './endpoint.js';
import { KeptAnswers } from './kept-answers.js';
import { OPENAI_JSON_HEADERS } from './openai-headers.js';

const kept = new KeptAnswers<Reply>();

/** What OpenAI says when it takes no more requests. */
export const OPENAI_OVERLOADED: ApiError = {
  status: 503,
  message: 'The engine is currently overloaded.',
  headers: [['Retry-After', '1']],
};

/** Words an error as OpenAI does: `{"error": {"message", "type", "param", "code"}}`, all four always there. */
export function openAiError(error: ApiError): Reply {
  const { status, message, param = null, headers = [] } = error;
  const code = error.code ?? (status === 429 ? 'rate_limit_exceeded' : null);
  const body = JSON.stringify({ error: { message, type: error.type ?? errorType(status), param, code } });
  const make = () => reply(status, withHeaders(OPENAI_JSON_HEADERS, headers), Buffer.from(body));
  // Errors that are played come in thousands and are alike; those with headers of their own are not.
  return headers.length === 0 ? kept.get([status, body], make) : make();
}

function errorType(status: number): string {
  // What a 429 calls a type is the limit that was hit.
  if (status === 429) return 'requests';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
