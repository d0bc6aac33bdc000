import { DONE_FRAME, Frames, jsonFrame, type Run } from '../wire/frames.js';
import { reply, streamReply, type Answer, type Reply, type StreamReply } from '../wire/reply.js';
import type { AnswerOptions } from './answer-options.js';
import { finishReason, chatUsage } from './chat-completion.js';
import { askedTokens } from './chat-request.js';
import { Content, SENTENCE } from './content.js';
import type { ApiRequest, Endpoint } from './endpoint.js';
import { generate, type Generation } from './generation.js';
import { COMPLETION_ID } from './ids.js';
import { readInput } from './inputs.js';
import { KeptAnswers } from './kept-answers.js';
import { KeptMembers } from './kept-members.js';
import { requestedModel } from './models.js';
import { padding } from './obfuscation.js';
import { OPENAI_OVERLOADED, openAiError } from './openai-error.js';
import { OPENAI_JSON_HEADERS, OPENAI_STREAM_HEADERS } from './openai-headers.js';
import { readChoices, readStops, readStreamOptions, sizedText, type StreamOptions } from './openai-options.js';
import { wantsStream } from './parameters.js';

const MAX_PROMPTS = 16;
const MAX_STOPS = 4;

/** What a completion request asks for. */
interface CompletionAsk extends StreamOptions {
  readonly model: string;
  readonly promptTokens: number;
  readonly generation: Generation;
  /** One a prompt and `n`. */
  readonly choices: number;
}

/** POST /v1/completions, the older API that completes a prompt; plain and streamed. */
export function completions(options: AnswerOptions): Endpoint {
  const { streamTokens, createdSeconds } = options;
  const kept = new KeptAnswers();
  const shaping = new KeptMembers(['stream_options', 'stop', 'n']);
  return {
    method: 'POST',
    path: '/v1/completions',
    takes: 'json',
    played: true,
    errors: openAiError,
    overloaded: OPENAI_OVERLOADED,
    answer(request): Answer {
      const { json, tokens } = request;
      const model = requestedModel(request);
      const prompt = readInput(json, 'prompt', MAX_PROMPTS);
      const stream = wantsStream(json);
      const sizes = [prompt.count, prompt.tokens, tokens, askedTokens(request)] as const;
      return kept.get([...sizes, stream, model, shaping.key(json)], () => {
        const ask: CompletionAsk = {
          model,
          promptTokens: prompt.tokens,
          generation: generation(request, streamTokens),
          choices: readChoices(json, prompt.count, tokens ?? askedTokens(request) ?? streamTokens),
          ...readStreamOptions(json),
        };
        return stream ? streamed(ask, options) : plain(ask, createdSeconds);
      });
    },
  };
}

function generation(request: ApiRequest, streamTokens: number): Generation {
  const { json, tokens } = request;
  const limit = askedTokens(request);
  return generate({
    content: sizedText(tokens, limit, json.isTrue('stream') ? Content.words(streamTokens) : SENTENCE),
    call: undefined,
    limit: tokens === undefined ? limit : undefined,
    reasoningTokens: 0,
    stops: readStops(json.value('stop'), 'stop', MAX_STOPS),
  });
}

function plain(ask: CompletionAsk, createdSeconds: number): Reply {
  const { content } = ask.generation;
  const finish = finishReason(ask.generation);
  const choices = Array.from({ length: ask.choices }, (_, index) => choice(index, content.text, finish));
  const payload = { ...base(ask, createdSeconds), choices, usage: chatUsage(ask) };
  return reply(200, OPENAI_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
}

function streamed(ask: CompletionAsk, { chunkTokens, createdSeconds }: AnswerOptions): StreamReply {
  const head = base(ask, createdSeconds);
  const usage = ask.includeUsage ? { usage: null } : {};
  const runs: Run[] = [];
  for (let index = 0; index < ask.choices; index++) {
    const run = (text: string, times: number, finish: string | null = null) => {
      const payload = { ...head, choices: [choice(index, text, finish)], ...usage, ...padding(ask, text) };
      runs.push({ frame: jsonFrame(payload), times });
    };
    for (const { text, times } of ask.generation.content.chunked(chunkTokens)) run(text, times);
    run('', 1, finishReason(ask.generation));
  }
  if (ask.includeUsage) {
    const payload = { ...head, choices: [], usage: chatUsage(ask), ...padding(ask, '') };
    runs.push({ frame: jsonFrame(payload), times: 1 });
  }
  runs.push({ frame: DONE_FRAME, times: 1 });
  return streamReply(OPENAI_STREAM_HEADERS, new Frames(runs));
}

function base({ model }: CompletionAsk, createdSeconds: number) {
  const [id, object] = [COMPLETION_ID, 'text_completion'];
  return { id, object, created: createdSeconds, model, system_fingerprint: 'fp_bench' };
}

function choice(index: number, text: string, finish: string | null) {
  return { text, index, logprobs: null, finish_reason: finish };
}
