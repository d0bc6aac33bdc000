import { reply } from '../wire/reply.js';
import type { AnswerOptions } from './answer-options.js';
import type { Endpoint } from './endpoint.js';
import { OPENAI_OVERLOADED, openAiError } from './openai-error.js';
import { OPENAI_JSON_HEADERS } from './openai-headers.js';
import { missing } from './parameters.js';
import { responsePromptTokens } from './response-request.js';

/** POST /v1/responses/input_tokens: what `usage.input_tokens` of the same request would say. */
export function inputTokens({ models }: AnswerOptions): Endpoint {
  return {
    method: 'POST',
    path: '/v1/responses/input_tokens',
    takes: 'json',
    played: true,
    errors: openAiError,
    overloaded: OPENAI_OVERLOADED,
    answer(request) {
      models.requested(request);
      if (!request.json.has('input')) throw missing('input');
      const payload = { object: 'response.input_tokens', input_tokens: responsePromptTokens(request) };
      return reply(200, OPENAI_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
    },
  };
}
