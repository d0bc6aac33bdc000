import { Buffer } from 'node:buffer';
import { Agent, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicUs } from '../clock/clock.js';
import { seededRandom } from '../plan/random.js';
import type { ConductPlan } from './conduct-plan.js';
import { LeftBehind } from './left-behind.js';
import { ProviderChoice } from './provider-choice.js';

/** Statuses of a provider that may be well in a moment; 529 is Anthropic's word for overload. */
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504, 529]);

/** The end of a whole chat stream. */
const FORGED_END =
  'data: {"id":"forged","object":"chat.completion.chunk","created":0,"model":"forged","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

/** What came of one attempt. */
type Attempted =
  /** The client has its answer, or as much of it as there will be. */
  | { readonly over: true }
  /** Nothing of it has gone to the client. */
  | { readonly over: false; readonly failure: Failure };

interface Failure {
  readonly status: number;
  readonly body: Buffer;
  /** As the provider sent it. */
  readonly retryAfter: string | null;
  readonly mayRetry: boolean;
  /** Whose it is; left out: the gateway's own. */
  readonly provider?: { readonly host: string; readonly port: number };
}

/**
 * A gateway in front of several providers that does what a {@link ConductPlan} says: the known truth that rows of conduct are held against.
 * Plain answers are passed on when they are whole, so that one that was cut can be tried again; streams as they come, and never again.
 */
export class RetryingGateway {
  readonly #plan: ConductPlan;
  readonly #choice: ProviderChoice;
  readonly #random: () => number;
  readonly #leftBehind: LeftBehind;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

  constructor(plan: ConductPlan) {
    this.#plan = plan;
    this.#choice = new ProviderChoice(plan.providers.length, plan.breaker);
    this.#random = seededRandom(plan.seed);
    this.#leftBehind = new LeftBehind(plan);
  }

