import type { JsonObject } from '../wire/json.js';
import { Content, SENTENCE } from './content.js';
import type { ApiRequest } from './endpoint.js';
import { generate, type Generation, type Wanted } from './generation.js';
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
import { readOffer } from './openai-tools.js';
import { invalid, isMembers, membersOf, optionalInteger } from './parameters.js';
import { toolCall } from './tool-choice.js';
import { MAX_TOKENS, promptTokens } from './tokens.js';

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
];

const MAX_STOPS = 4;

/** What a chat request asks for. */
export interface ChatAsk extends StreamOptions {
  readonly model: string;
  readonly promptTokens: number;
  readonly generation: Generation;
  /** How many choices. */
  readonly choices: number;
  /** Of how many most likely tokens the entry of each token tells; undefined when there are to be no such entries. */
  readonly topLogprobs: number | undefined;
}

/** Tokens of what was sent. */
export function chatPromptTokens({ json }: ApiRequest): number {
  return promptTokens(json.span('messages') + json.span('tools'));
}

/**
 * The most tokens the request asks for; undefined when it leaves it to the model.
 * @throws {ApiFailure}
 */
export function askedTokens({ json }: ApiRequest): number | undefined {
  const limit = optionalInteger(json, 'max_completion_tokens', 1) ?? optionalInteger(json, 'max_tokens', 1);
  return limit === undefined ? undefined : Math.min(limit, MAX_TOKENS);
}

/** True when the conversation ends with a tool's result; only looked at when tools are offered. */
export function endsWithToolResult({ json }: ApiRequest): boolean {
  if (json.raw('messages')?.includes('"tool"') !== true) return false;
  const last = (json.value('messages') as unknown[]).at(-1);
  return isMembers(last) && last['role'] === 'tool';
}

/**
 * Reads a chat request whole.
 * @param answered it ends with a tool's result
 * @param streamTokens tokens of a stream that does not ask for a length
 * @throws {ApiFailure}
 */
export function readChat(request: ApiRequest, model: string, answered: boolean, streamTokens: number): ChatAsk {
  const { json } = request;
  return {
    model,
    promptTokens: chatPromptTokens(request),
    generation: generate(wanted(request, answered, streamTokens)),
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

function wanted(request: ApiRequest, answered: boolean, streamTokens: number): Wanted {
  const { json } = request;
  const limit = askedTokens(request);
  const reasoningTokens = reasoningOf(json.value('reasoning_effort'), 'reasoning_effort');
  const stops = readStops(json.value('stop'), 'stop', MAX_STOPS);
  const { tools, choice } = readOffer(json, 'nested');
  const call = toolCall(tools, choice, answered);
  const structured = call?.input ?? structuredText(json);
  // The marker's size stands above max_tokens, and is a wish for a text: JSON is as long as it must be.
  const content =
    structured ?? sizedText(request.tokens, limit, json.isTrue('stream') ? Content.words(streamTokens) : SENTENCE);
  return { content, call, limit: request.tokens === undefined ? limit : undefined, reasoningTokens, stops };
}

function structuredText(json: JsonObject): Content | undefined {
  const format = membersOf(json.value('response_format'));
  return json.has('response_format')
    ? formattedText(format['type'], membersOf(format['json_schema']), 'response_format')
    : undefined;
}
