import { MAX_TOKENS } from './tokens.js';
import type { JsonObject } from '../wire/json.js';
import { Content } from './content.js';
import { invalid, isMembers, missing, optionalInteger, type Members } from './parameters.js';
import { jsonText } from './json-text.js';

const MAX_CHOICES = 16;

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

/**
 * How many choices.
 * @param prompts each is answered `n` times
 * @param tokens of each choice
 * @throws {ApiFailure} when they are too many, or too long together
 */
export function readChoices(json: JsonObject, prompts: number, tokens: number): number {
  const n = optionalInteger(json, 'n', 1, MAX_CHOICES) ?? 1;
  if (n === 1 || n * prompts * tokens <= MAX_TOKENS) return n * prompts;
  throw invalid('n', `choices of at most ${MAX_TOKENS} tokens together`);
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
