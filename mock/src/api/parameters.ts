import type { JsonObject } from '../wire/json.js';
import { ApiFailure } from './endpoint.js';

const SPACE = 0x20;
const CLOSE_BRACKET = 0x5d;

/** A 400 for a parameter whose value cannot be used. */
export function invalid(param: string, expected: string): ApiFailure {
  return new ApiFailure({
    status: 400,
    message: `Invalid '${param}': expected ${expected}.`,
    param,
    code: 'invalid_value',
  });
}

/** A 400 for a parameter that must be there. */
export function missing(param: string): ApiFailure {
  const message = `Missing required parameter: '${param}'.`;
  return new ApiFailure({ status: 400, message, param, code: 'missing_required_parameter' });
}

/**
 * A whole number; undefined when it is left out or null.
 * @throws {ApiFailure} when it is something else or out of bounds
 */
export function optionalInteger(json: JsonObject, name: string, low: number, high = Infinity): number | undefined {
  if (!json.has(name)) return undefined;
  const value = json.number(name);
  if (value !== undefined && Number.isInteger(value) && value >= low && value <= high) return value;
  throw invalid(name, high === Infinity ? `an integer of ${low} or more` : `an integer from ${low} to ${high}`);
}

/**
 * Whether the answer is to be streamed.
 * @throws {ApiFailure} when `stream` is no boolean
 */
export function wantsStream(json: JsonObject): boolean {
  if (json.isTrue('stream')) return true;
  if (!json.has('stream') || json.kind('stream') === 'boolean') return false;
  throw invalid('stream', 'a boolean');
}

/**
 * An array of at least one.
 * @throws {ApiFailure} when it is missing or something else
 */
export function requireFilledArray(json: JsonObject, name: string, element: string): void {
  const kind = json.kind(name);
  if (kind === 'absent') throw missing(name);
  if (kind === 'array' && !isEmptyArray(json, name)) return;
  throw invalid(name, `an array with at least one ${element}`);
}

/** True for an array without elements; looked at in place, because the hot path comes by here. */
export function isEmptyArray(json: JsonObject, name: string): boolean {
  const bytes = json.raw(name);
  if (bytes === undefined) return false;
  let at = 1;
  while ((bytes[at] as number) <= SPACE) at++;
  return bytes[at] === CLOSE_BRACKET;
}

/** A JSON object whose members can be looked at. */
export type Members = Readonly<Record<string, unknown>>;

/** True for a JSON object. */
export function isMembers(candidate: unknown): candidate is Members {
  return typeof candidate === 'object' && candidate !== null && !Array.isArray(candidate);
}

/** The member as an object; an empty one when it is left out, null or something else. */
export function membersOf(candidate: unknown): Members {
  return isMembers(candidate) ? candidate : {};
}
