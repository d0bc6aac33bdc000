import { noiseImage } from '../catalogue/noise-image.js';
import type { FidelityCase } from './case.js';
import type { Json } from './json-place.js';

/**
 * Members and headers of OpenAI's chat completions, as its own description has them (openai-openapi 2.3.0), each with a value that is
 * found again wherever it goes. `top_k` and `cache_control` are dialects: of servers of open models, and of those who hand on Anthropic's.
 */
const SAMPLING: Readonly<Record<string, Json>> = {
  temperature: 0.37,
  top_p: 0.83,
  presence_penalty: 0.41,
  frequency_penalty: 0.29,
  seed: 424_242,
  stop: ['<<stop-one>>', '<<stop-two>>'],
  logit_bias: { 1723: -7 },
  user: 'user-fidelity-1',
};
const REQUEST_HEADERS: Readonly<Record<string, string>> = {
  'header openai-organization': 'org-fidelity',
  'header openai-project': 'proj-fidelity',
  'header idempotency-key': 'idempotency-fidelity',
  'header traceparent': '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'header x-request-id': 'request-fidelity-1',
};
const CHAT = { path: '/v1/chat/completions' } as const;
const MESSAGES: Json = [
  { role: 'system', content: 'You are held to every word.' },
  { role: 'user', content: 'What is said of the river bank?' },
];
const WEATHER: Json = {
  type: 'object',
  properties: { city: { type: 'string', description: 'Name of the city' }, days: { type: 'integer', minimum: 3 } },
  required: ['city', 'days'],
  additionalProperties: false,
};
const TOOL_REQUEST = {
  messages: [
    { role: 'user', content: 'What is the weather in Bern?' },
    {
      role: 'assistant',
      content: 'I look for it.',
      tool_calls: [
        {
          id: 'call_fidelity_earlier',
          type: 'function',
          function: { name: 'get_weather', arguments: '{"city":"Bern","days":3}' },
        },
      ],
    },
    { role: 'tool', tool_call_id: 'call_fidelity_earlier', content: 'Sunny, 23 degrees.' },
    { role: 'user', content: 'And in Basel, and in Chur?' },
  ],
  tools: [{ type: 'function', function: { name: 'get_weather', parameters: WEATHER } }],
} as const;
const TOOL_OPTIONS: Readonly<Record<string, Json>> = {
  'tools[0].function.description': 'Forecast for a city.',
  'tools[0].function.strict': true,
  tool_choice: { type: 'function', function: { name: 'get_weather' } },
  parallel_tool_calls: false,
  'tools[0].cache_control': { type: 'ephemeral', ttl: '1h' },
};
const STREAMED: Readonly<Record<string, Json>> = {
  'stream_options.include_usage': true,
  'stream_options.include_obfuscation': false,
};
/** A side of the image, in pixels: it is to be found again, and weighs nothing. */
const IMAGE_SIDE = 8;

/** The questions in the format of OpenAI's chat completions. */
export const CHAT_CASES: readonly FidelityCase[] = [
  {
    ...CHAT,
    name: 'chat',
    streaming: false,
    kind: 'text',
    required: { messages: MESSAGES },
    optional: {
      ...SAMPLING,
      'messages[0].name': 'narrator',
      'messages[1].name': 'listener',
      max_completion_tokens: 778,
      n: 2,
      logprobs: true,
      top_logprobs: 3,
      metadata: { ticket: 'meta-fidelity-1' },
      store: false,
      service_tier: 'flex',
      reasoning_effort: 'high',
      verbosity: 'low',
      modalities: ['text'],
      prediction: { type: 'content', content: 'What was predicted.' },
      safety_identifier: 'safety-fidelity-1',
      prompt_cache_key: 'cache-key-fidelity-1',
      top_k: 37,
      'messages[0].cache_control': { type: 'ephemeral', ttl: '1h' },
      ...REQUEST_HEADERS,
    },
  },
  {
    ...CHAT,
    name: 'chat-stream',
    streaming: true,
    kind: 'text',
    required: { messages: MESSAGES, stream: true },
    optional: { ...SAMPLING, ...STREAMED, max_tokens: 777, logprobs: true, top_logprobs: 3, ...REQUEST_HEADERS },
  },
  { ...CHAT, name: 'chat-tools', streaming: false, kind: 'tools', required: TOOL_REQUEST, optional: TOOL_OPTIONS },
  {
    ...CHAT,
    name: 'chat-tools-stream',
    streaming: true,
    kind: 'tools',
    required: { ...TOOL_REQUEST, stream: true },
    optional: { ...TOOL_OPTIONS, ...STREAMED },
  },
  {
    ...CHAT,
    name: 'chat-structured',
    streaming: false,
    kind: 'structured',
    required: {
      messages: MESSAGES,
      response_format: { type: 'json_schema', json_schema: { name: 'forecast', schema: WEATHER } },
    },
    optional: {
      'response_format.json_schema.strict': true,
      'response_format.json_schema.description': 'What is to be expected.',
    },
  },
  {
    ...CHAT,
    name: 'chat-vision',
    streaming: false,
    kind: 'text',
    required: {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What does this picture show?' },
            { type: 'image_url', image_url: { url: noiseImage(IMAGE_SIDE) } },
          ],
        },
      ],
    },
    optional: {
      'messages[0].content[1].image_url.detail': 'low',
      'messages[0].content[0].cache_control': { type: 'ephemeral', ttl: '1h' },
      'messages[0].content[2]': { type: 'image_url', image_url: { url: 'https://example.com/fidelity.png' } },
      'messages[0].content[3]': {
        type: 'file',
        file: { filename: 'fidelity.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQKJWZpZGVsaXR5Cg==' },
      },
    },
  },
];
