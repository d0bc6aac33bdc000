import { reply, type Reply } from '../wire/reply.js';
import type { AnswerOptions } from './answer-options.js';
import type { ApiRequest, Endpoint } from './endpoint.js';
import { readInput } from './inputs.js';
import { KeptAnswers } from './kept-answers.js';
import { OPENAI_OVERLOADED, openAiError } from './openai-error.js';
import { OPENAI_JSON_HEADERS } from './openai-headers.js';
import { EMBEDDING_RULES } from './openai-rules.js';
import { invalid, optionalInteger } from './parameters.js';
import { vectorBase64, vectorJson } from './vectors.js';

const DIMENSIONS = 1536;
const MAX_DIMENSIONS = 8192;
const MAX_INPUTS = 2048;

/** POST /v1/embeddings, as numbers and as base64. */
export function embeddings({ models }: AnswerOptions): Endpoint {
  const kept = new KeptAnswers();
  return {
    method: 'POST',
    path: '/v1/embeddings',
    takes: 'json',
    played: true,
    wordsIn: 'input',
    errors: openAiError,
    overloaded: OPENAI_OVERLOADED,
    answer(request) {
      const model = models.requested(request);
      if (!request.lenient) EMBEDDING_RULES.check(request.json);
      const format = encodingFormat(request);
      const dimensions = askedDimensions(request);
      const { count, tokens } = readInput(request.json, 'input', MAX_INPUTS);
      return kept.get([model, format, dimensions, count, tokens], () =>
        answer(model, format, dimensions, count, tokens),
      );
    },
  };
}

function encodingFormat(request: ApiRequest): 'float' | 'base64' {
  if (!request.json.has('encoding_format')) return 'float';
  const format = request.json.string('encoding_format');
  if (format === 'float' || format === 'base64') return format;
  throw invalid('encoding_format', "'float' or 'base64'");
}

function askedDimensions(request: ApiRequest): number {
  return optionalInteger(request.json, 'dimensions', 1, MAX_DIMENSIONS) ?? DIMENSIONS;
}

function answer(model: string, format: 'float' | 'base64', dimensions: number, count: number, tokens: number): Reply {
  const vector = format === 'base64' ? vectorBase64 : vectorJson;
  const data = Array.from(
    { length: count },
    (_, index) => `{"object":"embedding","index":${index},"embedding":${vector(dimensions, index)}}`,
  );
  const usage = JSON.stringify({ prompt_tokens: tokens, total_tokens: tokens });
  const body = `{"object":"list","data":[${data.join(',')}],"model":${JSON.stringify(model)},"usage":${usage}}`;
  return reply(200, OPENAI_JSON_HEADERS, Buffer.from(body));
}
