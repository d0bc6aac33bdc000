import { type AnswerVariant, STATUS } from './case.js';
import type { Json } from './json-place.js';

/** Headers of OpenAI's answers (its API reference, "Debugging requests" and "Rate limits"). */
export const OPENAI_HEADERS: Readonly<Record<string, Json>> = {
  'header x-request-id': 'req_fidelityAnswer1',
  'header openai-processing-ms': '173',
  'header x-ratelimit-remaining-tokens': '149984',
};

/** A refusal for being asked too often, as every API of OpenAI words one. */
export const OPENAI_ERROR: AnswerVariant = {
  name: 'error 429',
  answer: {
    status: 429,
    headers: { 'retry-after': '17', 'x-should-retry': 'false' },
    body: {
      error: {
        message: 'The tokens of this minute are used up.',
        type: 'tokens_of_fidelity',
        param: 'fidelity_param',
        code: 'rate_limit_exceeded',
      },
    },
  },
  places: [STATUS, 'header retry-after', 'error.message', 'error.type', 'error.param', 'error.code'],
};
