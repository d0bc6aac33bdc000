import type { AnswerScript, ProviderAnswer } from './case.js';
import type { Json, JsonMembers } from './json-place.js';
import { OPENAI_ERROR, OPENAI_HEADERS } from './openai-answer-parts.js';

const HEAD = { id: 'chatcmpl-fidelityAnswer1', object: 'chat.completion', created: 1_700_000_123, model: 'bench-chat' };
const USAGE = { prompt_tokens: 1723, completion_tokens: 419, total_tokens: 2142 };
const TOKEN: Json = {
  token: 'Nothing',
  logprob: -0.3125,
  bytes: [78, 111, 116, 104, 105, 110, 103],
  top_logprobs: [{ token: 'Something', logprob: -1.4375, bytes: [83, 111, 109, 101] }],
};
const OPTIONAL: Readonly<Record<string, Json>> = {
  ...OPENAI_HEADERS,
  'choices[0].logprobs': { content: [TOKEN] },
  'usage.prompt_tokens_details.cached_tokens': 1031,
  'usage.prompt_tokens_details.audio_tokens': 17,
  'usage.completion_tokens_details.reasoning_tokens': 211,
  'usage.completion_tokens_details.audio_tokens': 19,
  'usage.completion_tokens_details.accepted_prediction_tokens': 23,
  'usage.completion_tokens_details.rejected_prediction_tokens': 29,
  service_tier: 'flex',
  system_fingerprint: 'fp_fidelity01',
};
const CITED: Json = {
  type: 'url_citation',
  url_citation: { start_index: 13, end_index: 27, url: 'https://example.com/cited', title: 'A cited page' },
};
const CALLS: Json = [
  {
    id: 'call_fidelityOne',
    type: 'function',
    function: { name: 'get_weather', arguments: '{"city":"Basel","days":13}' },
  },
  {
    id: 'call_fidelityTwo',
    type: 'function',
    function: { name: 'get_weather', arguments: '{"city":"Chur","days":14}' },
  },
];
const TEXT = 'Nothing is said of the river bank.';

/** What a provider of chat completions says, each count and text another one, so that it is found again wherever it goes. */
export const CHAT_TEXT: AnswerScript = {
  format: 'chat',
  base: chatAnswer({ content: TEXT }, 'stop'),
  optional: {
    ...OPTIONAL,
    'choices[0].message.annotations': [CITED],
    // The dialect of DeepSeek and of servers of open models.
    'choices[0].message.reasoning_content': 'The question is about a river.',
  },
  variants: [
    { name: 'length', answer: chatAnswer({ content: TEXT }, 'length'), places: ['choices[0].finish_reason'] },
    {
      name: 'filtered',
      answer: chatAnswer({ content: null, refusal: 'That must not be said.' }, 'content_filter'),
      places: ['choices[0].finish_reason', 'choices[0].message.refusal'],
    },
    OPENAI_ERROR,
  ],
};
/** Two calls, and a text where one is added. */
export const CHAT_TOOLS: AnswerScript = {
  format: 'chat',
  base: chatAnswer({ content: null, tool_calls: CALLS }, 'tool_calls'),
  optional: { ...OPTIONAL, 'choices[0].message.content': 'Both are looked for.' },
  variants: [],
};
/** A text that is JSON. */
export const CHAT_STRUCTURED: AnswerScript = {
  format: 'chat',
  base: chatAnswer({ content: '{"city":"Basel","days":13}' }, 'stop'),
  optional: OPTIONAL,
  variants: [],
};

function chatAnswer(said: JsonMembers, reason: string): ProviderAnswer {
  const message = { role: 'assistant', ...said };
  const body = { ...HEAD, choices: [{ index: 0, message, logprobs: null, finish_reason: reason }], usage: USAGE };
  return { status: 200, headers: {}, body };
}
