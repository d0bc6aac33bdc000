import type { FidelityCase } from './case.js';
import type { Json } from './json-place.js';

/** Members of OpenAI's Responses, as its own description has them (openai-openapi 2.3.0). */
const RESPONSES = { path: '/v1/responses' } as const;
const REQUIRED = {
  input: [{ role: 'user', content: [{ type: 'input_text', text: 'What is said of the river bank?' }] }],
} as const;
const OPTIONS: Readonly<Record<string, Json>> = {
  instructions: 'You are held to every word.',
  temperature: 0.37,
  top_p: 0.83,
  max_output_tokens: 779,
  max_tool_calls: 17,
  metadata: { ticket: 'meta-fidelity-1' },
  user: 'user-fidelity-1',
  store: false,
  service_tier: 'flex',
  truncation: 'auto',
  top_logprobs: 3,
  include: ['reasoning.encrypted_content'],
  'reasoning.effort': 'high',
  'reasoning.summary': 'detailed',
  'text.verbosity': 'low',
  'tools[0]': {
    type: 'function',
    name: 'get_weather',
    description: 'Forecast for a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', description: 'Name of the city' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
  'tools[0].strict': true,
  tool_choice: 'none',
  parallel_tool_calls: false,
  safety_identifier: 'safety-fidelity-1',
  prompt_cache_key: 'cache-key-fidelity-1',
  'header x-request-id': 'request-fidelity-1',
  'header openai-organization': 'org-fidelity',
};

/** The questions in the format of OpenAI's Responses. */
export const RESPONSE_CASES: readonly FidelityCase[] = [
  { ...RESPONSES, name: 'responses', streaming: false, kind: 'text', required: REQUIRED, optional: OPTIONS },
  {
    ...RESPONSES,
    name: 'responses-stream',
    streaming: true,
    kind: 'text',
    required: { ...REQUIRED, stream: true },
    optional: { ...OPTIONS, 'stream_options.include_obfuscation': false },
  },
];
