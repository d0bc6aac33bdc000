import { ApiFailure, type Endpoint, type ErrorShape } from './api/endpoint.js';
import type { EndpointTable } from './api/table.js';
import { CurrentRequest, type Message } from './current-request.js';
import { Exchange, type ExchangeParts } from './exchange.js';
import { overlay, type Behaviour } from './faults/behaviour.js';
import { changesNothing, DirectiveError, wishesOf, type Directive } from './faults/directive.js';
import type { Fault } from './faults/fault.js';
import type { FaultPlan } from './faults/plan.js';
import type { Ledger, LedgerEntry } from './ledger/ledger.js';
import { NO_LATENCY } from './timing/latency.js';
import { hash32, seededRandom } from './timing/seeded.js';
import { connectionNumber } from './wire/connection-number.js';
import type { JsonObject } from './wire/json.js';
import type { Outlet } from './wire/outlet.js';
import type { Answer, Reply } from './wire/reply.js';

/** Answers `/__bench/…`, which may take a while because other workers are asked. */
export type ControlHandler = (message: Message, socketIsLocal: boolean) => Promise<Reply>;

/** What a service needs of its worker. */
export interface ServiceParts extends ExchangeParts {
  readonly table: EndpointTable;
  readonly ledger: Ledger;
  readonly control: ControlHandler;
  /** This worker's place, 0 and up, among `workers`. */
  readonly worker: number;
  readonly workers: number;
}

/** How a worker behaves now. */
export interface Conduct {
  readonly behaviour: Behaviour;
  readonly plan: FaultPlan;
  readonly capacity: ExchangeParts['capacity'];
}

/** Answers requests, whichever way they came in: finds the endpoint, obeys the wishes, plays latency and faults. */
export class Service {
  /** May be changed at any time; what has begun goes on as it was. */
  conduct: Conduct;
  readonly #parts: Omit<ServiceParts, 'capacity'>;
  readonly #request = new CurrentRequest();

  constructor(conduct: Conduct, parts: Omit<ServiceParts, 'capacity'>) {
    this.conduct = conduct;
    this.#parts = parts;
  }

  /** Answers one request. Nothing of the message is used after this returns. */
  serve(message: Message, outlet: Outlet): void {
    const { table, counters, wheel } = this.#parts;
    wheel.catchUp();
    const endpoint = table.find(message.method, message.path);
    counters.requests++;
    if (endpoint?.played === true) this.#play(endpoint, message, outlet);
    else if (endpoint !== undefined) this.#give(this.#answer(endpoint, message, undefined), outlet, undefined);
    else if (message.path.startsWith('/__bench/')) this.#control(message, outlet);
    else {
      const { error, shape } = table.missing(message.method, message.path);
      outlet.send(shape(error));
    }
  }

