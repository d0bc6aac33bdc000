import { ApiFailure } from './endpoint.js';
import {
  anything,
  array,
  boolean,
  integer,
  listOf,
  MemberRules,
  NOT_PLAYED,
  number,
  object,
  oneOf,
  onlyFalse,
  string,
  type RuleWords,
} from './member-rules.js';
import { invalid } from './parameters.js';

const WORDS: RuleWords = {
  unknown: (name) => refusal(name, `Unknown parameter: '${name}'.`, 'unknown_parameter'),
  wrong: invalid,
  notPlayed: (name) =>
    refusal(name, `Unsupported parameter: '${name}' is not played by this mock.`, 'unsupported_parameter'),
};

// The members as the official clients have them, which are made of OpenAI's own description of its API (openai-node 7.57).

const PENALTY = number(-2, 2);
const TEMPERATURE = number(0, 2);
const SERVICE_TIER = oneOf('auto', 'default', 'flex', 'scale', 'priority', 'fast');

const SAMPLING = {
  temperature: TEMPERATURE,
  top_p: number(0, 1),
  user: string,
};

const COMMON = {
  ...SAMPLING,
  model: anything,
  metadata: object,
  moderation: NOT_PLAYED,
  parallel_tool_calls: boolean,
  prompt_cache_key: string,
  prompt_cache_options: object,
  prompt_cache_retention: oneOf('in_memory', '24h'),
  safety_identifier: string,
  service_tier: SERVICE_TIER,
  store: boolean,
  stream: anything,
  stream_options: object,
  tool_choice: anything,
  tools: anything,
  top_logprobs: anything,
};

/** Members of a chat request. */
export const CHAT_RULES: MemberRules = new MemberRules(
  {
    ...COMMON,
    messages: anything,
    audio: NOT_PLAYED,
    frequency_penalty: PENALTY,
    function_call: anything,
    functions: array,
    logit_bias: object,
    logprobs: boolean,
    max_completion_tokens: anything,
    max_tokens: anything,
    modalities: listOf('text'),
    n: anything,
    prediction: object,
    presence_penalty: PENALTY,
    reasoning_effort: anything,
    response_format: object,
    seed: integer(-(2 ** 63), 2 ** 63),
    stop: anything,
    verbosity: oneOf('low', 'medium', 'high'),
    web_search_options: NOT_PLAYED,
  },
  WORDS,
);

/** Members of a request for a legacy completion. */
export const COMPLETION_RULES: MemberRules = new MemberRules(
  {
    ...SAMPLING,
    model: anything,
    prompt: anything,
    best_of: integer(1, 20),
    echo: boolean,
    frequency_penalty: PENALTY,
    logit_bias: object,
    logprobs: anything,
    max_tokens: anything,
    n: anything,
    presence_penalty: PENALTY,
    seed: integer(-(2 ** 63), 2 ** 63),
    stop: anything,
    stream: anything,
    stream_options: object,
    suffix: NOT_PLAYED,
  },
  WORDS,
);

/** Members of a request for embeddings. */
export const EMBEDDING_RULES: MemberRules = new MemberRules(
  { model: anything, input: anything, dimensions: anything, encoding_format: anything, user: string },
  WORDS,
);

const RESPONSE_MEMBERS = {
  ...COMMON,
  access_programs: NOT_PLAYED,
  background: onlyFalse,
  context_management: NOT_PLAYED,
  conversation: NOT_PLAYED,
  image: NOT_PLAYED,
  include: listOf('reasoning.encrypted_content'),
  input: anything,
  instructions: string,
  max_output_tokens: anything,
  max_tool_calls: integer(1, Infinity),
  previous_response_id: string,
  prompt: NOT_PLAYED,
  reasoning: object,
  text: object,
  truncation: oneOf('auto', 'disabled'),
};

/** Members of a request to the Responses API. */
export const RESPONSE_RULES: MemberRules = new MemberRules(RESPONSE_MEMBERS, WORDS);

/** The same where no response is kept: there is none to go on from. */
export const LONE_RESPONSE_RULES: MemberRules = new MemberRules(
  {
    ...RESPONSE_MEMBERS,
    previous_response_id: (json, name) => {
      const id = json.string(name);
      if (id === undefined) return 'a string';
      const message = `Previous response with id '${id}' not found. This mock keeps no responses; start it with --store N.`;
      throw refusal(name, message, 'previous_response_not_found');
    },
  },
  WORDS,
);

function refusal(param: string, message: string, code: string): ApiFailure {
  return new ApiFailure({ status: 400, message, param, code });
}
