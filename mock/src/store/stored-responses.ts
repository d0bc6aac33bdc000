import { openAiAdmission } from '../api/admission.js';
import { readable } from '../api/cors.js';
import { ApiFailure, type ApiError } from '../api/endpoint.js';
import { openAiError } from '../api/openai-error.js';
import { OPENAI_JSON_HEADERS } from '../api/openai-headers.js';
import { isMembers, type Members } from '../api/parameters.js';
import type { AskAll } from '../control/endpoints.js';
import type { StoredResponse } from '../control/messages.js';
import type { Counters } from '../health/counters.js';
import { ownFailure } from '../request/service.js';
import { nextAnswer } from '../wire/answer-id.js';
import type { Message, Server } from '../wire/message.js';
import type { Outlet } from '../wire/outlet.js';
import { reply, type Reply } from '../wire/reply.js';
import { atOnce } from '../wire/stamp.js';
import { history, inputPage, itemsOf, spoken } from './input-items.js';
import { KeepingOutlet } from './keeping-outlet.js';
import type { ResponseStore } from './response-store.js';

/** What stands between the connections of a provider and its service when responses are kept. */
export interface StoreParts {
  readonly service: Server;
  readonly store: ResponseStore;
  readonly counters: Counters;
  /** Asks other workers. */
  readonly ask: AskAll;
  readonly worker: number;
  /** Which of the providers. */
  readonly provider: number;
  readonly apiKey: string | undefined;
  readonly cors: boolean;
}

const CREATE = /^(?:\/openai)?\/v1\/responses$/;
const STORED = /^(?:\/openai)?\/v1\/responses\/(resp_[^/]+)(?:\/(cancel|input_items))?$/;
/** The digits of a response's id: its worker, and that of its process and its counter. */
const ID = /^resp_bench0{19}([0-9a-f]{4})[0-9a-f]{20}$/;
/** The headers that a request which has to wait for another worker is answered by. */
const HEADERS = ['content-type', 'authorization', 'api-key', 'x-api-key', 'anthropic-version', 'x-bench'];

/**
 * Keeps the responses of `/v1/responses` and answers for them: get, delete, cancel, input items, and what goes on from an earlier one.
 * The worker is in a response's id, so whichever worker is asked asks the one that has it. A mock that keeps none has nothing of this
 * before its service.
 */
export class StoredResponses implements Server {
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  serve(message: Message, outlet: Outlet): void {
    if (message.method === 'POST' && CREATE.test(message.path)) this.#create(message, outlet);
    else if (message.method !== 'OPTIONS' && STORED.test(message.path)) this.#answer(message, outlet);
    else this.#parts.service.serve(message, outlet);
  }

