import { reply, type Reply } from '../wire/reply.js';
import type { AnswerOptions } from './answer-options.js';
import { ANTHROPIC_OVERLOADED, anthropicError } from './anthropic-error.js';
import { ANTHROPIC_JSON_HEADERS } from './anthropic-headers.js';
import { COUNT_RULES, MESSAGE_RULES } from './anthropic-rules.js';
import { checkMessages } from './conversation-rules.js';
import type { Endpoint } from './endpoint.js';
import { KeptAnswers } from './kept-answers.js';
import { KeptMembers } from './kept-members.js';
import { wholeMessage } from './message-object.js';
import {
  maxTokens,
  messageModel,
  messagePromptTokens,
  messageTurn,
  readMessageAsk,
  requireMessages,
  SHAPING_MEMBERS,
} from './message-request.js';
import { messageStream } from './message-stream.js';
import { wantsStream } from './parameters.js';

/** POST /v1/messages, Anthropic's API, plain and streamed. */
export function messages(options: AnswerOptions): Endpoint {
  const kept = new KeptAnswers();
  const shaping = new KeptMembers(SHAPING_MEMBERS);
  return {
    method: 'POST',
    path: '/v1/messages',
    takes: 'json',
    played: true,
    wordsIn: 'messages',
    errors: anthropicError,
    overloaded: ANTHROPIC_OVERLOADED,
    answer(request) {
      const { json, tokens, wish, lenient } = request;
      const model = messageModel(request, options.models);
      requireMessages(request);
      if (!lenient) {
        MESSAGE_RULES.check(json);
        checkMessages(json);
      }
      const stream = wantsStream(json);
      const turn = messageTurn(request);
      const sizes = [messagePromptTokens(request), tokens, maxTokens(request)] as const;
      return kept.get([...sizes, stream, lenient, turn.key, wish.key, model, shaping.key(json)], () => {
        const ask = readMessageAsk(request, model, turn, options.streamTokens);
        return stream ? messageStream(ask, options.chunkTokens) : wholeMessage(ask);
      });
    },
  };
}

/** POST /v1/messages/count_tokens */
export function countTokens({ models }: AnswerOptions): Endpoint {
  return {
    method: 'POST',
    path: '/v1/messages/count_tokens',
    takes: 'json',
    played: true,
    errors: anthropicError,
    overloaded: ANTHROPIC_OVERLOADED,
    answer(request): Reply {
      messageModel(request, models);
      requireMessages(request);
      if (!request.lenient) {
        COUNT_RULES.check(request.json);
        checkMessages(request.json);
      }
      const payload = { input_tokens: messagePromptTokens(request) };
      return reply(200, ANTHROPIC_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
    },
  };
}
