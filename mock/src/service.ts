import { ApiFailure, type ApiRequest, type Endpoint, type ErrorShape } from './api/endpoint.js';
import type { EndpointTable } from './api/table.js';
import type { Behaviour } from './faults/behaviour.js';
import { overlay } from './faults/behaviour.js';
import { bodyDirective, DirectiveError, parseDirective, type Directive } from './faults/directive.js';
import type { Counters } from './counters.js';
import { sendBurst } from './stream/burst.js';
import { PacedStream } from './stream/paced.js';
import type { Wheel } from './stream/wheel.js';
import { hash32, hashShare, seededRandom, type Random } from './timing/seeded.js';
import { JsonObject } from './wire/json.js';
import type { Outlet } from './wire/outlet.js';
import type { Answer, Reply } from './wire/reply.js';

/** A request as a connection hands it over. */
export type Message = Omit<ApiRequest, 'json' | 'tokens'>;

/** Answers `/__bench/…`, which may take a while because other workers are asked. */
export type ControlHandler = (message: Message, socketIsLocal: boolean) => Promise<Reply>;

/** What a service needs of its worker. */
export interface ServiceParts {
  readonly table: EndpointTable;
  readonly wheel: Wheel;
  readonly counters: Counters;
  readonly control: ControlHandler;
  readonly seed: number;
  /** This worker's place, 0 and up, among `workers`. */
  readonly worker: number;
  readonly workers: number;
}

/** Answers requests, whichever way they came in: finds the endpoint, obeys the wishes, plays the latency. */
export class Service {
  /** How requests are answered that wish nothing. */
  behaviour: Behaviour;
  readonly #parts: ServiceParts;
  readonly #json = new JsonObject();

  constructor(behaviour: Behaviour, parts: ServiceParts) {
    this.behaviour = behaviour;
    this.#parts = parts;
  }

  /** Answers one request. Nothing of the message is used after this returns. */
  serve(message: Message, outlet: Outlet): void {
    const { table, counters } = this.#parts;
    const endpoint = table.find(message.method, message.path);
    counters.requests++;
    if (endpoint?.played === true) this.#play(endpoint, message, outlet);
    else if (endpoint !== undefined) this.#send(this.#answer(endpoint, message, undefined), outlet);
    else if (message.path.startsWith('/__bench/')) this.#control(message, outlet);
    else {
      const { error, shape } = table.missing(message.method, message.path);
      this.#send(shape(error), outlet);
    }
  }

  #play(endpoint: Endpoint, message: Message, outlet: Outlet): void {
    let wishes: Directive;
    try {
      wishes = readWishes(message);
    } catch (error) {
      if (!(error instanceof DirectiveError)) throw error;
      this.#send(endpoint.errors({ status: 400, message: error.message, code: 'bench_marker' }), outlet);
      return;
    }
    const behaviour = wishes === NO_WISHES ? this.behaviour : overlay(this.behaviour, wishes);
    const key = wishes.id ?? this.#requestIndex();
    const answer = this.#fails(behaviour, key)
      ? endpoint.errors({ status: behaviour.errorStatus, message: 'simulated upstream failure' })
      : this.#answer(endpoint, message, behaviour.tokens);
    this.#deliver(answer, behaviour, key, outlet);
  }

  /** Drawn from the id, so that a request's fate does not depend on the worker it meets. */
  #fails(behaviour: Behaviour, key: string | number): boolean {
    if (behaviour.errorRate === 0) return false;
    return behaviour.errorRate === 1 || hashShare(this.#parts.seed, key) < behaviour.errorRate;
  }

  /** Unlike any other request's of any worker. */
  #requestIndex(): number {
    return this.#parts.counters.requests * this.#parts.workers + this.#parts.worker;
  }

  #answer(endpoint: Endpoint, message: Message, tokens: number | undefined): Answer {
    const json = this.#json;
    const refused = endpoint.refuses?.(message);
    if (refused !== undefined) return endpoint.errors(refused);
    if (endpoint.takes === 'json') {
      const problem = bodyProblem(json, message.body);
      if (problem !== undefined) return endpoint.errors({ status: 400, message: problem });
    }
    try {
      return endpoint.answer(new Request(message, json, tokens));
    } catch (error) {
      if (error instanceof ApiFailure) return endpoint.errors(error.error);
      // JSON can be nested deeper than it can be written again; that must not end the worker.
      if (error instanceof RangeError) return endpoint.errors({ status: 400, message: TOO_DEEP });
      throw error;
    }
  }

  #deliver(answer: Answer, behaviour: Behaviour, key: string | number, outlet: Outlet): void {
    const { wheel, counters, seed } = this.#parts;
    if (answer.kind === 'reply') {
      if (behaviour.plainLatency.zero) this.#send(answer, outlet);
      else this.#sendLater(answer, behaviour.plainLatency.sampleMs(this.#random(key)), outlet);
    } else if (behaviour.ttft.zero && behaviour.gap.zero) {
      this.#send(answer, outlet);
    } else {
      const { ttft, gap } = behaviour;
      void new PacedStream(answer, outlet, wheel, { ttft, gap, random: seededRandom(hash32(seed, key)) }, counters);
    }
  }

  #random(key: string | number): Random {
    return seededRandom(hash32(this.#parts.seed, key));
  }

  #sendLater(answer: Reply, ms: number, outlet: Outlet): void {
    let lost = false;
    outlet.whenLost(() => {
      lost = true;
    });
    this.#parts.wheel.add({
      dueMs: performance.now() + ms,
      fire: () => {
        if (!lost) this.#send(answer, outlet);
      },
    });
  }

  #send(answer: Answer, outlet: Outlet): void {
    if (answer.kind === 'reply') outlet.send(answer);
    else if (answer.bytes === undefined) sendBurst(answer, outlet);
    else outlet.sendStream(answer);
  }

  #control(message: Message, outlet: Outlet): void {
    const local = isLoopback(outlet.socket.remoteAddress);
    const { shape } = this.#parts.table.missing(message.method, message.path);
    this.#parts.control(message, local).then(
      (answer) => outlet.send(answer),
      (error: unknown) => outlet.send(controlFailure(error, shape)),
    );
  }
}

/** What an endpoint gets to see. */
class Request implements ApiRequest {
  readonly json: JsonObject;
  readonly tokens: number | undefined;
  readonly #message: Message;

  constructor(message: Message, json: JsonObject, tokens: number | undefined) {
    this.#message = message;
    this.json = json;
    this.tokens = tokens;
  }

  get method(): string {
    return this.#message.method;
  }

  get path(): string {
    return this.#message.path;
  }

  get query(): string {
    return this.#message.query;
  }

  get body(): Buffer {
    return this.#message.body;
  }

  header(name: string): string | undefined {
    return this.#message.header(name);
  }
}

const NO_WISHES: Directive = {};
const TOO_DEEP = 'The body of your request is nested too deeply.';

/** The header's wishes with the marker's laid over them. */
function readWishes(message: Message): Directive {
  const header = message.header('x-bench');
  const marker = bodyDirective(message.body);
  if (header !== undefined) return { ...parseDirective(header), ...marker };
  return marker ?? NO_WISHES;
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
