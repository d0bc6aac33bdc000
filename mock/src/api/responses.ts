import type { AnswerOptions } from './answer-options.js';
import type { ApiRequest, Endpoint } from './endpoint.js';
import { KeptAnswers } from './kept-answers.js';
import { KeptMembers } from './kept-members.js';
import { requestedModel } from './models.js';
import { OPENAI_OVERLOADED, openAiError } from './openai-error.js';
import { invalid, isMembers, missing, wantsStream } from './parameters.js';
import { wholeResponse } from './response-object.js';
import { askedOutputTokens, readResponseAsk, responsePromptTokens, SHAPING_MEMBERS } from './response-request.js';
import { responseStream } from './response-stream.js';

/** POST /v1/responses, plain and streamed. Nothing is stored: there is no earlier response to fetch or to go on from. */
export function responses(options: AnswerOptions): Endpoint {
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
      const { json, tokens } = request;
      const model = requestedModel(request);
      requireInput(request);
      const stream = wantsStream(json);
      const answered = json.has('tools') && endsWithToolOutput(request);
      const sizes = [responsePromptTokens(request), tokens, askedOutputTokens(request)] as const;
      return kept.get([...sizes, stream, answered, model, shaping.key(json)], () => {
        const ask = readResponseAsk(request, model, answered, options.streamTokens);
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

function endsWithToolOutput({ json }: ApiRequest): boolean {
  // A look at the bytes first, because most inputs have no such item and need not be parsed for it.
  if (json.kind('input') !== 'array' || json.raw('input')?.includes('call_output"') !== true) return false;
  const last = (json.value('input') as unknown[]).at(-1);
  return isMembers(last) && ['function_call_output', 'custom_tool_call_output'].includes(last['type'] as string);
}
