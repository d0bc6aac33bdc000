import { type ApiError, ApiFailure, type Endpoint } from '../api/endpoint.js';
import { openAiError } from '../api/openai-error.js';
import type { EndpointTable } from '../api/table.js';
import { bodyProblem } from './body-problem.js';
import { CurrentRequest, type AnswerManner } from './current-request.js';
import { Delivery } from './delivery.js';
import { Exchange, type ExchangeParts } from './exchange.js';
import { LastAnswer } from './last-answer.js';
import { overlay, type Behaviour } from '../faults/behaviour.js';
import { changesNothing, DirectiveError, wishesOf, type Directive } from '../faults/directive.js';
import type { Fault } from '../faults/fault.js';
import { failing, overloaded } from '../faults/failing.js';
import type { LimitVerdict, RateLimits } from '../faults/limits.js';
import type { FaultPlan } from '../faults/plan.js';
import type { Received } from './received.js';
import type { Ledger } from '../ledger/ledger.js';
import { NO_LATENCY } from '../timing/latency.js';
import { hash32, seededRandom } from '../timing/seeded.js';
import { nextAnswer } from '../wire/answer-id.js';
import { connectionNumber } from '../wire/connection-number.js';
import type { Message } from '../wire/message.js';
import type { Outlet } from '../wire/outlet.js';
import { reheaded, type Answer, type Reply } from '../wire/reply.js';
import { atOnce } from '../wire/stamp.js';

/** Answers `/__bench/…`, which may take a while because other workers are asked. */
export type ControlHandler = (message: Message, socketIsLocal: boolean) => Promise<Reply>;

/** What a service needs of its worker. */
export interface ServiceParts extends ExchangeParts {
  readonly table: EndpointTable;
  readonly ledger: Ledger;
  readonly received: Received;
  readonly control: ControlHandler;
  /** This worker's place, 0 and up, among `workers`. */
  readonly worker: number;
  readonly workers: number;
}

/** How a worker behaves now. */
export interface Conduct {
  readonly behaviour: Behaviour;
  readonly plan: FaultPlan;
  readonly limits: RateLimits | undefined;
  readonly capacity: ExchangeParts['capacity'];
  /** Where records of the ledger belong (`placeOf`). */
  readonly place: number;
}

/** A request that is to be answered, and how. */
interface Asked {
  readonly endpoint: Endpoint;
  /** What it is answered when nothing goes wrong. */
  readonly meant: Answer;
  readonly behaviour: Behaviour;
  /** What its random draws come from: its id, or its number. */
  readonly key: string | number;
  readonly delivery: Delivery;
}

/** Answers requests, whichever way they came in: finds the endpoint, obeys the wishes, plays latency and faults. */
export class Service {
  /** May be changed at any time; what has begun goes on as it was. */
  conduct: Conduct;
  readonly #parts: Omit<ServiceParts, 'capacity'>;
  readonly #request = new CurrentRequest();
  readonly #last = new Map<Endpoint, LastAnswer>();

  constructor(conduct: Conduct, parts: Omit<ServiceParts, 'capacity'>) {
    this.conduct = conduct;
    this.#parts = parts;
  }

  /** Answers one request. Nothing of the message is used after this returns. */
  serve(message: Message, outlet: Outlet): void {
    const { table, counters, wheel } = this.#parts;
    wheel.catchUp();
    const endpoint = table.find(message.method, message.path);
    const answer = nextAnswer();
    // Whoever watches the mock asks it between the requests of others, and is none of them.
    if (endpoint === undefined && message.path.startsWith('/__bench/')) {
      this.#control(message, outlet, answer);
      return;
    }
    counters.requests++;
    if (endpoint?.played === true) this.#play(endpoint, message, outlet, answer);
    else if (endpoint !== undefined)
      this.#give(this.#answer(endpoint, message, this.conduct.behaviour), this.#delivery(outlet, answer, undefined));
    else {
      const missing = table.missing(message);
      if (missing.status >= 400) counters.refusals.add(message.method, message.path, missing.status);
      outlet.send(missing, atOnce(answer));
    }
  }

