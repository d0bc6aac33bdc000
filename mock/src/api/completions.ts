import type { JsonObject } from '../wire/json.js';
import { DONE_FRAME, Frames, jsonFrame, type Run } from '../wire/frames.js';
import { reply, streamReply, type Answer, type Reply, type StreamReply } from '../wire/reply.js';
import type { AnswerOptions } from './answer-options.js';
import { chatUsage } from './chat-completion.js';
import { askedTokens } from './chat-request.js';
import { completionLogprobs, MAX_COMPLETION_LOGPROBS, tokensOf } from './completion-logprobs.js';
import { Content, SENTENCE } from './content.js';
import type { ApiRequest, Endpoint } from './endpoint.js';
import { contentOf, generate, type Generation } from './generation.js';
import { COMPLETION_ID } from './ids.js';
import { readInput } from './inputs.js';
import { KeptAnswers } from './kept-answers.js';
import { KeptMembers } from './kept-members.js';
import { padding } from './obfuscation.js';
import { OPENAI_OVERLOADED, openAiError } from './openai-error.js';
import { OPENAI_JSON_HEADERS, OPENAI_STREAM_HEADERS } from './openai-headers.js';
import { readChoices, readStops, readStreamOptions, sizedText, type StreamOptions } from './openai-options.js';
import { COMPLETION_RULES } from './openai-rules.js';
import { invalid, optionalInteger, wantsStream } from './parameters.js';

const MAX_PROMPTS = 16;
const MAX_STOPS = 4;

/** What a completion request asks for. */
interface CompletionAsk extends StreamOptions {
  readonly model: string;
  readonly promptTokens: number;
  readonly generation: Generation;
  /** One a prompt and `n`. */
  readonly choices: number;
  /** What each choice repeats before what is generated; empty texts unless the request asks for it. */
  readonly echoes: readonly string[];
  /** Of how many most likely tokens the entry of each token tells; undefined when there are to be no such entries. */
  readonly topLogprobs: number | undefined;
}

/** POST /v1/completions, the older API that completes a prompt; plain and streamed. */
export function completions(options: AnswerOptions): Endpoint {
  const { streamTokens, createdSeconds, models } = options;
  const kept = new KeptAnswers();
  const shaping = new KeptMembers(['stream_options', 'stop', 'n', 'logprobs']);
  const echoed = new KeptMembers(['prompt']);
  return {
    method: 'POST',
    path: '/v1/completions',
    takes: 'json',
    played: true,
    errors: openAiError,
    overloaded: OPENAI_OVERLOADED,
    answer(request): Answer {
      const { json, tokens, wish, lenient } = request;
      const model = models.requested(request);
      if (!lenient) COMPLETION_RULES.check(json);
      const prompt = readInput(json, 'prompt', MAX_PROMPTS);
      const stream = wantsStream(json);
      const echo = json.isTrue('echo') ? echoed.key(json) : '';
      const sizes = [prompt.count, prompt.tokens, tokens, askedTokens(request)] as const;
      return kept.get([...sizes, stream, lenient, wish.key, model, shaping.key(json), echo], () => {
        const choices = readChoices(json, prompt.count, tokens ?? askedTokens(request) ?? streamTokens);
        const ask: CompletionAsk = {
          model,
          promptTokens: prompt.tokens,
          generation: generation(request, streamTokens),
          choices,
          echoes: echoes(json, choices, choices / prompt.count),
          topLogprobs: optionalInteger(json, 'logprobs', 0, MAX_COMPLETION_LOGPROBS),
          ...readStreamOptions(json),
        };
        return stream ? streamed(ask, options) : plain(ask, createdSeconds);
      });
    },
  };
}

/** @param each choices a prompt */
function echoes(json: JsonObject, choices: number, each: number): string[] {
  if (!json.isTrue('echo')) return Array.from({ length: choices }, () => '');
  const prompt = json.value('prompt');
  const prompts: unknown[] = Array.isArray(prompt) ? prompt : [prompt];
  return Array.from({ length: choices }, (_, index) => {
    const text = prompts[Math.floor(index / each)];
    if (typeof text !== 'string') throw invalid('echo', 'it only with prompts that are texts');
    return text;
  });
}

function generation(request: ApiRequest, streamTokens: number): Generation {
  const { json, tokens, wish } = request;
  const limit = askedTokens(request);
  const sized = sizedText(tokens, limit, json.isTrue('stream') ? Content.words(streamTokens) : SENTENCE);
  return generate({
    content: contentOf(wish, [], undefined, sized),
    calls: [],
    finish: wish.finish,
    limit: tokens === undefined ? limit : undefined,
    reasoningTokens: 0,
    stops: readStops(json.value('stop'), 'stop', MAX_STOPS),
  });
}

function plain(ask: CompletionAsk, createdSeconds: number): Reply {
  const { content, finish } = ask.generation;
  const choices = ask.echoes.map((echo, index) => {
    const tokens = [...tokensOf(Content.of(echo)), ...(ask.topLogprobs === undefined ? [] : tokensOf(content))];
    return choice(index, echo + content.text, logprobs(ask, tokens, 0), finish);
  });
  const payload = { ...base(ask, createdSeconds), choices, usage: chatUsage(ask) };
  return reply(200, OPENAI_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
}

function streamed(ask: CompletionAsk, { chunkTokens, createdSeconds }: AnswerOptions): StreamReply {
  const head = base(ask, createdSeconds);
  const usage = ask.includeUsage ? { usage: null } : {};
  const runs: Run[] = [];
  for (let index = 0; index < ask.choices; index++) {
    let said = 0;
    const run = (text: string, tokens: readonly string[], times: number, finish: string | null = null) => {
      const told = logprobs(ask, tokens, said);
      const payload = { ...head, choices: [choice(index, text, told, finish)], ...usage, ...padding(ask, text) };
      runs.push({ frame: jsonFrame(payload), times });
      said += text.length * times;
    };
    const echo = ask.echoes[index] as string;
    if (echo !== '') run(echo, tokensOf(Content.of(echo)), 1);
    for (const { text, tokens, times } of ask.generation.content.chunked(chunkTokens)) {
      // With entries that say where a token stands no two chunks are alike.
      if (ask.topLogprobs === undefined) run(text, tokens, times);
      else for (let i = 0; i < times; i++) run(text, tokens, 1);
    }
    run('', [], 1, ask.generation.finish);
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

function choice(index: number, text: string, told: ReturnType<typeof logprobs>, finish: string | null) {
  return { text, index, logprobs: told, finish_reason: finish };
}

function logprobs({ topLogprobs }: CompletionAsk, tokens: readonly string[], from: number) {
  return topLogprobs === undefined || tokens.length === 0 ? null : completionLogprobs(tokens, from, topLogprobs);
}
