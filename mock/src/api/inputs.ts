import type { JsonObject } from '../wire/json.js';
import { invalid, missing } from './parameters.js';
import { plainTokens } from './tokens.js';

/** What is to be embedded or completed. */
export interface Inputs {
  readonly count: number;
  /** Tokens of all inputs together. */
  readonly tokens: number;
}

/**
 * Reads a member that is a string, an array of strings, an array of tokens or an array of token arrays. A string is one
 * input, and so is an array of tokens; of the others each element is one.
 * @throws {ApiFailure}
 */
export function readInput(json: JsonObject, name: string, most: number): Inputs {
  const kind = json.kind(name);
  if (kind === 'absent') throw missing(name);
  if (kind === 'string' && json.span(name) > '""'.length)
    return { count: 1, tokens: Math.max(1, plainTokens(json.raw(name))) };
  const input = kind === 'array' ? (json.value(name) as unknown[]) : [];
  if (input.length > 0 && input.every(isToken)) return { count: 1, tokens: input.length };
  if (input.length > 0 && input.length <= most) {
    if (input.every((item) => typeof item === 'string' && item !== '')) {
      return { count: input.length, tokens: listedTokens(json.raw(name), input.length) };
    }
    if (input.every(isTokenArray)) return { count: input.length, tokens: input.flat().length };
  }
  throw invalid(name, `a string, an array of tokens, or an array of 1 to ${most} of either, none empty`);
}

/** Of texts in an array: what stands between two of them is one, and so are both its ends. */
function listedTokens(raw: Buffer | undefined, count: number): number {
  return Math.max(count, plainTokens(raw) - (count + 1));
}

function isToken(item: unknown): item is number {
  return Number.isInteger(item) && (item as number) >= 0;
}

function isTokenArray(item: unknown): item is number[] {
  return Array.isArray(item) && item.length > 0 && item.every(isToken);
}
