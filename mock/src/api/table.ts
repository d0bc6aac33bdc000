import { anthropicAdmission, openAiAdmission, sharedAdmission } from './admission.js';
import { anthropicError } from './anthropic-error.js';
import { chat } from './chat.js';
import { completions } from './completions.js';
import { embeddings } from './embeddings.js';
import type { ApiError, Endpoint, ErrorShape } from './endpoint.js';
import { countTokens, messages } from './messages.js';
import { listModels, oneModel } from './models.js';
import { openAiError } from './openai-error.js';
import { responses } from './responses.js';

/** What of the mock's options concerns the providers' endpoints. */
export interface ProviderOptions {
  /** Content chunks of a stream whose request does not ask for a length. */
  readonly chunks: number;
  /** Tokens that a stream sends in one chunk. */
  readonly chunkTokens: number;
  /** The only key that requests are answered with; undefined accepts every key and none. */
  readonly apiKey: string | undefined;
  /** When answers are said to have been made, in seconds. */
  readonly createdSeconds: number;
}

/** Every endpoint that plays a provider. A new one is registered here and nowhere else. */
export function providerEndpoints({ chunks, chunkTokens, createdSeconds, apiKey }: ProviderOptions): Endpoint[] {
  const options = { streamTokens: chunks * chunkTokens, chunkTokens, createdSeconds };
  const openAi = [chat(options), embeddings(), completions(options), responses(options)];
  const anthropic = [messages(options), countTokens];
  const shared = [listModels, oneModel];
  return [
    ...openAi.map((endpoint) => ({ ...endpoint, refuses: openAiAdmission(apiKey, endpoint.takes) })),
    ...anthropic.map((endpoint) => ({ ...endpoint, refuses: anthropicAdmission(apiKey, endpoint.takes) })),
    ...shared.map((endpoint) => ({ ...endpoint, refuses: sharedAdmission(apiKey, endpoint.takes) })),
  ];
}

/** Which provider's way of wording an error a path gets, also one that no endpoint takes. */
export function errorShapeOf(path: string): ErrorShape {
  return /^\/v1\/messages(?![^/?])/.test(path) ? anthropicError : openAiError;
}

/** Finds the endpoint of a request. */
export class EndpointTable {
  /** By method, then by path: joining the two would make a string for every request. */
  readonly #exact = { GET: new Map<string, Endpoint>(), POST: new Map<string, Endpoint>() };
  readonly #prefixes: Endpoint[] = [];
  readonly #methods = new Map<string, string>();

  constructor(endpoints: readonly Endpoint[]) {
    for (const endpoint of endpoints) {
      if (endpoint.path.endsWith('/')) this.#prefixes.push(endpoint);
      else this.#exact[endpoint.method].set(endpoint.path, endpoint);
      this.#methods.set(endpoint.path, endpoint.method);
    }
  }

  /** The endpoint of `METHOD path`, undefined when there is none. */
  find(method: string, path: string): Endpoint | undefined {
    const exact = method === 'GET' || method === 'POST' ? this.#exact[method].get(path) : undefined;
    return exact ?? this.#prefixes.find((endpoint) => endpoint.method === method && path.startsWith(endpoint.path));
  }

  /** The error for a request that no endpoint takes: 405 when only the method is wrong, else 404. */
  missing(method: string, path: string): { readonly error: ApiError; readonly shape: ErrorShape } {
    const allowed =
      this.#methods.get(path) ?? this.#prefixes.find((endpoint) => path.startsWith(endpoint.path))?.method;
    const error: ApiError =
      allowed === undefined
        ? { status: 404, message: `Invalid URL (${method} ${path})`, code: 'unknown_url' }
        : { status: 405, message: `Not allowed to ${method} on ${path}.`, headers: [['Allow', allowed]] };
    return { error, shape: errorShapeOf(path) };
  }
}
