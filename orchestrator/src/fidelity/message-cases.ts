import type { FidelityCase } from './case.js';
import type { Json } from './json-place.js';

/** Members and headers of Anthropic's Messages, as its own client has them (anthropic-sdk-typescript 0.120.0). */
const MESSAGES = { path: '/v1/messages' } as const;
const VERSION = { 'header anthropic-version': '2023-06-01' } as const;
const CACHED: Json = { type: 'ephemeral', ttl: '1h' };
const QUESTION: Json = [{ role: 'user', content: [{ type: 'text', text: 'What is said of the river bank?' }] }];
/** One pixel, transparent. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const OPTIONS: Readonly<Record<string, Json>> = {
  'system[0]': { type: 'text', text: 'You are held to every word.' },
  'system[0].cache_control': CACHED,
  'messages[0].content[0].cache_control': CACHED,
  'messages[0].content[1]': { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
  temperature: 0.37,
  top_p: 0.83,
  top_k: 37,
  stop_sequences: ['<<stop-one>>', '<<stop-two>>'],
  'metadata.user_id': 'user-fidelity-1',
  service_tier: 'standard_only',
  ...VERSION,
  'header anthropic-beta': 'fidelity-2026-01-01',
  'header x-request-id': 'request-fidelity-1',
};
const THINKING: Readonly<Record<string, Json>> = { thinking: { type: 'enabled', budget_tokens: 1536 } };
const TOOL_REQUEST = {
  max_tokens: 1777,
  messages: [
    { role: 'user', content: 'What is the weather in Bern?' },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I look for it.' },
        { type: 'tool_use', id: 'toolu_fidelity_earlier', name: 'get_weather', input: { city: 'Bern', days: 3 } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_fidelity_earlier', content: 'Sunny, 23 degrees.' },
        { type: 'text', text: 'And in Basel, and in Chur?' },
      ],
    },
  ],
  tools: [
    {
      name: 'get_weather',
      input_schema: {
        type: 'object',
        properties: {
          city: { type: 'string', description: 'Name of the city' },
          days: { type: 'integer', minimum: 3 },
        },
        required: ['city', 'days'],
      },
    },
  ],
} as const;
const TOOL_OPTIONS: Readonly<Record<string, Json>> = {
  'tools[0].description': 'Forecast for a city.',
  'tools[0].cache_control': CACHED,
  'tool_choice.type': 'any',
  'tool_choice.disable_parallel_tool_use': true,
  'messages[2].content[0].is_error': true,
  ...VERSION,
};

/** The questions in the format of Anthropic's Messages. */
export const MESSAGE_CASES: readonly FidelityCase[] = [
  {
    ...MESSAGES,
    name: 'messages',
    streaming: false,
    kind: 'text',
    required: { max_tokens: 1777, messages: QUESTION },
    optional: { ...OPTIONS, ...THINKING },
  },
  {
    ...MESSAGES,
    name: 'messages-stream',
    streaming: true,
    kind: 'text',
    required: { max_tokens: 1777, messages: QUESTION, stream: true },
    optional: OPTIONS,
  },
  {
    ...MESSAGES,
    name: 'messages-tools',
    streaming: false,
    kind: 'tools',
    required: TOOL_REQUEST,
    optional: TOOL_OPTIONS,
  },
  {
    ...MESSAGES,
    name: 'messages-tools-stream',
    streaming: true,
    kind: 'tools',
    required: { ...TOOL_REQUEST, stream: true },
    optional: TOOL_OPTIONS,
  },
];
