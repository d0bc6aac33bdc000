import type { JsonObject } from '../wire/json.js';
import { Content, SENTENCE } from './content.js';
import type { ApiRequest } from './endpoint.js';
import type { FinishReason } from './answer-wish.js';
import { contentOf, generate, type Generation, type Wanted } from './generation.js';
import { openAiImageTokens } from './image-tokens.js';
import { MAX_TOP_LOGPROBS } from './logprobs.js';
import {
  formattedText,
  readChoices,
  readStops,
  readStreamOptions,
  reasoningOf,
  sizedText,
  type StreamOptions,
} from './openai-options.js';
import { readFunctions, readOffer } from './openai-tools.js';
import { invalid, membersOf, optionalInteger } from './parameters.js';
import { toolCalls, type Offer } from './tool-choice.js';
import { FIRST_TURN, turnOf, type Turn } from './turn.js';
import { conversationTokens, MAX_TOKENS, plainTokens } from './tokens.js';

/** The members of a chat request that shape the answer with their whole value, and are not read unless it is new. */
export const SHAPING_MEMBERS: readonly string[] = [
  'tools',
  'tool_choice',
  'response_format',
  'stream_options',
  'stop',
  'n',
  'logprobs',
  'top_logprobs',
  'reasoning_effort',
  'parallel_tool_calls',
  'functions',
  'function_call',
];

const MAX_STOPS = 4;

/** What a chat request asks for. */
export interface ChatAsk extends StreamOptions {
  readonly model: string;
  readonly promptTokens: number;
  readonly generation: Generation;
  /** Why it ended. */
  readonly finishReason: FinishReason | 'function_call';
  /** A call is told in the member `function_call`, as requests with `functions` want it. */
  readonly legacyCall: boolean;
  /** How many choices. */
  readonly choices: number;
  /** Of how many most likely tokens the entry of each token tells; undefined when there are to be no such entries. */
  readonly topLogprobs: number | undefined;
}

/** Tokens of what was sent. */
export function chatPromptTokens({ json }: ApiRequest): number {
  return conversationTokens(json.raw('messages'), openAiImageTokens) + plainTokens(json.raw('tools'));
}

/**
 * The most tokens the request asks for; undefined when it leaves it to the model.
 * @throws {ApiFailure}
 */
export function askedTokens({ json }: ApiRequest): number | undefined {
  const limit = optionalInteger(json, 'max_completion_tokens', 1) ?? optionalInteger(json, 'max_tokens', 1);
  return limit === undefined ? undefined : Math.min(limit, MAX_TOKENS);
}

/** How the conversation stands; only looked at when tools are offered, and only parsed when there can be calls in it. */
export function chatTurn({ json }: ApiRequest): Turn {
  if (!json.has('tools') && !json.has('functions')) return FIRST_TURN;
  const raw = json.raw('messages');
  if (raw?.includes('"tool"') !== true && raw?.includes('_call') !== true) return FIRST_TURN;
  const messages = (json.value('messages') as unknown[]).map(membersOf);
  const called = messages.flatMap(({ tool_calls: calls, function_call: legacy }) => [
    membersOf(legacy)['name'],
    ...(Array.isArray(calls) ? calls.map(membersOf) : []).map(
      (call) => membersOf(call['function'])['name'] ?? membersOf(call['custom'])['name'],
    ),
  ]);
  const role = messages.at(-1)?.['role'];
  return turnOf(role === 'tool' || role === 'function', called);
}

/**
 * Reads a chat request whole.
 * @param turn how the conversation stands
 * @param streamTokens tokens of a stream that does not ask for a length
 * @throws {ApiFailure}
 */
export function readChat(request: ApiRequest, model: string, turn: Turn, streamTokens: number): ChatAsk {
  const { json, lenient } = request;
  const legacyCall = json.has('functions') && !json.has('tools');
  const offer = legacyCall ? readFunctions(json) : readOffer(json, 'nested', lenient);
  const generation = generate(wanted(request, offer, turn, streamTokens));
  return {
    model,
    promptTokens: chatPromptTokens(request),
    generation,
    finishReason: request.wish.finish ?? finishReason(generation, offer, legacyCall),
    legacyCall,
    choices: readChoices(json, 1, request.tokens ?? askedTokens(request) ?? streamTokens),
    topLogprobs: topLogprobs(json),
    ...readStreamOptions(json),
  };
}

function topLogprobs(json: JsonObject): number | undefined {
  const top = optionalInteger(json, 'top_logprobs', 0, MAX_TOP_LOGPROBS);
  if (json.isTrue('logprobs')) return top ?? 0;
  if (top !== undefined) throw invalid('top_logprobs', "'logprobs' to be true beside it");
  return undefined;
}

/** A call of the function that the request names is no reason of its own: what was asked for is done. */
function finishReason({ finish }: Generation, { choice }: Offer, legacyCall: boolean): ChatAsk['finishReason'] {
  if (finish !== 'tool_calls') return finish;
  if (typeof choice === 'object') return 'stop';
  return legacyCall ? 'function_call' : finish;
}

function wanted(request: ApiRequest, offer: Offer, turn: Turn, streamTokens: number): Wanted {
  const { json, wish } = request;
  const limit = askedTokens(request);
  const reasoningTokens = reasoningOf(json.value('reasoning_effort'), 'reasoning_effort');
  const stops = readStops(json.value('stop'), 'stop', MAX_STOPS);
  const calls = toolCalls(offer, turn, wish);
  // The marker's size stands above max_tokens, and is a wish for a text: JSON is as long as it must be.
  const sized = sizedText(request.tokens, limit, json.isTrue('stream') ? Content.words(streamTokens) : SENTENCE);
  const content = contentOf(wish, calls, structuredText(json), sized);
  const most = request.tokens === undefined ? limit : undefined;
  return { content, calls, limit: most, reasoningTokens, stops, finish: wish.finish };
}

function structuredText(json: JsonObject): Content | undefined {
  const format = membersOf(json.value('response_format'));
  return json.has('response_format')
    ? formattedText(format['type'], membersOf(format['json_schema']), 'response_format')
    : undefined;
}
