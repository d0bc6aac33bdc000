import { MAX_TOKENS } from '../config.js';
import { DONE_FRAME, Frames, jsonFrame, type Run } from '../stream/frames.js';
import { reply, streamReply, type Reply, type StreamReply } from '../wire/reply.js';
import { ApiFailure, type ApiRequest, type Endpoint } from './endpoint.js';
import { KeptAnswers } from './kept-answers.js';
import { requestedModel } from './models.js';
import { openAiError } from './openai-error.js';
import { OPENAI_JSON_HEADERS, OPENAI_STREAM_HEADERS } from './openai-headers.js';
import { promptTokens } from './tokens.js';

/** As long as the real ids: `chatcmpl-` and 29 characters. */
const ID = 'chatcmpl-bench000000000000000000000000';
const CREATED = Math.floor(Date.now() / 1000);

/** The answer to a request that does not ask for a length, and its tokens. */
const SENTENCE = 'This is a benchmark response.';
const SENTENCE_TOKENS = 6;
/** One token of every other answer. */
const WORD = 'word ';

/**
 * POST /v1/chat/completions, plain and streamed.
 * @param chunks content chunks of a stream that does not ask for a length
 */
export function chat(chunks: number): Endpoint {
  const kept = new KeptAnswers();
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    takes: 'json',
    played: true,
    errors: openAiError,
    answer(request) {
      const model = requestedModel(request);
      requireMessages(request);
      const asked = request.tokens ?? askedTokens(request);
      const prompt = promptTokens(request.json.span('messages'));
      if (!request.json.isTrue('stream')) {
        return kept.get(`plain ${model} ${prompt} ${asked}`, () => plain(model, prompt, asked));
      }
      const usage = wantsUsage(request);
      return kept.get(`stream ${model} ${prompt} ${asked} ${usage}`, () =>
        streamed(model, prompt, asked ?? chunks, asked === undefined ? 'stop' : 'length', usage),
      );
    },
  };
}

function requireMessages(request: ApiRequest): void {
  const kind = request.json.kind('messages');
  if (kind === 'array' && request.json.span('messages') > 2) return;
  const message =
    kind === 'absent'
      ? "Missing required parameter: 'messages'."
      : "Invalid 'messages': expected an array with at least one message.";
  throw new ApiFailure({ status: 400, message, param: 'messages' });
}

/** The length the request asks for; undefined when it leaves it to the model. */
function askedTokens(request: ApiRequest): number | undefined {
  for (const name of ['max_completion_tokens', 'max_tokens']) {
    if (!request.json.has(name)) continue;
    const tokens = request.json.number(name);
    if (tokens === undefined || !Number.isInteger(tokens) || tokens < 1) {
      throw new ApiFailure({
        status: 400,
        message: `Invalid '${name}': expected an integer of 1 or more.`,
        param: name,
      });
    }
    return Math.min(tokens, MAX_TOKENS);
  }
  return undefined;
}

function wantsUsage(request: ApiRequest): boolean {
  if (!request.json.has('stream_options')) return false;
  const options = request.json.value('stream_options');
  return typeof options === 'object' && (options as { include_usage?: unknown }).include_usage === true;
}

function plain(model: string, prompt: number, asked: number | undefined): Reply {
  const content = asked === undefined ? SENTENCE : WORD.repeat(asked);
  const payload = {
    id: ID,
    object: 'chat.completion',
    created: CREATED,
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: asked === undefined ? 'stop' : 'length',
      },
    ],
    usage: usage(prompt, asked ?? SENTENCE_TOKENS),
    service_tier: 'default',
    system_fingerprint: 'fp_bench',
  };
  return reply(200, OPENAI_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
}

function streamed(model: string, prompt: number, tokens: number, finish: string, withUsage: boolean): StreamReply {
  const base = {
    id: ID,
    object: 'chat.completion.chunk',
    created: CREATED,
    model,
    service_tier: 'default',
    system_fingerprint: 'fp_bench',
  };
  // With usage asked for, the real service puts a null on every other chunk; otherwise the key is absent.
  const nothing = withUsage ? { usage: null } : {};
  const chunk = (delta: object, finishReason: string | null) =>
    jsonFrame({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }], ...nothing });
  const runs: Run[] = [
    { frame: chunk({ role: 'assistant', content: '', refusal: null }, null), times: 1 },
    { frame: chunk({ content: WORD }, null), times: tokens },
    { frame: chunk({}, finish), times: 1 },
  ];
  if (withUsage) runs.push({ frame: jsonFrame({ ...base, choices: [], usage: usage(prompt, tokens) }), times: 1 });
  runs.push({ frame: DONE_FRAME, times: 1 });
  return streamReply(OPENAI_STREAM_HEADERS, new Frames(runs));
}

function usage(prompt: number, completion: number) {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
