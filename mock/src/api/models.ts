import { reply, type Reply } from '../wire/reply.js';
import { anthropicError } from './anthropic-error.js';
import { ANTHROPIC_JSON_HEADERS } from './anthropic-headers.js';
import { ApiFailure, type ApiRequest, type Endpoint, type RequestHead } from './endpoint.js';
import { OPENAI_OVERLOADED, openAiError } from './openai-error.js';
import { OPENAI_JSON_HEADERS } from './openai-headers.js';

/** The model that chats. */
const CHAT_MODEL = 'bench-chat';
/** The model that makes embeddings. */
const EMBEDDING_MODEL = 'bench-embed';

/** A fixed date (2024-01-01), because a model does not get younger when the mock starts. */
const CREATED = 1_704_067_200;

const MODELS = [CHAT_MODEL, EMBEDDING_MODEL].map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'mock' }));

/** Every model the mock has. */
export const modelIds: readonly string[] = MODELS.map(({ id }) => id);

const LIST = json({ object: 'list', data: MODELS });
const ONE: ReadonlyMap<string, Reply> = new Map(MODELS.map((model) => [model.id, json(model)]));

const ANTHROPIC_MODELS = [CHAT_MODEL].map((id) => ({
  type: 'model',
  id,
  display_name: id,
  created_at: new Date(CREATED * 1000).toISOString(),
}));
const ANTHROPIC_LIST = anthropicJson({
  data: ANTHROPIC_MODELS,
  has_more: false,
  first_id: CHAT_MODEL,
  last_id: CHAT_MODEL,
});
const ANTHROPIC_ONE: ReadonlyMap<string, Reply> = new Map(
  ANTHROPIC_MODELS.map((model) => [model.id, anthropicJson(model)]),
);

/** GET /v1/models, which both providers have; the version header tells who is asked. */
export const listModels: Endpoint = {
  method: 'GET',
  path: '/v1/models',
  takes: 'nothing',
  played: false,
  errors: openAiError,
  overloaded: OPENAI_OVERLOADED,
  answer: (request) => (asksAnthropic(request) ? ANTHROPIC_LIST : LIST),
};

/** GET /v1/models/{id} */
export const oneModel: Endpoint = {
  method: 'GET',
  path: '/v1/models/',
  takes: 'nothing',
  played: false,
  errors: openAiError,
  overloaded: OPENAI_OVERLOADED,
  answer(request) {
    const id = decode(request.path.slice(this.path.length));
    if (asksAnthropic(request)) {
      return ANTHROPIC_ONE.get(id) ?? anthropicError({ status: 404, message: `model: ${id}` });
    }
    return ONE.get(id) ?? fail(unknownModel(id));
  },
};

/** True for a request that only a client of Anthropic sends, also to a path that both providers have. */
export function asksAnthropic(head: RequestHead): boolean {
  return head.header('anthropic-version') !== undefined;
}

/** True when the mock has this model. */
export function knownModel(id: string): boolean {
  return ONE.has(id);
}

/**
 * The request's model.
 * @throws {ApiFailure} 400 when it names none, 404 when the mock does not have it
 */
export function requestedModel(request: ApiRequest): string {
  const model = request.json.string('model');
  if (model === undefined || model === '') {
    throw new ApiFailure({ status: 400, message: 'you must provide a model parameter', param: 'model' });
  }
  if (!ONE.has(model)) throw unknownModel(model);
  return model;
}

function unknownModel(id: string): ApiFailure {
  const message = `The model \`${id}\` does not exist or you do not have access to it.`;
  return new ApiFailure({ status: 404, message, param: 'model', code: 'model_not_found' });
}

function fail(failure: ApiFailure): never {
  throw failure;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function anthropicJson(payload: unknown): Reply {
  return reply(200, ANTHROPIC_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
}

function json(payload: unknown): Reply {
  return reply(200, OPENAI_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
}
