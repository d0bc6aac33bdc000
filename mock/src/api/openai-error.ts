import { reply, type Reply } from '../wire/reply.js';
import type { ApiError } from './endpoint.js';
import { OPENAI_JSON_HEADERS } from './openai-headers.js';

/** Words an error as OpenAI does: `{"error": {"message", "type", "param", "code"}}`, all four always there. */
export function openAiError(error: ApiError): Reply {
  const { message, param = null, code = null } = error;
  const body = JSON.stringify({ error: { message, type: errorType(error.status), param, code } });
  return reply(error.status, [...OPENAI_JSON_HEADERS, ...(error.headers ?? [])], Buffer.from(body));
}

function errorType(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
