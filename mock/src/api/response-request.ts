import type { JsonObject } from '../wire/json.js';
import { Content, SENTENCE } from './content.js';
import type { ApiRequest } from './endpoint.js';
import { contentOf, generate, type Generation } from './generation.js';
import { formattedText, readStreamOptions, reasoningOf, sizedText } from './openai-options.js';
import { readOffer } from './openai-tools.js';
import { membersOf, optionalInteger, type Members } from './parameters.js';
import { openAiImageTokens } from './image-tokens.js';
import { conversationTokens, MAX_TOKENS, plainTokens } from './tokens.js';
import { toolCalls } from './tool-choice.js';
import { FIRST_TURN, turnOf, type Turn } from './turn.js';

/** The members that a response repeats, and what it says when the request leaves them out. */
const REPEATED: Members = {
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  store: true,
  temperature: 1,
  text: { format: { type: 'text' }, verbosity: 'medium' },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
};

/** The members of a request that shape the response with their whole value. */
export const SHAPING_MEMBERS: readonly string[] = [...Object.keys(REPEATED), 'stream_options', 'include'];

/** What a request to the Responses API asks for. */
export interface ResponseAsk {
  readonly model: string;
  readonly inputTokens: number;
  readonly generation: Generation;
  /** What is told of the reasoning; undefined when nothing is to be told. */
  readonly summary: Content | undefined;
  /** The reasoning is told in a form that only the provider can read, to be sent back. */
  readonly encryptedReasoning: boolean;
  /** A stream's deltas are padded, to hide how long their tokens are. */
  readonly obfuscate: boolean;
  /** The members that the response repeats. */
  readonly repeated: Members;
}

/** What a provider makes of a lone text beside its tokens: a conversation of one message. */
const LONE_INPUT_TOKENS = 7;

/** Tokens of what was sent. */
export function responsePromptTokens({ json }: ApiRequest): number {
  const input = json.raw('input');
  const spoken =
    json.kind('input') === 'string'
      ? LONE_INPUT_TOKENS + plainTokens(input)
      : conversationTokens(input, openAiImageTokens);
  return spoken + plainTokens(json.raw('instructions')) + plainTokens(json.raw('tools'));
}

/**
 * The most tokens the request asks for; undefined when it leaves it to the model.
 * @throws {ApiFailure}
 */
export function askedOutputTokens({ json }: ApiRequest): number | undefined {
  const limit = optionalInteger(json, 'max_output_tokens', 1);
  return limit === undefined ? undefined : Math.min(limit, MAX_TOKENS);
}

/** How the conversation stands; only looked at when tools are offered, and only parsed when there can be calls in it. */
export function responseTurn({ json }: ApiRequest): Turn {
  if (!json.has('tools') || json.kind('input') !== 'array' || json.raw('input')?.includes('_call') !== true) {
    return FIRST_TURN;
  }
  const items = (json.value('input') as unknown[]).map(membersOf);
  const called = items.filter(({ type }) => type === 'function_call' || type === 'custom_tool_call');
  const last = items.at(-1)?.['type'];
  return turnOf(
    last === 'function_call_output' || last === 'custom_tool_call_output',
    called.map(({ name }) => name),
  );
}

/**
 * Reads a request whole.
 * @param turn how the conversation stands
 * @param streamTokens tokens of a stream that does not ask for a length
 * @throws {ApiFailure}
 */
export function readResponseAsk(request: ApiRequest, model: string, turn: Turn, streamTokens: number): ResponseAsk {
  const { json, tokens, wish, lenient } = request;
  const limit = askedOutputTokens(request);
  const reasoning = membersOf(json.value('reasoning'));
  const calls = toolCalls(readOffer(json, 'flat', lenient), turn, wish);
  const otherwise = json.isTrue('stream') ? Content.words(streamTokens) : SENTENCE;
  return {
    model,
    inputTokens: responsePromptTokens(request),
    generation: generate({
      content: contentOf(wish, calls, structuredText(json), sizedText(tokens, limit, otherwise)),
      calls,
      finish: wish.finish,
      limit: tokens === undefined ? limit : undefined,
      reasoningTokens: reasoningOf(reasoning['effort'], 'reasoning.effort'),
      stops: [],
    }),
    summary: typeof reasoning['summary'] === 'string' ? Content.of('Thought about the benchmark.') : undefined,
    encryptedReasoning: includes(json.value('include'), 'reasoning.encrypted_content'),
    obfuscate: readStreamOptions(json).obfuscate,
    repeated: repeatedMembers(json),
  };
}

function includes(list: unknown, what: string): boolean {
  return Array.isArray(list) && list.includes(what);
}

function structuredText(json: JsonObject): Content | undefined {
  const { format } = membersOf(json.value('text'));
  if (format === undefined || format === null) return undefined;
  const described = membersOf(format);
  return formattedText(described['type'], described, 'text.format');
}

function repeatedMembers(json: JsonObject): Members {
  const entries = Object.entries(REPEATED).map(([name, otherwise]) => [name, json.value(name) ?? otherwise]);
  return Object.fromEntries(entries) as Members;
}
