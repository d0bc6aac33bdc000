import type { JsonObject } from '../wire/json.js';
import { Content, SENTENCE } from './content.js';
import { ApiFailure, type ApiRequest } from './endpoint.js';
import { contentOf, generate, type Generation } from './generation.js';
import { knownModel } from './models.js';
import { readStops } from './openai-options.js';
import { isMembers, membersOf, type Members } from './parameters.js';
import { jsonText } from './schema-value.js';
import { MAX_TOKENS, promptTokens } from './tokens.js';
import { toolCalls, type Offer, type Tool, type ToolChoice } from './tool-choice.js';
import { FIRST_TURN, turnOf, type Turn } from './turn.js';

/** The members of a request that shape the message with their whole value. */
export const SHAPING_MEMBERS: readonly string[] = [
  'tools',
  'tool_choice',
  'stop_sequences',
  'thinking',
  'output_config',
];

const MAX_STOPS = 8191;
const THOUGHT = Content.of('The benchmark asks for an answer.');

/** What a request to the Messages API asks for. */
export interface MessageAsk {
  readonly model: string;
  readonly inputTokens: number;
  readonly generation: Generation;
  /** What is thought before the answer; undefined when thinking is off. */
  readonly thought: Content | undefined;
}

/**
 * The request's model.
 * @throws {ApiFailure} 400 when it names none, 404 when the mock does not have it
 */
export function messageModel({ json }: ApiRequest): string {
  const model = json.string('model');
  if (model === undefined || model === '') throw invalid('model', 'Field required');
  if (!knownModel(model)) throw new ApiFailure({ status: 404, message: `model: ${model}` });
  return model;
}

/**
 * Checks that there is a conversation.
 * @throws {ApiFailure}
 */
export function requireMessages({ json }: ApiRequest): void {
  const kind = json.kind('messages');
  if (kind === 'absent') throw invalid('messages', 'Field required');
  if (kind !== 'array') throw invalid('messages', 'Input should be a valid list');
  if (json.isEmptyArray('messages')) throw invalid('messages', 'at least one message is required');
}

/** Tokens of what was sent. */
export function messagePromptTokens({ json }: ApiRequest): number {
  return promptTokens(json.span('messages') + json.span('system') + json.span('tools'));
}

/**
 * The most tokens the message may have, which every request must say.
 * @throws {ApiFailure}
 */
export function maxTokens({ json }: ApiRequest): number {
  if (!json.has('max_tokens')) throw invalid('max_tokens', 'Field required');
  const tokens = json.number('max_tokens');
  if (tokens === undefined || !Number.isInteger(tokens)) throw invalid('max_tokens', 'Input should be a valid integer');
  if (tokens < 1) throw invalid('max_tokens', 'Input should be greater than or equal to 1');
  return Math.min(tokens, MAX_TOKENS);
}

/** How the conversation stands; only looked at when tools are offered, and only parsed when there can be calls in it. */
export function messageTurn({ json }: ApiRequest): Turn {
  if (!json.has('tools')) return FIRST_TURN;
  const raw = json.raw('messages');
  if (raw?.includes('"tool_result"') !== true && raw?.includes('"tool_use"') !== true) return FIRST_TURN;
  const blocks = (json.value('messages') as unknown[]).map((message) => blocksOf(membersOf(message)['content']));
  const called = blocks.flat().filter(({ type }) => type === 'tool_use');
  const answered = blocks.at(-1)?.some(({ type }) => type === 'tool_result') === true;
  return turnOf(
    answered,
    called.map(({ name }) => name),
  );
}

function blocksOf(content: unknown): Members[] {
  return Array.isArray(content) ? content.map(membersOf) : [];
}

/**
 * Reads a request whole. As every request says `max_tokens`, it is a limit here and not the size of the answer.
 * @param turn how the conversation stands
 * @param streamTokens tokens of a stream whose size the marker does not set
 * @throws {ApiFailure}
 */
export function readMessageAsk(request: ApiRequest, model: string, turn: Turn, streamTokens: number): MessageAsk {
  const { json, tokens, wish } = request;
  const calls = toolCalls(readOffer(json), turn, wish);
  const thought = isThinking(json) ? THOUGHT : undefined;
  const otherwise = json.isTrue('stream') ? Content.words(streamTokens) : SENTENCE;
  const generation = generate({
    content: contentOf(wish, calls, structuredText(json), tokens === undefined ? otherwise : Content.words(tokens)),
    calls,
    finish: wish.finish,
    limit: tokens === undefined ? maxTokens(request) : undefined,
    reasoningTokens: thought?.tokens ?? 0,
    stops: readStops(json.value('stop_sequences'), 'stop_sequences', MAX_STOPS),
  });
  return {
    model,
    inputTokens: messagePromptTokens(request),
    generation,
    thought: thought?.first(generation.reasoningTokens),
  };
}

function isThinking(json: JsonObject): boolean {
  const { type } = membersOf(json.value('thinking'));
  return type === 'enabled' || type === 'adaptive';
}

function structuredText(json: JsonObject): Content | undefined {
  const { type, schema } = membersOf(membersOf(json.value('output_config'))['format']);
  return type === 'json_schema' ? jsonText(schema ?? {}) : undefined;
}

function readOffer(json: JsonObject): Offer {
  const { disable_parallel_tool_use: single } = membersOf(json.value('tool_choice'));
  return { tools: readTools(json.value('tools')), choice: readChoice(json), parallel: single !== true };
}

/** The tools that the client runs; those that Anthropic runs itself are never called here. */
function readTools(tools: unknown): Tool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw invalid('tools', 'Input should be a valid list');
  return tools.flatMap((entry: unknown, index) => {
    const { type = 'custom', name, input_schema: schema } = membersOf(entry);
    if (type !== 'custom') return [];
    if (typeof name !== 'string' || name === '') throw invalid(`tools.${index}.custom.name`, 'Field required');
    if (!isMembers(schema)) throw invalid(`tools.${index}.custom.input_schema`, 'Field required');
    return [{ name, schema, custom: false }];
  });
}

function readChoice(json: JsonObject): ToolChoice {
  if (!json.has('tool_choice')) return 'auto';
  const { type, name } = membersOf(json.value('tool_choice'));
  if (type === 'auto' || type === 'none') return type;
  if (type === 'any') return 'required';
  if (type !== 'tool') throw invalid('tool_choice.type', "Input should be 'auto', 'any', 'tool' or 'none'");
  const offered = json.value('tools');
  if (typeof name === 'string' && Array.isArray(offered) && offered.some((each) => membersOf(each)['name'] === name)) {
    return { name };
  }
  throw invalid('tool_choice', `Tool '${String(name)}' not found in provided tools`);
}

function invalid(param: string, message: string): ApiFailure {
  return new ApiFailure({ status: 400, message: `${param}: ${message}`, param });
}