  #play(endpoint: Endpoint, message: Message, outlet: Outlet): void {
    let wishes: Directive;
    try {
      wishes = wishesOf(message.header('x-bench'), message.body);
    } catch (error) {
      if (!(error instanceof DirectiveError)) throw error;
      outlet.send(endpoint.errors({ status: 400, message: error.message, code: 'bench_marker' }));
      return;
    }
    const entry =
      wishes.id === undefined
        ? undefined
        : this.#parts.ledger.begin(wishes.id, outlet.arrivedMs, connectionNumber(outlet.socket));
    const { behaviour: settings, plan } = this.conduct;
    const behaviour = changesNothing(wishes) ? settings : overlay(settings, wishes);
    const key = wishes.id ?? this.#requestIndex();
    const answer = this.#answer(endpoint, message, behaviour.tokens);
    const fault = plan.choose(behaviour, wishes, key, message.path);
    if (fault instanceof Promise) {
      void fault.then((chosen) => {
        if (outlet.socket.destroyed) this.#flushed(entry, false);
        else this.#perform(endpoint, answer, behaviour, chosen, key, outlet, entry);
      });
    } else this.#perform(endpoint, answer, behaviour, fault, key, outlet, entry);
  }

  /** Unlike any other request's of any worker. */
  #requestIndex(): number {
    return this.#parts.counters.requests * this.#parts.workers + this.#parts.worker;
  }

  #answer(endpoint: Endpoint, message: Message, tokens: number | undefined): Answer {
    const request = this.#request;
    const refused = endpoint.refuses?.(message);
    if (refused !== undefined) return endpoint.errors(refused);
    if (endpoint.takes === 'json') {
      const problem = bodyProblem(request.json, message.body);
      if (problem !== undefined) return endpoint.errors({ status: 400, message: problem });
    }
    try {
      request.become(message, tokens);
      return endpoint.answer(request);
    } catch (error) {
      if (error instanceof ApiFailure) return endpoint.errors(error.error);
      // JSON can be nested deeper than it can be written again; that must not end the worker.
      if (error instanceof RangeError) return endpoint.errors({ status: 400, message: TOO_DEEP });
      // A fault of ours, but the other connections of this worker have no part in it.
      process.stderr.write(`${endpoint.method} ${endpoint.path}: ${(error as Error).stack}\n`);
      return endpoint.errors({ status: 500, message: 'The mock failed to answer; its standard error says why.' });
    }
  }

  #perform(
    endpoint: Endpoint,
    meant: Answer,
    behaviour: Behaviour,
    fault: Fault | undefined,
    key: string | number,
    outlet: Outlet,
    entry: LedgerEntry | undefined,
  ): void {
    const { counters } = this.#parts;
    const { capacity } = this.conduct;
    const answer = fault === undefined ? meant : (spokenFault(endpoint, fault) ?? meant);
    const latency = answer.kind === 'reply' ? behaviour.plainLatency : behaviour.ttft;
    const gap = answer.kind === 'reply' ? NO_LATENCY : behaviour.gap;
    if (fault !== undefined) counters.faults++;
    else if (latency.zero && gap.zero && capacity === undefined) {
      this.#give(answer, outlet, entry);
      return;
    }
    const random = seededRandom(hash32(behaviour.seed, key));
    const overloaded = () =>
      endpoint.errors({ status: 503, message: 'The engine is currently overloaded.', headers: [['Retry-After', '1']] });
    void new Exchange(answer, { latency, gap, random, fault, overloaded }, outlet, entry, { ...this.#parts, capacity });
  }

  /** Gives an answer at once: the path of nearly every request. */
  #give(answer: Answer, outlet: Outlet, entry: LedgerEntry | undefined): void {
    if (answer.kind === 'stream' && answer.bytes === undefined) {
      const manner = {
        latency: NO_LATENCY,
        gap: NO_LATENCY,
        random: Math.random,
        fault: undefined,
        overloaded: () => answer,
      };
      void new Exchange(answer, manner, outlet, entry, { ...this.#parts, capacity: undefined });
      return;
    }
    const frames = answer.kind === 'reply' ? 0 : answer.frames.count;
    const sentMs = entry === undefined ? 0 : performance.now();
    const bytes = answer.kind === 'reply' ? outlet.send(answer) : outlet.sendStream(answer);
    this.#parts.counters.frames += frames;
    if (entry === undefined) return;
    entry.sent(answer.status, frames, bytes, sentMs);
    if (outlet.flushed) entry.end('complete');
    else outlet.whenFlushed((taken) => this.#flushed(entry, taken));
  }

  #flushed(entry: LedgerEntry | undefined, taken: boolean): void {
    if (taken) entry?.flushed();
    else this.#parts.counters.aborted++;
    entry?.end(taken ? 'complete' : 'aborted');
  }

  #control(message: Message, outlet: Outlet): void {
    const local = isLoopback(outlet.socket.remoteAddress);
    const { shape } = this.#parts.table.missing(message.method, message.path);
    let lost = false;
    outlet.whenLost(() => {
      lost = true;
    });
    this.#parts.control(message, local).then(
      (answer) => lost || outlet.send(answer),
      (error: unknown) => lost || outlet.send(controlFailure(error, shape)),
    );
  }
}

const TOO_DEEP = 'The body of your request is nested too deeply.';

/** The answer of a fault that is spoken in the provider's own words. */
function spokenFault(endpoint: Endpoint, { kind, value }: Fault): Answer | undefined {
  if (kind === 'error') return endpoint.errors({ status: value, message: 'simulated upstream failure' });
  if (kind !== 'rate-limit') return undefined;
  const headers = [['Retry-After', String(value)]] as const;
  return endpoint.errors({
    status: 429,
    message: 'Rate limit reached (simulated).',
    code: 'rate_limit_exceeded',
    headers,
  });
}

function bodyProblem(json: JsonObject, body: Buffer): string | undefined {
  const kind = json.read(body);
  if (kind === 'object') return undefined;
  return kind === 'other'
    ? 'The body of your request must be a JSON object.'
    : 'We could not parse the JSON body of your request.';
}

function controlFailure(error: unknown, shape: ErrorShape): Reply {
  if (error instanceof ApiFailure) return shape(error.error);
  return shape({ status: 500, message: (error as Error).message });
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (/^(::ffff:)?127\./.test(address) || address === '::1');
}
