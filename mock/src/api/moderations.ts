import { ANSWER_SLOT } from '../wire/answer-id.js';
import { reply, type Reply } from '../wire/reply.js';
import type { Endpoint } from './endpoint.js';
import { KeptAnswers } from './kept-answers.js';
import { OPENAI_OVERLOADED, openAiError } from './openai-error.js';
import { OPENAI_JSON_HEADERS } from './openai-headers.js';
import { invalid, missing } from './parameters.js';

/** What is looked for, as omni-moderation names it. */
const CATEGORIES: readonly string[] = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/instructions',
  'self-harm/intent',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
];

const MODEL = 'omni-moderation-latest';

/** POST /v1/moderations: finds nothing in anything. The model that is named is repeated, whichever it is. */
export function moderations(): Endpoint {
  const kept = new KeptAnswers<Reply>();
  return {
    method: 'POST',
    path: '/v1/moderations',
    takes: 'json',
    played: true,
    errors: openAiError,
    overloaded: OPENAI_OVERLOADED,
    answer({ json }) {
      const kind = json.kind('input');
      if (kind === 'absent') throw missing('input');
      if (kind !== 'string' && kind !== 'array') throw invalid('input', 'a string or an array of inputs');
      const input = json.value('input');
      // Parts of one message, a text and its images, are one input.
      const count = Array.isArray(input) && input.every((each) => typeof each === 'string') ? input.length : 1;
      const model = json.string('model') ?? MODEL;
      return kept.get([model, count], () => answer(model, count));
    },
  };
}

function answer(model: string, count: number): Reply {
  const of = (value: unknown) => Object.fromEntries(CATEGORIES.map((category) => [category, value]));
  const nothing = {
    flagged: false,
    categories: of(false),
    category_scores: of(0),
    category_applied_input_types: of(['text']),
  };
  const payload = { id: `modr-${ANSWER_SLOT}`, model, results: Array.from({ length: count }, () => nothing) };
  return reply(200, OPENAI_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
}