  #play(endpoint: Endpoint, message: Message, outlet: Outlet, answer: number): void {
    let wishes: Directive;
    try {
      wishes = wishesOf(message.header('x-bench'), message.body);
    } catch (error) {
      if (!(error instanceof DirectiveError)) throw error;
      outlet.send(endpoint.errors({ status: 400, message: error.message, code: 'bench_marker' }), atOnce(answer));
      return;
    }
    const { behaviour: settings, limits } = this.conduct;
    const behaviour = changesNothing(wishes) ? settings : overlay(settings, wishes);
    const key = wishes.id ?? this.#requestIndex();
    if (wishes.keep === true && wishes.id !== undefined) this.#parts.received.keep(wishes.id, message);
    const delivery = this.#delivery(outlet, answer, wishes.id);
    const meant = this.#answer(endpoint, message, behaviour);
    const asked = { endpoint, meant, behaviour, key, delivery };
    const { path } = message;
    if (limits === undefined || endpoint.limits === undefined) this.#choose(asked, wishes, path);
    else {
      const cost = this.#tokensOf(meant, message.body);
      void limits.take(cost).then((verdict) => this.#within(verdict, asked, wishes, path));
    }
  }

  #choose(asked: Asked, wishes: Directive, path: string): void {
    const { delivery } = asked;
    const fault = this.conduct.plan.choose(asked.behaviour, wishes, asked.key, path);
    if (fault instanceof Promise) {
      void fault.then((chosen) => {
        if (delivery.outlet.socket.destroyed) delivery.lost();
        else this.#perform(asked, chosen);
      });
    } else this.#perform(asked, fault);
  }

  /** Goes on with a request that was counted, or refuses it as one too many. Every answer tells what is left. */
  #within({ reading, exceeded }: LimitVerdict, asked: Asked, wishes: Directive, path: string): void {
    const { endpoint, meant, delivery } = asked;
    if (delivery.outlet.socket.destroyed) {
      delivery.lost();
      return;
    }
    const headers = endpoint.limits?.headers(reading) ?? [];
    const quota = exceeded === undefined ? undefined : reading[exceeded];
    if (exceeded === undefined || quota === undefined) {
      this.#choose({ ...asked, meant: reheaded(meant, headers) }, wishes, path);
      return;
    }
    delivery.fails({ kind: 'rate-limit', value: 0 });
    const refusal = endpoint.limits?.exceeded(exceeded, quota) ?? endpoint.overloaded;
    this.#give(reheaded(endpoint.errors(refusal), headers), delivery);
  }

  /** What a request may cost: a token for each four bytes of what was sent, and as many as it asks for. */
  #tokensOf(meant: Answer, body: Buffer): number {
    const { json } = this.#request;
    const asked = meant.status >= 400 ? undefined : MAX_TOKENS_MEMBERS.map((name) => json.number(name)).find(Boolean);
    return Math.ceil(body.length / 4) + (asked ?? 0);
  }

  #delivery(outlet: Outlet, answer: number, id: string | undefined): Delivery {
    const { ledger, counters } = this.#parts;
    const entry =
      id === undefined
        ? undefined
        : ledger.begin(id, answer, outlet.arrivedMs, connectionNumber(outlet.socket), this.conduct.place);
    return new Delivery(outlet, answer, entry, counters);
  }

  /** Unlike that of any other request of any worker; the one in a dead worker's place begins anew. */
  #requestIndex(): number {
    return this.#parts.counters.requests * this.#parts.workers + this.#parts.worker;
  }

  /** What the endpoint says; an error that nobody asked to be played is noted. */
  #answer(endpoint: Endpoint, message: Message, manner: AnswerManner): Answer {
    const answer = this.#answerOf(endpoint, message, manner);
    if (answer.status >= 400) this.#parts.counters.refusals.add(message.method, message.path, answer.status);
    return answer;
  }

  #answerOf(endpoint: Endpoint, message: Message, manner: AnswerManner): Answer {
    const request = this.#request;
    const refused = endpoint.refuses?.(message);
    if (refused !== undefined) return refused;
    const last = this.#lastOf(endpoint);
    const again = last?.find(message, manner);
    if (again !== undefined) return again;
    if (endpoint.takes === 'json') {
      const problem = bodyProblem(request.json, message.body);
      if (problem !== undefined) return endpoint.errors({ status: 400, message: problem });
    }
    try {
      request.become(message, manner);
      const answer = endpoint.answer(request);
      last?.keep(message, manner, request.json, answer);
      return answer;
    } catch (error) {
      if (error instanceof ApiFailure) return endpoint.errors(error.error);
      // JSON can be nested deeper than it can be written again; that must not end the worker.
      if (error instanceof RangeError) return endpoint.errors({ status: 400, message: TOO_DEEP });
      return endpoint.errors(ownFailure(`${endpoint.method} ${endpoint.path}`, error));
    }
  }

  /** Undefined where each request has to be read: what it may cost under a limit stands in it. */
  #lastOf(endpoint: Endpoint): LastAnswer | undefined {
    if (endpoint.wordsIn === undefined || this.conduct.limits !== undefined) return undefined;
    let last = this.#last.get(endpoint);
    if (last === undefined) this.#last.set(endpoint, (last = new LastAnswer(endpoint.wordsIn)));
    return last;
  }

  #perform({ endpoint, meant, behaviour, key, delivery }: Asked, chosen: Fault | undefined): void {
    const { capacity } = this.conduct;
    const wrong = chosen === undefined ? undefined : failing(endpoint, meant, chosen);
    const answer = wrong ?? meant;
    const fault = wrong === undefined ? undefined : chosen;
    const latency = answer.kind === 'reply' ? behaviour.plainLatency : behaviour.ttft;
    const gap = answer.kind === 'reply' ? NO_LATENCY : behaviour.gap;
    if (fault !== undefined) delivery.fails(fault);
    else if (latency.zero && gap.zero && capacity === undefined) {
      this.#give(answer, delivery);
      return;
    }
    const random = seededRandom(hash32(behaviour.seed, key));
    const manner = { latency, gap, random, fault, overloaded: () => overloaded(endpoint) };
    void new Exchange(answer, manner, delivery, { ...this.#parts, capacity });
  }

  /** Gives an answer at once. */
  #give(answer: Answer, delivery: Delivery): void {
    if (answer.kind === 'reply' || answer.bytes !== undefined) {
      delivery.whole(answer);
      return;
    }
    const manner = {
      latency: NO_LATENCY,
      gap: NO_LATENCY,
      random: Math.random,
      fault: undefined,
      overloaded: () => answer,
    };
    void new Exchange(answer, manner, delivery, { ...this.#parts, capacity: undefined });
  }

  #control(message: Message, outlet: Outlet, number: number): void {
    const local = isLoopback(outlet.socket.remoteAddress);
    let lost = false;
    outlet.whenLost(() => {
      lost = true;
    });
    this.#parts.control(message, local).then(
      (answer) => lost || outlet.send(answer, atOnce(number)),
      (error: unknown) => lost || outlet.send(controlFailure(error), atOnce(number)),
    );
  }
}

const MAX_TOKENS_MEMBERS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'];

const TOO_DEEP = 'The body of your request is nested too deeply.';

/** A fault of ours, but the other connections of this worker have no part in it: told on standard error, and to who asked. */
export function ownFailure(what: string, error: unknown): ApiError {
  process.stderr.write(`${what}: ${(error as Error).stack}\n`);
  return { status: 500, message: 'The mock failed to answer; its standard error says why.' };
}

function controlFailure(error: unknown): Reply {
  if (error instanceof ApiFailure) return openAiError(error.error);
  return openAiError({ status: 500, message: (error as Error).message });
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (/^(::ffff:)?127\./.test(address) || address === '::1');
}
