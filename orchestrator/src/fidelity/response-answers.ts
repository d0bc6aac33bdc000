import type { AnswerScript, ProviderAnswer } from './case.js';
import type { Json, JsonMembers } from './json-place.js';
import { OPENAI_ERROR, OPENAI_HEADERS } from './openai-answer-parts.js';

const HEAD = {
  id: 'resp_fidelityAnswer1',
  object: 'response',
  created_at: 1_700_000_123,
  error: null,
  instructions: null,
  model: 'bench-chat',
  parallel_tool_calls: true,
  temperature: 1,
  top_p: 1,
  tool_choice: 'auto',
  tools: [],
  metadata: {},
};
const USAGE = {
  input_tokens: 1723,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 419,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 2142,
};
const OPTIONAL: Readonly<Record<string, Json>> = {
  ...OPENAI_HEADERS,
  'usage.input_tokens_details.cached_tokens': 1031,
  'usage.output_tokens_details.reasoning_tokens': 211,
  'metadata.ticket': 'meta-fidelity-2',
  service_tier: 'flex',
  safety_identifier: 'safety-fidelity-2',
  prompt_cache_key: 'cache-key-fidelity-2',
};
const CITED: Json = {
  type: 'url_citation',
  start_index: 13,
  end_index: 27,
  url: 'https://example.com/cited',
  title: 'A cited page',
};
const LOGPROB: Json = { token: 'Nothing', logprob: -0.3125, bytes: [78, 111, 116], top_logprobs: [] };

/** What OpenAI's Responses say, each count and text another one. */
export const RESPONSE_TEXT: AnswerScript = {
  format: 'responses',
  base: response([spoken('Nothing is said of the river bank.')], { status: 'completed', incomplete_details: null }),
  optional: { ...OPTIONAL, 'output[0].content[0].annotations': [CITED], 'output[0].content[0].logprobs': [LOGPROB] },
  variants: [
    {
      name: 'reasoning',
      answer: response(
        [
          {
            id: 'rs_fidelityOne',
            type: 'reasoning',
            summary: [{ type: 'summary_text', text: 'The question is about a river.' }],
            encrypted_content: 'ZW5jcnlwdGVkLWZpZGVsaXR5',
          },
          spoken('Nothing is said of the river bank.'),
        ],
        { status: 'completed', incomplete_details: null },
      ),
      places: ['output[0].id', 'output[0].summary[0].text', 'output[0].encrypted_content'],
    },
    {
      name: 'incomplete',
      answer: response([spoken('Nothing is said of the river bank.')], {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
      }),
      places: ['status', 'incomplete_details.reason'],
    },
    OPENAI_ERROR,
  ],
};
/** Two calls. */
export const RESPONSE_TOOLS: AnswerScript = {
  format: 'responses',
  base: response([called('One', '{"city":"Basel","days":13}'), called('Two', '{"city":"Chur","days":14}')], {
    status: 'completed',
    incomplete_details: null,
  }),
  optional: OPTIONAL,
  variants: [],
};

function response(output: readonly Json[], outcome: JsonMembers): ProviderAnswer {
  return { status: 200, headers: {}, body: { ...HEAD, ...outcome, output, usage: USAGE } };
}

function spoken(text: string): Json {
  const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }];
  return { id: 'msg_fidelityOne', type: 'message', status: 'completed', role: 'assistant', content };
}

function called(which: string, input: string): Json {
  const names = { call_id: `call_fidelity${which}`, name: 'get_weather', arguments: input };
  return { id: `fc_fidelity${which}`, type: 'function_call', status: 'completed', ...names };
}
