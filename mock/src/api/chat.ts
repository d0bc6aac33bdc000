import type { JsonObject } from '../wire/json.js';
import type { AnswerOptions } from './answer-options.js';
import { chatCompletion } from './chat-completion.js';
import { askedTokens, chatPromptTokens, chatTurn, readChat, SHAPING_MEMBERS } from './chat-request.js';
import { chatStream } from './chat-stream.js';
import { checkChatMessages } from './conversation-rules.js';
import { ApiFailure, type Endpoint } from './endpoint.js';
import { KeptAnswers } from './kept-answers.js';
import { KeptMembers } from './kept-members.js';
import { OPENAI_OVERLOADED, openAiError } from './openai-error.js';
import { CHAT_RULES } from './openai-rules.js';
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
    wordsIn: 'messages',
    errors: openAiError,
    overloaded: OPENAI_OVERLOADED,
    answer(request) {
      const { json, tokens, wish, lenient } = request;
      const model = options.models.requested(request);
      requireFilledArray(json, 'messages', 'message');
      if (!lenient) checkStrictly(json);
      const stream = wantsStream(json);
      const turn = chatTurn(request);
      const sizes = [chatPromptTokens(request), tokens, askedTokens(request)] as const;
      return kept.get([...sizes, stream, lenient, turn.key, wish.key, model, shaping.key(json)], () => {
        const ask = readChat(request, model, turn, options.streamTokens);
        return stream ? chatStream(ask, options) : chatCompletion(ask, options.createdSeconds);
      });
    },
  };
}

/** What of a request is not part of its answer's key, and has to be looked at each time. */
function checkStrictly(json: JsonObject): void {
  CHAT_RULES.check(json);
  if (json.has('max_tokens') && json.has('max_completion_tokens')) {
    const message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
    throw new ApiFailure({ status: 400, message, param: 'max_tokens', code: 'invalid_parameter_combination' });
  }
  checkChatMessages(json);
}
