import type { MockConfig } from '../config.js';
import { chat } from './chat.js';
import { embeddings } from './embeddings.js';
import type { ApiError, Endpoint, ErrorShape } from './endpoint.js';
import { listModels, oneModel } from './models.js';
import { openAiError } from './openai-error.js';

/** Every endpoint that plays a provider. A new one is registered here and nowhere else. */
export function providerEndpoints(config: MockConfig): Endpoint[] {
  return [chat(config.chunks), embeddings(), listModels, oneModel];
}

/** Which provider's way of wording an error a path gets that no endpoint takes. */
function shapeOf(_path: string): ErrorShape {
  return openAiError;
}

/** Finds the endpoint of a request. */
export class EndpointTable {
  readonly #exact = new Map<string, Endpoint>();
  readonly #prefixes: Endpoint[] = [];
  readonly #methods = new Map<string, string>();

  constructor(endpoints: readonly Endpoint[]) {
    for (const endpoint of endpoints) {
      if (endpoint.path.endsWith('/')) this.#prefixes.push(endpoint);
      else this.#exact.set(`${endpoint.method} ${endpoint.path}`, endpoint);
      this.#methods.set(endpoint.path, endpoint.method);
    }
  }

  /** The endpoint of `METHOD path`, undefined when there is none. */
  find(method: string, path: string): Endpoint | undefined {
    return (
      this.#exact.get(`${method} ${path}`) ??
      this.#prefixes.find((endpoint) => endpoint.method === method && path.startsWith(endpoint.path))
    );
  }

  /** The error for a request that no endpoint takes: 405 when only the method is wrong, else 404. */
  missing(method: string, path: string): { readonly error: ApiError; readonly shape: ErrorShape } {
    const allowed = this.#methods.get(path);
    const error: ApiError =
      allowed === undefined
        ? { status: 404, message: `Invalid URL (${method} ${path})`, code: 'unknown_url' }
        : { status: 405, message: `Not allowed to ${method} on ${path}.`, headers: [['Allow', allowed]] };
    return { error, shape: shapeOf(path) };
  }
}
