import type { AnswerOptions } from './answer-options.js';
import { chatCompletion } from './chat-completion.js';
import { askedTokens, chatPromptTokens, endsWithToolResult, readChat, SHAPING_MEMBERS } from './chat-request.js';
import { chatStream } from './chat-stream.js';
import type { Endpoint } from './endpoint.js';
import { KeptAnswers } from './kept-answers.js';
import { KeptMembers } from './kept-members.js';
import { requestedModel } from './models.js';
import { OPENAI_OVERLOADED, openAiError } from './openai-error.js';
import { requireFilledArray, wantsStream } from './parameters.js';

/**
 * POST /v1/chat/completions, plain and streamed.
 * An answer depends on a few numbers and, when they are there, on the shaping members; it is kept by all of these, so that
 * only the first of equal requests is read whole.
 */
export function chat(options: AnswerOptions): Endpoint {
  const kept = new KeptAnswers();
  const shaping = new KeptMembers(SHAPING_MEMBERS);
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    takes: 'json',
    played: true,
    errors: openAiError,
    overloaded: OPENAI_OVERLOADED,
    answer(request) {
      const { json, tokens } = request;
      const model = requestedModel(request);
      requireFilledArray(json, 'messages', 'message');
      const stream = wantsStream(json);
      const answered = json.has('tools') && endsWithToolResult(request);
      const sizes = [chatPromptTokens(request), tokens, askedTokens(request)] as const;
      return kept.get([...sizes, stream, answered, model, shaping.key(json)], () => {
        const ask = readChat(request, model, answered, options.streamTokens);
        return stream ? chatStream(ask, options) : chatCompletion(ask, options.createdSeconds);
      });
    },
  };
}
