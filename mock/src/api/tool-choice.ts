import type { AnswerWish } from './answer-wish.js';
import { Content } from './content.js';
import { ApiFailure } from './endpoint.js';
import { schemaValue } from '../schema/schema-value.js';
import type { Turn } from './turn.js';

/** A tool that a request offers. */
export interface Tool {
  readonly name: string;
  /** JSON Schema of its arguments. */
  readonly schema: unknown;
  /** A custom tool takes a text instead of JSON arguments. */
  readonly custom: boolean;
}

/** Whether a tool is to be called: as the model likes, by all means, not at all, or this one. */
export type ToolChoice = 'auto' | 'required' | 'none' | { readonly name: string };

/** The tools that may be called, and whether one is to be. */
export interface Offer {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice;
  /** False caps an answer at one call. */
  readonly parallel: boolean;
}

/** A call of a tool. */
export interface ToolCall {
  readonly name: string;
  readonly custom: boolean;
  /** The arguments as JSON text; the text that a custom tool takes. */
  readonly input: Content;
}

/**
 * The calls that answer a request: one when any, unless another number is wished for. Of the tool that is named; else of the first one that has not been
 * called in this conversation, and when all have been, of the last: an agent that must call a tool each time gets through all of them.
 * @throws {ApiFailure} when a tool is wished for that is not offered
 */
export function toolCalls({ tools, choice, parallel }: Offer, turn: Turn, wish: AnswerWish): ToolCall[] {
  if (tools.length === 0 || wish.as === 'text' || wish.calls === 0) return [];
  if (wish.as !== 'call') {
    if (choice === 'none' || wish.as === 'json') return [];
    if (choice === 'auto' && (turn.answered || wish.say !== undefined)) return [];
  }
  const named = wish.tool ?? (typeof choice === 'object' ? choice.name : undefined);
  const candidates = named === undefined ? inTheirTurn(tools, turn) : tools.filter(({ name }) => name === named);
  if (candidates.length === 0) throw notOffered(String(named), tools);
  const count = parallel ? (wish.calls ?? 1) : 1;
  return Array.from({ length: count }, (_, i) => callOf(candidates[i % candidates.length] as Tool));
}

/** Those that have not been called yet, else all, the last one first. */
function inTheirTurn(tools: readonly Tool[], { called }: Turn): readonly Tool[] {
  const left = tools.filter(({ name }) => !called.includes(name));
  return left.length > 0 ? left : tools.toReversed();
}

function callOf({ name, custom, schema }: Tool): ToolCall {
  return { name, custom, input: Content.of(custom ? 'bench input' : JSON.stringify(argumentsOf(schema))) };
}

/** Arguments are an object whatever the schema says, because every client reads them as one. */
function argumentsOf(schema: unknown): object {
  const value = schemaValue(schema ?? { type: 'object' });
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function notOffered(name: string, tools: readonly Tool[]): ApiFailure {
  const offered = tools.map((tool) => tool.name).join(', ');
  const message = `bench: tool ${JSON.stringify(name)} is not one of those that the request offers (${offered})`;
  return new ApiFailure({ status: 400, message, param: 'tools', code: 'bench_marker' });
}