  #create(message: Message, outlet: Outlet): void {
    const { apiKey, service } = this.#parts;
    // Who is not let in learns that, and not what is kept.
    const asked = openAiAdmission(apiKey, 'json')(message) === undefined ? membersIn(message.body) : undefined;
    const previous = asked?.['previous_response_id'];
    if (asked === undefined) service.serve(message, outlet);
    else if (typeof previous === 'string') this.#goOn(message, asked, previous, outlet);
    else this.#serve(message, asked, outlet);
  }

  /** Keeps what is answered, unless the request says that it should not be. */
  #serve(message: Message, asked: Members, outlet: Outlet): void {
    const { service, store } = this.#parts;
    if (asked['store'] === false) {
      service.serve(message, outlet);
      return;
    }
    const input = written(itemsOf(asked['input']));
    if (input === undefined) {
      service.serve(message, outlet);
      return;
    }
    service.serve(message, new KeepingOutlet(outlet, (answer, number) => store.keep(answer, number, input)));
  }

  /** Serves a request as if it had sent the whole conversation up to it. */
  #goOn(message: Message, asked: Members, previous: string, outlet: Outlet): void {
    const later = copied(message);
    this.#await(later, outlet, this.#find(previous, 'get'), (found) => {
      if (found === undefined) {
        this.#refuse(later, outlet, {
          status: 400,
          message: `Previous response with id '${previous}' not found.`,
          param: 'previous_response_id',
          code: 'previous_response_not_found',
        });
        return;
      }
      const [before, then] = [history(found.input, found.response), itemsOf(asked['input'])];
      const body = written({ ...asked, input: [...spoken(before), ...then] });
      this.#serve(
        { ...later, body: Buffer.from(body ?? later.body) },
        { ...asked, input: [...before, ...then] },
        outlet,
      );
    });
  }

  #answer(message: Message, outlet: Outlet): void {
    const { apiKey } = this.#parts;
    const [, id = '', part] = STORED.exec(message.path) ?? [];
    const refused = openAiAdmission(apiKey, 'nothing')(message);
    if (refused !== undefined) {
      this.#give(message, outlet, refused);
      return;
    }
    const allowed = part === undefined ? ['GET', 'HEAD', 'DELETE'] : part === 'cancel' ? ['POST'] : ['GET', 'HEAD'];
    const later = copied(message);
    const { method, path, query } = later;
    if (!allowed.includes(method)) {
      const headers = [['Allow', allowed.join(', ')]] as const;
      this.#refuse(later, outlet, { status: 405, message: `Not allowed to ${method} on ${path}.`, headers });
      return;
    }
    this.#await(later, outlet, this.#find(id, method === 'DELETE' ? 'delete' : 'get'), (found) => {
      this.#give(later, outlet, told(found, id, method, part, query));
    });
  }

  /** The response of any worker; one that was deleted is found for the last time. */
  async #find(id: string, what: 'get' | 'delete'): Promise<StoredResponse | undefined> {
    const { worker: own, store, ask, provider } = this.#parts;
    const digits = ID.exec(id)?.[1];
    const worker = digits === undefined ? own : Number.parseInt(digits, 16);
    if (worker !== own) {
      const { reports } = await ask({ about: 'stored', worker, provider, id, what });
      return reports.find(({ stored }) => stored !== undefined)?.stored;
    }
    const found = store.find(id);
    if (what === 'delete') store.delete(id);
    return found;
  }

  /** Goes on with what is found, unless the client is gone by then; what is thrown meanwhile is the answer, and ends no worker. */
  #await<T>(message: Message, outlet: Outlet, promise: Promise<T>, then: (value: T) => void): void {
    let lost = false;
    outlet.whenLost(() => {
      lost = true;
    });
    void promise
      .then((value) => {
        if (!lost) then(value);
      })
      .catch((error: unknown) => {
        const { method, path } = message;
        const failure = error instanceof ApiFailure ? error.error : ownFailure(`${method} ${path}`, error);
        if (!lost) this.#refuse(message, outlet, failure);
      });
  }

  #refuse(message: Message, outlet: Outlet, error: ApiError): void {
    this.#give(message, outlet, openAiError(error));
  }

  #give({ method, path }: Message, outlet: Outlet, answer: Reply): void {
    const { counters, cors } = this.#parts;
    counters.requests++;
    if (answer.status >= 400) counters.refusals.add(method, path, answer.status);
    outlet.send(cors ? readable(answer) : answer, atOnce(nextAnswer()));
  }
}

/**
 * What is said of a response.
 * @throws {ApiFailure}
 */
function told(
  found: StoredResponse | undefined,
  id: string,
  method: string,
  part: string | undefined,
  query: string,
): Reply {
  if (found === undefined) throw new ApiFailure({ status: 404, message: `Response with id '${id}' not found.` });
  if (part === 'cancel') throw new ApiFailure({ status: 400, message: 'Cannot cancel a synchronous response.' });
  if (part === 'input_items') return json(JSON.stringify(inputPage(found.input, id, query)));
  if (method === 'DELETE') return json(JSON.stringify({ id, object: 'response', deleted: true }));
  if (new URLSearchParams(query).get('stream') === 'true') {
    const message = 'This response cannot be streamed because it was not created with background=true.';
    throw new ApiFailure({ status: 400, message, param: 'stream' });
  }
  return json(found.response);
}

function json(text: string): Reply {
  return reply(200, OPENAI_JSON_HEADERS, Buffer.from(text));
}

/** A message that outlives its request. */
function copied(message: Message): Message {
  const { method, path, query, body } = message;
  const headers = new Map(HEADERS.map((name) => [name, message.header(name)]));
  return { method, path, query, header: (name) => headers.get(name), body: Buffer.from(body) };
}

/** A value as JSON; undefined for one that is nested deeper than can be written. */
function written(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The members of a body, undefined when it is no JSON object: whoever serves it says so. */
function membersIn(body: Buffer): Members | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isMembers(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
