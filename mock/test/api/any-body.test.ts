import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NO_WISH } from '#src/api/answer-wish.js';
import { ApiFailure, type ApiRequest, type Endpoint } from '#src/api/endpoint.js';
import { providerEndpoints } from '#src/api/table.js';
import { parseConfig } from '#src/command-line.js';
import { JsonObject } from '#src/wire/json.js';

const config = parseConfig([]);
assert.ok(config !== 'help');
const endpoints = providerEndpoints({ ...config, createdSeconds: 0 }).filter(({ takes }) => takes === 'json');

/** Words that endpoints look for, so that random values get deep into them. */
const word = fc.constantFrom(
  ...words(`
  auto none required any tool function custom allowed_tools json_schema json_object low max enabled tool_result
  function_call_output bench-chat object array string #
`),
);
const name = fc.constantFrom(
  ...words(`
  type name function custom parameters schema input_schema json_schema format mode tools allowed_tools effort
  summary role content include_usage properties $ref enum items anyOf allOf minItems minLength multipleOf
  minimum __proto__ constructor
`),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    fc.oneof(word, fc.boolean(), fc.constant(null), fc.string(), fc.integer(), fc.double()),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries) as unknown),
  ),
}));

const members = words(`
  messages input prompt stream stream_options max_tokens max_completion_tokens n stop tools tool_choice
  response_format logprobs reasoning_effort reasoning text metadata max_output_tokens stop_sequences thinking
  output_config system dimensions encoding_format functions function_call parallel_tool_calls
`);
const sound = {
  model: 'bench-chat',
  messages: [{ role: 'user', content: 'hi' }],
  input: 'hi',
  prompt: 'hi',
  max_tokens: 9,
};
const body = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...members), value), { maxLength: 4, selector: ([member]) => member })
  .map((entries) => JSON.stringify({ ...sound, ...Object.fromEntries(entries) }));

function ask(endpoint: Endpoint, text: string, lenient: boolean) {
  const json = new JsonObject();
  const bytes = Buffer.from(text);
  assert.equal(json.read(bytes), 'object');
  const request: ApiRequest = {
    method: 'POST',
    path: endpoint.path,
    query: 'api-version=1',
    header: () => undefined,
    body: bytes,
    json,
    tokens: undefined,
    wish: NO_WISH,
    lenient,
  };
  try {
    return endpoint.answer(request);
  } catch (error) {
    if (error instanceof ApiFailure) return endpoint.errors(error.error);
    throw error;
  }
}

describe('whatever the body says', () => {
  for (const endpoint of endpoints) {
    it(`${endpoint.path} answers it or says what is wrong with it`, () => {
      fc.assert(
        fc.property(body, fc.boolean(), (text, lenient) => {
          const answer = ask(endpoint, text, lenient);
          if (answer.kind === 'reply') JSON.parse(answer.body.toString());
          else assert.ok(answer.frames.count > 2);
          assert.ok([200, 400].includes(answer.status));
        }),
        { numRuns: 2000 },
      );
    });
  }
});

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