  /** Answers one request. Never rejects: what fails is an answer, or a connection that breaks. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const left = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished && !this.#plan.ignoreAborts) left.abort();
    });
    try {
      await this.#answer(request, response, left.signal);
    } catch {
      // The client left while it was read from, or waited for.
      response.destroy();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, left: AbortSignal): Promise<void> {
    const body = await wholeBody(request);
    const { aside, providers } = this.#plan;
    const isAside = aside !== null && body.includes(`"model":${JSON.stringify(aside)}`);
    const first = this.#first();
    let failure: Failure | null = null;
    for (let attempt = 1; attempt <= this.#plan.attempts; attempt += 1) {
      if (failure !== null) await sleep(this.#pauseMs(attempt, failure), undefined, { signal: left });
      const place = isAside ? providers.length - 1 : this.#choice.next(attempt, monotonicUs(), first);
      if (place === null) {
        failure ??= { status: 503, body: errorBody('every provider is left alone'), retryAfter: '1', mayRetry: false };
        break;
      }
      const attempted = await this.#attempt(place, request, body, response, left);
      if (attempted.over) return;
      failure = attempted.failure;
      if (!failure.mayRetry && !this.#plan.retryEverything) break;
    }
    if (failure === null) return;
    const asked = this.#plan.errors === 'hidden' ? null : failure.retryAfter;
    const retryAfter = asked === null ? {} : { 'retry-after': asked };
    response.writeHead(failure.status, { 'content-type': 'application/json', ...retryAfter }).end(this.#told(failure));
  }

  /** The place of the provider that a request is asked of first. */
  #first(): number {
    const { weights } = this.#plan;
    if (weights === null) return 0;
    let left = this.#random() * weights.reduce((sum, weight) => sum + weight, 0);
    return weights.findIndex((weight) => (left -= weight) < 0);
  }

  /** What a client is told of an error. */
  #told({ body, provider }: Failure): Buffer {
    const { errors } = this.#plan;
    if (errors === 'kept' || provider === undefined) return body;
    if (errors === 'hidden') return errorBody('no answer');
    const where = errors === 'showing' ? ` from ${provider.host}:${provider.port}` : '';
    return errorBody(`the provider said${where}: ${body.toString()}`);
  }

  /** @param attempt the one that it is before, from 2 */
  #pauseMs(attempt: number, { retryAfter }: Failure): number {
    const { gapUs, growth, jitter, honourRetryAfter } = this.#plan;
    const drawn = gapUs * growth ** (attempt - 2) * (1 + jitter * (2 * this.#random() - 1));
    const asked = honourRetryAfter && retryAfter !== null ? 1000 * Number(retryAfter) : 0;
    return Math.max(drawn / 1000, Number.isFinite(asked) ? asked : 0);
  }

  #attempt(
    place: number,
    { method, url, headers }: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    left: AbortSignal,
  ): Promise<Attempted> {
    const provider = this.#plan.providers[place] as ConductPlan['providers'][number];
    return new Promise((resolve) => {
      const end = (attempted: Attempted, isWell: boolean): void => {
        if (left.aborted) this.#choice.forget(place);
        else this.#choice.note(place, isWell, monotonicUs());
        if (!attempted.over) this.#leftBehind.note(provider);
        resolve(attempted);
      };
      const broken = (why: string): void =>
        end({ over: false, failure: { status: 502, body: errorBody(why), retryAfter: null, mayRetry: true } }, false);
      const { host: _, connection: __, ...passed } = headers;
      const asked = httpRequest({ ...provider, method, path: url, headers: passed, agent: this.#agent, signal: left });
      asked.once('error', (error) => broken(error.message));
      asked.once('response', (answer) => {
        const status = answer.statusCode ?? 502;
        if (status === 200 && answer.headers['content-type']?.includes('text/event-stream') === true) {
          this.#passStream(answer, response, (isWell) => end({ over: true }, isWell));
          return;
        }
        wholeBody(answer).then(
          (whole) => {
            const mayRetry = TRANSIENT.has(status);
            if (status >= 400) {
              const retryAfter = answer.headers['retry-after'] ?? null;
              end({ over: false, failure: { status, body: whole, retryAfter, mayRetry, provider } }, !mayRetry);
              return;
            }
            response.writeHead(status, { 'content-type': answer.headers['content-type'] ?? 'application/json' });
            response.end(this.#plan.miscount ? miscounted(whole.toString()) : whole);
            end({ over: true }, true);
          },
          (error: Error) => broken(error.message),
        );
      });
      asked.end(body);
    });
  }

  #passStream(answer: IncomingMessage, response: ServerResponse, end: (isWell: boolean) => void): void {
    const { idleUs, forgeEndings, miscount } = this.#plan;
    let ended = false;
    let line = '';
    const idle = idleUs === 0 ? null : setTimeout(() => answer.destroy(), idleUs / 1000);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.on('data', (bytes: Buffer) => {
      idle?.refresh();
      if (!miscount) {
        response.write(bytes);
        return;
      }
      // By whole lines: what a read cuts in two would be counted rightly.
      const text = line + bytes.toString('latin1');
      const whole = text.lastIndexOf('\n') + 1;
      line = text.slice(whole);
      response.write(miscounted(text.slice(0, whole)), 'latin1');
    });
    answer.once('close', () => {
      if (ended) return;
      ended = true;
      clearTimeout(idle ?? undefined);
      response.write(line, 'latin1');
      if (answer.complete) response.end();
      else if (forgeEndings) response.end(FORGED_END);
      else response.destroy();
      end(answer.complete);
    });
    // Says no more than `close`, and unheard would end the process.
    answer.on('error', () => {});
  }
}

async function wholeBody(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function miscounted(text: string): string {
  return text.replace(/"completion_tokens":\d+/, '"completion_tokens":1');
}

function errorBody(message: string): Buffer {
  return Buffer.from(JSON.stringify({ error: { message: `relay: ${message}`, type: 'relay_error' } }));
}
