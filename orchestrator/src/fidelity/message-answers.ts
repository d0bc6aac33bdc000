import { type AnswerScript, type ProviderAnswer, STATUS } from './case.js';
import type { Json, JsonMembers } from './json-place.js';

const HEAD = { id: 'msg_fidelityAnswer1', type: 'message', role: 'assistant', model: 'bench-chat' };
const USAGE = { input_tokens: 1723, output_tokens: 419 };
const OPTIONAL: Readonly<Record<string, Json>> = {
  'header request-id': 'req_fidelityAnswer1',
  'header anthropic-ratelimit-tokens-remaining': '149984',
  'usage.cache_creation_input_tokens': 523,
  'usage.cache_read_input_tokens': 1031,
  'usage.cache_creation': { ephemeral_5m_input_tokens: 211, ephemeral_1h_input_tokens: 312 },
  'usage.output_tokens_details.thinking_tokens': 223,
  'usage.service_tier': 'priority',
};
const TEXT: JsonMembers = { type: 'text', text: 'Nothing is said of the river bank.' };
const CITED: Json = {
  type: 'char_location',
  cited_text: 'not one word of it',
  document_index: 13,
  document_title: 'A cited page',
  start_char_index: 171,
  end_char_index: 189,
};

/** What Anthropic's Messages say, each count and text another one. */
export const MESSAGE_TEXT: AnswerScript = {
  format: 'messages',
  base: message([TEXT], 'end_turn'),
  optional: { ...OPTIONAL, 'content[0].citations': [CITED] },
  variants: [
    {
      name: 'thinking',
      answer: message(
        [{ type: 'thinking', thinking: 'The question is about a river.', signature: 'c2lnbmVkLWZpZGVsaXR5' }, TEXT],
        'end_turn',
      ),
      places: ['content[0].thinking', 'content[0].signature'],
    },
    { name: 'max_tokens', answer: message([TEXT], 'max_tokens'), places: ['stop_reason'] },
    {
      name: 'stop_sequence',
      answer: message([TEXT], 'stop_sequence', '<<stop-one>>'),
      places: ['stop_reason', 'stop_sequence'],
    },
    { name: 'refusal', answer: message([TEXT], 'refusal'), places: ['stop_reason'] },
    {
      name: 'error 529',
      answer: {
        status: 529,
        headers: { 'retry-after': '17', 'x-should-retry': 'false' },
        body: {
          type: 'error',
          error: { type: 'overloaded_error', message: 'Fidelity is overloaded.' },
          request_id: 'req_fidelityAnswer2',
        },
      },
      places: [STATUS, 'header retry-after', 'error.type', 'error.message', 'request_id'],
    },
  ],
};
/** A text and two calls. */
export const MESSAGE_TOOLS: AnswerScript = {
  format: 'messages',
  base: message(
    [
      { type: 'text', text: 'Both are looked for.' },
      { type: 'tool_use', id: 'toolu_fidelityOne', name: 'get_weather', input: { city: 'Basel', days: 13 } },
      { type: 'tool_use', id: 'toolu_fidelityTwo', name: 'get_weather', input: { city: 'Chur', days: 14 } },
    ],
    'tool_use',
  ),
  optional: OPTIONAL,
  variants: [],
};

function message(content: readonly Json[], reason: string, sequence: string | null = null): ProviderAnswer {
  const body = { ...HEAD, content, stop_reason: reason, stop_sequence: sequence, usage: USAGE };
  return { status: 200, headers: {}, body };
}
