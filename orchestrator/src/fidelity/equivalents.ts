import type { WireFormat } from '../answers/frame.js';
import { DONE } from './folded-stream.js';
import { type Json, membersOf, valueAt, textOf } from './json-place.js';

/** What goes from one format into another, and which way. */
export interface Translation {
  readonly from: WireFormat;
  readonly to: WireFormat;
  readonly of: 'request' | 'answer';
}

/** Where a field's meaning stands in the other format; null: not there. */
type Finder = (value: Json, arrived: Json) => string | null;

/** What cannot be found by its value alone, because it is a word or a yes that others say too. */
const EQUIVALENTS: Readonly<Record<string, Readonly<Record<string, Finder>>>> = {
  'request messages chat': {
    'tool_choice.type': (_, arrived) => equal(arrived, 'tool_choice', 'required'),
    'tool_choice.disable_parallel_tool_use': (_, arrived) => equal(arrived, 'parallel_tool_calls', false),
    thinking: (_, arrived) => anyOf(arrived, 'reasoning_effort', 'reasoning', 'thinking'),
  },
  'request messages responses': {
    'tool_choice.type': (_, arrived) => equal(arrived, 'tool_choice', 'required'),
    'tool_choice.disable_parallel_tool_use': (_, arrived) => equal(arrived, 'parallel_tool_calls', false),
    thinking: (_, arrived) => anyOf(arrived, 'reasoning.effort', 'reasoning', 'thinking'),
  },
  'request responses chat': {
    'reasoning.effort': (value, arrived) => equal(arrived, 'reasoning_effort', value),
    'text.verbosity': (value, arrived) => equal(arrived, 'verbosity', value),
    tool_choice: (value, arrived) => equal(arrived, 'tool_choice', value),
  },
  'answer chat messages': {
    'choices[0].finish_reason': (value, arrived) => equal(arrived, 'stop_reason', STOP_REASONS[textOf(value)] ?? ''),
    // Messages count what came from the cache apart; chat counts it in.
    'usage.prompt_tokens': (value, arrived) => {
      const usage = membersOf(valueAt(arrived, 'usage'));
      const cached = Number(usage['cache_read_input_tokens'] ?? 0) + Number(usage['cache_creation_input_tokens'] ?? 0);
      return [0, cached].some((part) => Number(usage['input_tokens']) + part === value) ? 'usage.input_tokens' : null;
    },
    [DONE]: (_, arrived) => (valueAt(arrived, 'events.message_stop') === true ? 'message_stop' : null),
  },
  'answer responses messages': {
    status: (value, arrived) =>
      anyOfReasons(arrived, value === 'incomplete' ? ['max_tokens'] : ['end_turn', 'tool_use']),
    'incomplete_details.reason': (_, arrived) => equal(arrived, 'stop_reason', 'max_tokens'),
    'usage.input_tokens': (value, arrived) => {
      const usage = membersOf(valueAt(arrived, 'usage'));
      const cached = Number(usage['cache_read_input_tokens'] ?? 0);
      return [0, cached].some((part) => Number(usage['input_tokens']) + part === value) ? 'usage.input_tokens' : null;
    },
  },
  'answer chat responses': {
    'choices[0].finish_reason': (value, arrived) =>
      equal(arrived, 'status', value === 'length' || value === 'content_filter' ? 'incomplete' : 'completed'),
    [DONE]: (_, arrived) => anyOf(arrived, 'events.response/completed', 'events.response/incomplete'),
  },
};

const STOP_REASONS: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
};

/** What the format on the other side has no member for, so that nobody could carry it over. */
const WITHOUT_PLACE: Readonly<Record<string, readonly RegExp[]>> = {
  'request messages chat': [/^header anthropic-/, /^top_k$/, /cache_control/, /is_error$/],
  'request messages responses': [/^header anthropic-/, /^top_k$/, /cache_control/, /is_error$/, /^stop_sequences$/],
  'request responses chat': [
    /^include$/,
    /^truncation$/,
    /^max_tool_calls$/,
    /^reasoning\.summary$/,
    /include_obfuscation/,
  ],
  'answer chat messages': [
    /^created$/,
    /^system_fingerprint$/,
    /logprobs/,
    /total_tokens$/,
    /audio_tokens$/,
    /prediction_tokens$/,
    /^usage null until the end$/,
    /^header (openai|x-ratelimit)-/,
    /^error\.(param|code)$/,
  ],
  'answer responses messages': [
    /^created_at$/,
    /^(parallel_tool_calls|temperature|top_p|tool_choice|metadata|safety_identifier|prompt_cache_key)/,
    /logprobs/,
    /total_tokens$/,
    /^output\[\d+\]\.(id|status)$/,
    /^header (openai|x-ratelimit)-/,
    /^error\.(param|code)$/,
  ],
  'answer chat responses': [
    /^system_fingerprint$/,
    /audio_tokens$/,
    /prediction_tokens$/,
    /^usage null until the end$/,
  ],
};

/** Members that say only how a format is built: in another one they have no counterpart, and nothing is lost with them. */
const STRUCTURE = /(^|\.)(type|role|object|index)$|^events(\.|$)|^(text of the deltas|sequence_number on each)$/;

/** Whether a field only says how its format is built. */
export function isStructure(field: string): boolean {
  return STRUCTURE.test(field) && !/^(tool_choice|error)\./.test(field);
}

/** Where the other format says what a field says, by what the two formats mean; null where it does not, or where nothing is known of it. */
export function equivalentOf(translation: Translation, field: string, value: Json, arrived: Json): string | null {
  return EQUIVALENTS[keyOf(translation)]?.[field]?.(value, arrived) ?? null;
}

/** Whether the other format has nothing that a field could become. */
export function hasNoPlace(translation: Translation, field: string): boolean {
  return WITHOUT_PLACE[keyOf(translation)]?.some((form) => form.test(field)) ?? false;
}

function keyOf({ from, to, of }: Translation): string {
  return `${of} ${from} ${to}`;
}

function equal(arrived: Json, place: string, value: Json): string | null {
  return valueAt(arrived, place) === value ? place : null;
}

function anyOf(arrived: Json, ...places: readonly string[]): string | null {
  return places.find((place) => (valueAt(arrived, place) ?? null) !== null) ?? null;
}

function anyOfReasons(arrived: Json, reasons: readonly string[]): string | null {
  return reasons.includes(textOf(membersOf(arrived)['stop_reason'])) ? 'stop_reason' : null;
}
