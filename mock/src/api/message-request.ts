import type { JsonObject } from '../wire/json.js';
import { Content, SENTENCE } from './content.js';
import { ApiFailure, type ApiRequest } from './endpoint.js';
import { contentOf, generate, type Generation } from './generation.js';
import { anthropicImageTokens } from './image-tokens.js';
import type { Models } from './models.js';
import { readStops } from './openai-options.js';
import { isMembers, membersOf, type Members } from './parameters.js';
import { jsonText } from './json-text.js';
import { conversationTokens, MAX_TOKENS, plainTokens } from './tokens.js';
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
  /** False when only what vouches for the thought is to be told. */
  readonly thoughtShown: boolean;
}

/**
 * The request's model.
 * @throws {ApiFailure} 400 when it names none, 404 when the mock does not have it
 */
export function messageModel({ json }: ApiRequest, models: Models): string {
  const model = json.string('model');
  if (model === undefined || model === '') throw invalid('model', 'Field required');
  if (!models.has(model)) throw models.unknownToAnthropic(model);
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
  const spoken = conversationTokens(json.raw('messages'), anthropicImageTokens);
  return spoken + plainTokens(json.raw('system')) + plainTokens(json.raw('tools'));
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
  const { json, tokens, wish, lenient } = request;
  const calls = toolCalls(readOffer(json, lenient), turn, wish);
  const thinking = membersOf(json.value('thinking'));
  if (!lenient) checkThinking(thinking, maxTokens(request));
  const thought = isThinking(thinking) ? THOUGHT : undefined;
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
    thoughtShown: thinking['display'] !== 'omitted',
  };
}

const THINKING = ['enabled', 'adaptive', 'disabled', 'between_tools'];
const LEAST_BUDGET = 1024;

function isThinking({ type }: Members): boolean {
  return type === 'enabled' || type === 'adaptive';
}

function checkThinking({ type, budget_tokens: budget, display }: Members, most: number): void {
  if (type === undefined) return;
  if (!THINKING.includes(type as string))
    throw invalid('thinking.type', `Input should be one of ${THINKING.join(', ')}`);
  if (display !== undefined && display !== null && display !== 'summarized' && display !== 'omitted') {
    throw invalid('thinking.display', "Input should be 'summarized' or 'omitted'");
  }
  if (type !== 'enabled') return;
  if (!Number.isInteger(budget)) throw invalid('thinking.enabled.budget_tokens', 'Input should be a valid integer');
  if ((budget as number) < LEAST_BUDGET) {
    throw invalid('thinking.enabled.budget_tokens', `Input should be greater than or equal to ${LEAST_BUDGET}`);
  }
  if ((budget as number) >= most) {
    const message = '`max_tokens` must be greater than `thinking.budget_tokens`.';
    throw new ApiFailure({ status: 400, message, param: 'thinking' });
  }
}

function structuredText(json: JsonObject): Content | undefined {
  const { type, schema } = membersOf(membersOf(json.value('output_config'))['format']);
  return type === 'json_schema' ? jsonText(schema ?? {}) : undefined;
}

function readOffer(json: JsonObject, lenient: boolean): Offer {
  const { disable_parallel_tool_use: single } = membersOf(json.value('tool_choice'));
  const tools = readTools(json.value('tools'), lenient);
  const choice = readChoice(json);
  if (!lenient && choice === 'required' && tools.length === 0) {
    throw invalid('tool_choice', 'tool_choice may only be specified while providing tools');
  }
  return { tools, choice, parallel: single !== true };
}

/** What a client tool of this kind is given: Anthropic describes the arguments of these and the client runs them. */
const CLIENT_TOOLS: Readonly<Record<string, object>> = {
  bash_: given({ command: 'echo bench' }),
  text_editor_: given({ command: 'view', path: '/bench.txt' }),
  memory_: given({ command: 'view', path: '/memories' }),
  computer_: given({ action: 'screenshot' }),
};

/** A schema that allows these arguments only. */
function given(members: Readonly<Record<string, string>>): object {
  return { type: 'object', const: members };
}

/** The tools that the client runs; those that Anthropic runs itself are not played. */
function readTools(tools: unknown, lenient: boolean): Tool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw invalid('tools', 'Input should be a valid list');
  return tools.flatMap((entry: unknown, index) => {
    const { type = 'custom', name, input_schema: schema } = membersOf(entry);
    if (type !== 'custom') {
      const own = Object.keys(CLIENT_TOOLS).find((kind) => String(type).startsWith(kind));
      if (own !== undefined && typeof name === 'string') return [{ name, schema: CLIENT_TOOLS[own], custom: false }];
      if (lenient) return [];
      throw invalid(`tools.${index}.type`, `a tool of type ${JSON.stringify(type)} is not played by this mock`);
    }
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
