import type { AnswerOptions } from './answer-options.js';
import { checkResponseInput } from './conversation-rules.js';
import type { ApiRequest, Endpoint } from './endpoint.js';
import { KeptAnswers } from './kept-answers.js';
import { KeptMembers } from './kept-members.js';
import { OPENAI_OVERLOADED, openAiError } from './openai-error.js';
import { LONE_RESPONSE_RULES, RESPONSE_RULES } from './openai-rules.js';
import { invalid, missing, wantsStream } from './parameters.js';
import { wholeResponse } from './response-object.js';
import {
  askedOutputTokens,
  readResponseAsk,
  responsePromptTokens,
  responseTurn,
  SHAPING_MEMBERS,
} from './response-request.js';
import { responseStream } from './response-stream.js';

/**
 * POST /v1/responses, plain and streamed.
 * @param storing true when responses are kept (`store/`): one that goes on from an earlier one comes here with the whole conversation
 */
export function responses(options: AnswerOptions, storing: boolean): Endpoint {
  const rules = storing ? RESPONSE_RULES : LONE_RESPONSE_RULES;
  const kept = new KeptAnswers();
  const shaping = new KeptMembers(SHAPING_MEMBERS);
  return {
    method: 'POST',
    path: '/v1/responses',
    takes: 'json',
    played: true,
    errors: openAiError,
    overloaded: OPENAI_OVERLOADED,
    answer(request) {
      const { json, tokens, wish, lenient } = request;
      const model = options.models.requested(request);
      requireInput(request);
      if (!lenient) {
        rules.check(json);
        checkResponseInput(json);
      }
      const stream = wantsStream(json);
      const turn = responseTurn(request);
      const sizes = [responsePromptTokens(request), tokens, askedOutputTokens(request)] as const;
      return kept.get([...sizes, stream, lenient, turn.key, wish.key, model, shaping.key(json)], () => {
        const ask = readResponseAsk(request, model, turn, options.streamTokens);
        return stream ? responseStream(ask, options) : wholeResponse(ask, options.createdSeconds);
      });
    },
  };
}

function requireInput({ json }: ApiRequest): void {
  const kind = json.kind('input');
  if (kind === 'absent') throw missing('input');
  if (kind !== 'string' && kind !== 'array') throw invalid('input', 'a string or an array of input items');
}
