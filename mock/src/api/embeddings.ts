import { reply, type Reply } from '../wire/reply.js';
import { ApiFailure, type ApiRequest, type Endpoint } from './endpoint.js';
import { KeptAnswers } from './kept-answers.js';
import { requestedModel } from './models.js';
import { openAiError } from './openai-error.js';
import { OPENAI_JSON_HEADERS } from './openai-headers.js';
import { promptTokens } from './tokens.js';
import { vectorBase64, vectorJson } from './vectors.js';

const DIMENSIONS = 1536;
const MAX_DIMENSIONS = 8192;
const MAX_INPUTS = 2048;

/** What is to be embedded. */
interface Input {
  /** How many vectors are asked for. */
  readonly count: number;
  readonly tokens: number;
}

/** POST /v1/embeddings, as numbers and as base64. */
export function embeddings(): Endpoint {
  const kept = new KeptAnswers();
  return {
    method: 'POST',
    path: '/v1/embeddings',
    takes: 'json',
    played: true,
    errors: openAiError,
    answer(request) {
      const model = requestedModel(request);
      const format = encodingFormat(request);
      const dimensions = askedDimensions(request);
      const { count, tokens } = readInput(request);
      return kept.get(`${model} ${format} ${dimensions} ${count} ${tokens}`, () =>
        answer(model, format, dimensions, count, tokens),
      );
    },
  };
}

function encodingFormat(request: ApiRequest): 'float' | 'base64' {
  if (!request.json.has('encoding_format')) return 'float';
  const format = request.json.string('encoding_format');
  if (format === 'float' || format === 'base64') return format;
  const message = "Invalid 'encoding_format': expected 'float' or 'base64'.";
  throw new ApiFailure({ status: 400, message, param: 'encoding_format' });
}

function askedDimensions(request: ApiRequest): number {
  if (!request.json.has('dimensions')) return DIMENSIONS;
  const dimensions = request.json.number('dimensions');
  if (dimensions !== undefined && Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= MAX_DIMENSIONS) {
    return dimensions;
  }
  const message = `Invalid 'dimensions': expected an integer from 1 to ${MAX_DIMENSIONS}.`;
  throw new ApiFailure({ status: 400, message, param: 'dimensions' });
}

/** A string is one input, and so is an array of tokens; an array of strings or of token arrays is one input an element. */
function readInput(request: ApiRequest): Input {
  const kind = request.json.kind('input');
  const estimate = promptTokens(request.json.span('input'));
  if (kind === 'string') return request.json.span('input') > 2 ? { count: 1, tokens: estimate } : badInput();
  if (kind !== 'array') return badInput();
  const input = request.json.value('input') as unknown[];
  if (input.length === 0 || input.length > MAX_INPUTS) return badInput();
  if (input.every(isToken)) return { count: 1, tokens: input.length };
  if (input.every((item) => typeof item === 'string' && item !== '')) return { count: input.length, tokens: estimate };
  if (input.every(isTokenArray)) return { count: input.length, tokens: input.flat().length };
  return badInput();
}

function isToken(item: unknown): boolean {
  return Number.isInteger(item) && (item as number) >= 0;
}

function isTokenArray(item: unknown): item is number[] {
  return Array.isArray(item) && item.length > 0 && item.every(isToken);
}

function badInput(): never {
  const message = `Invalid 'input': expected a string, an array of tokens, or an array of 1 to ${MAX_INPUTS} of either, none empty.`;
  throw new ApiFailure({ status: 400, message, param: 'input' });
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
