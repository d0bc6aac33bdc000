import { anthropicAdmission, openAiAdmission, sharedAdmission } from './admission.js';
import type { AnswerOptions } from './answer-options.js';
import { anthropicError } from './anthropic-error.js';
import type { Reply } from '../wire/reply.js';
import { azureEndpoints } from './azure.js';
import { CHAT_MISHAPS, COMPLETION_MISHAPS, EMBEDDING_MISHAPS } from './chat-mishaps.js';
import { chat } from './chat.js';
import { completions } from './completions.js';
import { embeddings } from './embeddings.js';
import { openToBrowsers, preflight, readable } from './cors.js';
import { anthropicLimited, anthropicLimits, openAiLimited, openAiLimits } from './limits.js';
import type { Endpoint, ErrorShape, LimitWords, RequestHead } from './endpoint.js';
import { MESSAGE_MISHAPS } from './message-mishaps.js';
import { countTokens, messages } from './messages.js';
import { missingError } from './missing.js';
import { inputTokens } from './input-tokens.js';
import { moderations } from './moderations.js';
import { listModels, Models, oneModel } from './models.js';
import { openAiError } from './openai-error.js';
import { probes } from './probes.js';
import { RESPONSE_MISHAPS } from './response-mishaps.js';
import { responses } from './responses.js';

const OPENAI_LIMITS: LimitWords = { headers: openAiLimits, exceeded: openAiLimited };
const ANTHROPIC_LIMITS: LimitWords = { headers: anthropicLimits, exceeded: anthropicLimited };

/** What of the mock's options concerns the providers' endpoints. */
export interface ProviderOptions {
  /** Content chunks of a stream whose request does not ask for a length. */
  readonly chunks: number;
  /** Tokens that a stream sends in one chunk. */
  readonly chunkTokens: number;
  /** The only key that requests are answered with; undefined accepts every key and none. */
  readonly apiKey: string | undefined;
  /** Whether pages of other origins may read the answers. */
  readonly cors: boolean;
  /** Responses that are kept, 0 for none. */
  readonly store: number;
  /** When answers are said to have been made, in seconds. */
  readonly createdSeconds: number;
  /** Models beside the mock's own. */
  readonly models: readonly string[];
  /** Takes every model. */
  readonly anyModel: boolean;
}

/** Every endpoint that plays a provider. A new one is registered here and nowhere else. */
export function providerEndpoints(given: ProviderOptions): Endpoint[] {
  const { chunks, chunkTokens, createdSeconds, apiKey, cors } = given;
  const models = new Models(given.models, given.anyModel);
  const options: AnswerOptions = { streamTokens: chunks * chunkTokens, chunkTokens, createdSeconds, models };
  const openAi = [
    { ...chat(options), mishaps: CHAT_MISHAPS },
    { ...embeddings(options), mishaps: EMBEDDING_MISHAPS },
    { ...completions(options), mishaps: COMPLETION_MISHAPS },
    { ...responses(options, given.store > 0), mishaps: RESPONSE_MISHAPS },
    inputTokens(options),
    moderations(),
  ];
  const anthropic = [
    { ...messages(options), mishaps: MESSAGE_MISHAPS },
    { ...countTokens(options), mishaps: MESSAGE_MISHAPS },
  ];
  const shared = [listModels(models), oneModel(models)];
  const all = [
    ...[...openAi, ...azureEndpoints(openAi, models.names)].map((endpoint) => ({
      ...endpoint,
      refuses: openAiAdmission(apiKey, endpoint.takes),
      limits: OPENAI_LIMITS,
    })),
    ...anthropic.map((endpoint) => ({
      ...endpoint,
      refuses: anthropicAdmission(apiKey, endpoint.takes),
      limits: ANTHROPIC_LIMITS,
    })),
    ...shared.map((endpoint) => ({ ...endpoint, refuses: sharedAdmission(apiKey, endpoint.takes) })),
    ...probes,
  ];
  return cors ? all.map(openToBrowsers) : all;
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
  readonly #paths: readonly string[];
  readonly #cors: boolean;

  /** @param cors answers what browsers ask before they send a request */
  constructor(endpoints: readonly Endpoint[], cors = false) {
    this.#cors = cors;
    for (const endpoint of endpoints) {
      if (endpoint.path.endsWith('/')) this.#prefixes.push(endpoint);
      else this.#exact[endpoint.method].set(endpoint.path, endpoint);
      this.#methods.set(endpoint.path, endpoint.method);
    }
    this.#paths = endpoints.map(({ path }) => path).filter((path) => /^\/v1\/.*[^/]$/.test(path));
  }

  /** The endpoint of `METHOD path`, undefined when there is none. HEAD is answered where GET is. */
  find(method: string, path: string): Endpoint | undefined {
    const asked = method === 'HEAD' ? 'GET' : method;
    const exact = asked === 'GET' || asked === 'POST' ? this.#exact[asked].get(path) : undefined;
    return exact ?? this.#prefixes.find((endpoint) => endpoint.method === asked && path.startsWith(endpoint.path));
  }

  /** The answer to a request that no endpoint takes. */
  missing(head: RequestHead): Reply {
    const { method, path } = head;
    if (this.#cors && method === 'OPTIONS') return preflight(head);
    const allowed =
      this.#methods.get(path) ?? this.#prefixes.find((endpoint) => path.startsWith(endpoint.path))?.method;
    const answer = errorShapeOf(path)(missingError(head, allowed, this.#paths));
    return this.#cors ? readable(answer) : answer;
  }
}
