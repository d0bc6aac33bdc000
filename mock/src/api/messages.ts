import { reply, type Reply } from '../wire/reply.js';
import type { AnswerOptions } from './answer-options.js';
import { ANTHROPIC_OVERLOADED, anthropicError } from './anthropic-error.js';
import { ANTHROPIC_JSON_HEADERS } from './anthropic-headers.js';
import type { Endpoint } from './endpoint.js';
import { KeptAnswers } from './kept-answers.js';
import { KeptMembers } from './kept-members.js';
import { wholeMessage } from './message-object.js';
import {
  endsWithToolResult,
  maxTokens,
  messageModel,
  messagePromptTokens,
  readMessageAsk,
  requireMessages,
  SHAPING_MEMBERS,
} from './message-request.js';
import { messageStream } from './message-stream.js';
import { wantsStream } from './parameters.js';

/** POST /v1/messages, Anthropic's API, plain and streamed. */
export function messages({ streamTokens, chunkTokens }: AnswerOptions): Endpoint {
  const kept = new KeptAnswers();
  const shaping = new KeptMembers(SHAPING_MEMBERS);
  return {
    method: 'POST',
    path: '/v1/messages',
    takes: 'json',
    played: true,
    errors: anthropicError,
    overloaded: ANTHROPIC_OVERLOADED,
    answer(request) {
      const { json, tokens } = request;
      const model = messageModel(request);
      requireMessages(request);
      const stream = wantsStream(json);
      const answered = json.has('tools') && endsWithToolResult(request);
      const sizes = [messagePromptTokens(request), tokens, maxTokens(request)] as const;
      return kept.get([...sizes, stream, answered, model, shaping.key(json)], () => {
        const ask = readMessageAsk(request, model, answered, streamTokens);
        return stream ? messageStream(ask, chunkTokens) : wholeMessage(ask);
      });
    },
  };
}

/** POST /v1/messages/count_tokens */
export const countTokens: Endpoint = {
  method: 'POST',
  path: '/v1/messages/count_tokens',
  takes: 'json',
  played: true,
  errors: anthropicError,
  overloaded: ANTHROPIC_OVERLOADED,
  answer(request): Reply {
    messageModel(request);
    requireMessages(request);
    const payload = { input_tokens: messagePromptTokens(request) };
    return reply(200, ANTHROPIC_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
  },
};
