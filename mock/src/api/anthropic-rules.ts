import { ApiFailure } from './endpoint.js';
import { anything, array, integer, MemberRules, NOT_PLAYED, number, object, oneOf, string } from './member-rules.js';
import type { MemberRule, RuleWords } from './member-rules.js';

const WORDS: RuleWords = {
  unknown: (name) => refusal(name, 'Extra inputs are not permitted'),
  wrong: (name, expected) => refusal(name, `Input should be ${expected}`),
  notPlayed: (name) => refusal(name, 'is not played by this mock'),
};

const textOrBlocks: MemberRule = (json, name) =>
  ['string', 'array'].includes(json.kind(name)) ? undefined : 'a string or a list of text blocks';

// The members as the official client has them, which is made of Anthropic's own description of its API (anthropic-sdk-typescript 1.12).

const COUNTED = {
  model: anything,
  messages: anything,
  cache_control: object,
  output_config: object,
  speed: oneOf('standard', 'fast'),
  system: textOrBlocks,
  thinking: object,
  tool_choice: anything,
  tools: anything,
  user_profile_id: string,
  workspace_id: string,
};

/** Members of a request for a message. */
export const MESSAGE_RULES: MemberRules = new MemberRules(
  {
    ...COUNTED,
    container: NOT_PLAYED,
    diagnostics: object,
    inference_geo: string,
    max_tokens: anything,
    metadata: object,
    service_tier: oneOf('auto', 'standard_only'),
    stop_sequences: array,
    stream: anything,
    temperature: number(0, 1),
    top_k: integer(0, Infinity),
    top_p: number(0, 1),
  },
  WORDS,
);

/** Members of a request for a count of tokens. */
export const COUNT_RULES: MemberRules = new MemberRules(COUNTED, WORDS);

function refusal(param: string, what: string): ApiFailure {
  return new ApiFailure({ status: 400, message: `${param}: ${what}`, param });
}
