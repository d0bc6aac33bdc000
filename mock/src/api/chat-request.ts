import type { JsonObject } from '../wire/json.js';
import { MAX_TOKENS } from '../config.js';
import { Content, SENTENCE } from './content.js';
import type { ApiRequest } from './endpoint.js';
import { generate, type Generation, type Wanted } from './generation.js';
import { readOffer } from './openai-tools.js';
import { invalid, isMembers, membersOf, missing, optionalInteger, type Members } from './parameters.js';
import { jsonText } from './schema-value.js';
import { toolCall } from './tool-choice.js';
import { promptTokens } from './tokens.js';

/** The members of a chat request that shape the answer with their whole value, and are not read unless it is new. */
export const SHAPING_MEMBERS: readonly string[] = [
  'tools',
  'tool_choice',
  'response_format',
  'stream_options',
  'stop',
  'n',
  'logprobs',
  'reasoning_effort',
];

const MAX_CHOICES = 16;
const MAX_STOPS = 4;

/** Tokens of reasoning, by the effort asked for. */
const REASONING_TOKENS: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 0,
  low: 32,
  medium: 64,
  high: 128,
  xhigh: 256,
  max: 512,
};

/** What a chat request asks for. */
export interface ChatAsk extends StreamOptions {
  readonly model: string;
  readonly promptTokens: number;
  readonly generation: Generation;
  /** How many choices. */
  readonly choices: number;
  readonly logprobs: boolean;
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
 * @param chunks content chunks of a stream that does not ask for a length
 * @throws {ApiFailure}
 */
export function readChat(request: ApiRequest, model: string, answered: boolean, chunks: number): ChatAsk {
  const { json } = request;
  return {
    model,
    promptTokens: chatPromptTokens(request),
    generation: generate(wanted(request, answered, chunks)),
    choices: optionalInteger(json, 'n', 1, MAX_CHOICES) ?? 1,
    logprobs: json.isTrue('logprobs'),
    ...readStreamOptions(json),
  };
}

/** What `stream_options` asks for. */
export interface StreamOptions {
  /** A stream reports its usage in a last chunk. */
  readonly includeUsage: boolean;
  /** A stream's chunks are padded, to hide how long their tokens are. */
  readonly obfuscate: boolean;
}

/**
 * Reads `stream_options`.
 * @throws {ApiFailure}
 */
export function readStreamOptions(json: JsonObject): StreamOptions {
  if (!json.has('stream_options')) return { includeUsage: false, obfuscate: false };
  if (!json.isTrue('stream')) throw invalid('stream_options', "it only together with 'stream': true");
  const options = json.value('stream_options');
  if (!isMembers(options)) throw invalid('stream_options', 'an object');
  return { includeUsage: options['include_usage'] === true, obfuscate: options['include_obfuscation'] === true };
}

function wanted(request: ApiRequest, answered: boolean, chunks: number): Wanted {
  const { json } = request;
  const limit = askedTokens(request);
  const reasoningTokens = reasoningOf(json.value('reasoning_effort'), 'reasoning_effort');
  const stops = readStops(json.value('stop'), 'stop', MAX_STOPS);
  const { tools, choice } = readOffer(json, 'nested');
  const call = toolCall(tools, choice, answered);
  const structured = call?.input ?? structuredText(json);
  // The marker's size stands above max_tokens, and is a wish for a text: JSON is as long as it must be.
  const content =
    structured ?? sizedText(request.tokens, limit, json.isTrue('stream') ? Content.words(chunks) : SENTENCE);
  return { content, call, limit: request.tokens === undefined ? limit : undefined, reasoningTokens, stops };
}

function structuredText(json: JsonObject): Content | undefined {
  const format = membersOf(json.value('response_format'));
  return json.has('response_format')
    ? formattedText(format['type'], membersOf(format['json_schema']), 'response_format')
    : undefined;
}

/**
 * What is said when the answer must be JSON; undefined when any text will do.
 * @param described has the `name` and the `schema` of a JSON schema format
 * @throws {ApiFailure}
 */
export function formattedText(type: unknown, described: Members, param: string): Content | undefined {
  if (type === 'text') return undefined;
  if (type === 'json_object') return jsonText({ type: 'object', properties: { answer: { type: 'string' } } });
  if (type !== 'json_schema') throw invalid(`${param}.type`, "'text', 'json_object' or 'json_schema'");
  if (typeof described['name'] !== 'string') throw missing(`${param}.name`);
  return jsonText(described['schema'] ?? {});
}

/**
 * A text of the size that is asked for.
 * @param exact tokens by the marker
 * @param limit tokens by the request, which the text uses up and would go beyond
 */
export function sizedText(exact: number | undefined, limit: number | undefined, otherwise: Content): Content {
  if (exact !== undefined) return Content.words(exact);
  return limit === undefined ? otherwise : Content.words(limit + 1);
}

/**
 * Tokens of reasoning for an effort.
 * @throws {ApiFailure}
 */
export function reasoningOf(effort: unknown, param: string): number {
  if (effort === undefined || effort === null) return 0;
  const known = typeof effort === 'string' && Object.hasOwn(REASONING_TOKENS, effort);
  const tokens = known ? REASONING_TOKENS[effort] : undefined;
  if (tokens === undefined) throw invalid(param, `one of ${Object.keys(REASONING_TOKENS).join(', ')}`);
  return tokens;
}

/**
 * The texts that end generation.
 * @throws {ApiFailure}
 */
export function readStops(stop: unknown, param: string, most: number): readonly string[] {
  if (stop === undefined || stop === null) return [];
  const stops: unknown[] = Array.isArray(stop) ? stop : [stop];
  if (stops.length <= most && stops.every((each) => typeof each === 'string')) return stops.filter(Boolean);
  throw invalid(param, `a string or an array of at most ${most} strings`);
}
