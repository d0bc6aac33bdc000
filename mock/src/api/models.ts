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
const CONTEXT_TOKENS = 1_000_000;
const ANSWER_TOKENS = 100_000;

/** The models that a mock has: its own two, those it is told to have, or whichever is asked for. */
export class Models {
  readonly #names: ReadonlySet<string>;
  readonly #any: boolean;

  /**
   * @param more beside its own
   * @param any true when every name will do
   */
  constructor(more: readonly string[], any: boolean) {
    this.#names = new Set([CHAT_MODEL, EMBEDDING_MODEL, ...more]);
    this.#any = any;
  }

  /** True when the mock has this model. */
  has(name: string): boolean {
    return this.#any || this.#names.has(name);
  }

  /** Every model that has a name of its own. */
  get names(): string[] {
    return [...this.#names];
  }

  /** What a person is told who asks for another model. */
  get hint(): string {
    return `This mock has ${this.names.join(', ')}; start it with --model NAME or --any-model to have others.`;
  }

  /**
   * The request's model, at an endpoint of OpenAI's.
   * @throws {ApiFailure} 400 when it names none, 404 when the mock does not have it
   */
  requested(request: ApiRequest): string {
    const model = request.json.string('model');
    if (model === undefined || model === '') {
      throw new ApiFailure({ status: 400, message: 'you must provide a model parameter', param: 'model' });
    }
    if (!this.has(model)) throw this.unknown(model);
    return model;
  }

  /** OpenAI's words for a model that the mock does not have. */
  unknown(name: string): ApiFailure {
    const message = `The model \`${name}\` does not exist or you do not have access to it. ${this.hint}`;
    return new ApiFailure({ status: 404, message, param: 'model', code: 'model_not_found' });
  }

  /** Anthropic's words for it. */
  unknownToAnthropic(name: string): ApiFailure {
    return new ApiFailure({ status: 404, message: `model: ${name} (${this.hint})` });
  }
}

/** GET /v1/models, which both providers have; the version header tells who is asked. */
export function listModels(models: Models): Endpoint {
  const list = openAiJson({ object: 'list', data: models.names.map(openAiModel) });
  const chatting = models.names.filter((name) => name !== EMBEDDING_MODEL);
  const [first, last] = [chatting[0], chatting.at(-1)];
  const anthropicList = anthropicJson({
    data: chatting.map(anthropicModel),
    has_more: false,
    first_id: first,
    last_id: last,
  });
  return {
    ...MODELS_ENDPOINT,
    path: '/v1/models',
    answer: (request) => (asksAnthropic(request) ? anthropicList : list),
  };
}

/** GET /v1/models/{id} */
export function oneModel(models: Models): Endpoint {
  const path = '/v1/models/';
  return {
    ...MODELS_ENDPOINT,
    path,
    answer(request) {
      const name = decode(request.path.slice(path.length));
      if (asksAnthropic(request)) {
        if (models.has(name) && name !== EMBEDDING_MODEL) return anthropicJson(anthropicModel(name));
        return anthropicError(models.unknownToAnthropic(name).error);
      }
      if (!models.has(name)) throw models.unknown(name);
      return openAiJson(openAiModel(name));
    },
  };
}

const MODELS_ENDPOINT = {
  method: 'GET',
  takes: 'nothing',
  played: false,
  errors: openAiError,
  overloaded: OPENAI_OVERLOADED,
} as const;

/** True for a request that only a client of Anthropic sends, also to a path that both providers have. */
export function asksAnthropic(head: RequestHead): boolean {
  return head.header('anthropic-version') !== undefined;
}

function openAiModel(id: string) {
  return { id, object: 'model', created: CREATED, owned_by: 'mock' };
}

function anthropicModel(id: string) {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: new Date(CREATED * 1000).toISOString(),
    lifecycle: 'active',
    deprecated_at: null,
    retires_at: null,
    line: null,
    max_input_tokens: CONTEXT_TOKENS,
    max_tokens: ANSWER_TOKENS,
    capabilities: null,
  };
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

function openAiJson(payload: unknown): Reply {
  return reply(200, OPENAI_JSON_HEADERS, Buffer.from(JSON.stringify(payload)));
}
