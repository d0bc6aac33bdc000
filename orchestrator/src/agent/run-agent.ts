import { randomBytes } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import { type AgentClock, timeBy } from './agent-clock.js';
import { BenchError, messageOf } from '../errors.js';
import type { Driver } from '../load/driver.js';
import type { NativeOptions } from '../load/native/plan-lanes.js';
import { VERSION } from '../version.js';
import { runShare } from './load-duty.js';
import { OrchestratorLine, RefusedError } from './orchestrator-line.js';
import { WatchDuty } from './watch-duty.js';
import { type Duty, type Hello, type LoadOrder, type Order, orderSchema, PROTOCOL } from './wire.js';

/** What an agent is started with. */
export interface AgentOptions {
  readonly orchestrator: URL;
  readonly token: string;
  readonly duty: Duty;
  /** Which of its duty, from 0. */
  readonly index: number;
  /** Without a word from the orchestrator for so long it gives up. */
  readonly patienceMs: number;
  /** Makes the load; asked for each time, since the options are of the order. */
  readonly driver: (options: NativeOptions) => Driver;
  readonly clock: AgentClock;
  readonly tell: (line: string) => void;
}

/**
 * Does what the orchestrator orders until that says that the run is over.
 * @throws RefusedError `token-refused`, `agent-twice`, `agent-version`; BenchError `orchestrator-gone`; the signal's reason
 */
export async function runAgent(options: AgentOptions, signal: AbortSignal): Promise<void> {
  const { orchestrator, token, duty, index, patienceMs, clock, tell } = options;
  const session = randomBytes(8).toString('hex');
  const agent = `${duty}/${index}`;
  const ends = { orchestrator, token, agent, session, patienceMs, nowUs: () => timeBy(clock) };
  const line = new OrchestratorLine(ends);
  const duties = new Duties(options, line, signal);
  try {
    const hello: Hello = {
      protocol: PROTOCOL,
      version: VERSION,
      duty,
      index,
      session,
      clockDomain: clock.domain,
      host: { name: hostname(), cpus: availableParallelism() },
    };
    await line.ask('POST', '/v1/hello', hello, signal);
    tell(`agent ${agent}: at the orchestrator's disposal`);
    for (let heard = 0; ; ) {
      const said = await line.ask('GET', `/v1/orders?after=${heard}`, undefined, signal);
      if (said === null) continue;
      const order = orderSchema.parse(said);
      heard = order.number;
      if (order.kind === 'end') return;
      duties.begin(order);
    }
  } finally {
    await duties.close();
    line.close();
  }
}

/** What the agent does at the moment, beside asking for orders. */
class Duties {
  readonly #options: AgentOptions;
  readonly #line: OrchestratorLine;
  readonly #signal: AbortSignal;
  readonly #watch: WatchDuty;
  #trial: { readonly id: string; readonly ended: AbortController; readonly done: Promise<void> } | null = null;

  constructor(options: AgentOptions, line: OrchestratorLine, signal: AbortSignal) {
    this.#options = options;
    this.#line = line;
    this.#signal = signal;
    this.#watch = new WatchDuty(line, options.clock, signal);
  }

  begin(order: Exclude<Order, { kind: 'end' }>): void {
    if (order.kind === 'watch') this.#watch.begin(order);
    else if (order.kind === 'unwatch') this.#watch.end(order.watch);
    else if (order.kind === 'load') this.#trial = this.#load(order);
    else if (this.#trial?.id === order.trial) this.#trial.ended.abort(voidElsewhere(order.trial));
  }

  async close(): Promise<void> {
    this.#trial?.ended.abort(new BenchError({ code: 'interrupted', message: 'the agent ends' }));
    await this.#trial?.done;
    await this.#watch.close();
  }

  #load(order: LoadOrder) {
    const earlier = this.#trial;
    earlier?.ended.abort(voidElsewhere(earlier.id));
    const ended = new AbortController();
    const done = (async () => {
      await earlier?.done;
      await this.#share(order, AbortSignal.any([this.#signal, ended.signal]));
    })();
    return { id: order.trial, ended, done };
  }

  /** One share from its order to its rows. Whatever goes wrong with it is told to the orchestrator, and the agent goes on. */
  async #share(order: LoadOrder, signal: AbortSignal): Promise<void> {
    const { tell, clock, driver } = this.#options;
    const { of, nth } = order.share;
    tell(`agent ${nth} of ${of}: trial ${order.trial}`);
    try {
      await runShare(order, { line: this.#line, clock, driver }, signal);
    } catch (thrown) {
      if (signal.aborted || (thrown instanceof RefusedError && thrown.status === 410)) return;
      const { code = 'agent-failed' } = thrown as { readonly code?: string };
      tell(`agent ${nth} of ${of}: ${messageOf(thrown)}`);
      const said = { code: thrown instanceof BenchError ? code : 'agent-failed', message: messageOf(thrown) };
      // Where the orchestrator cannot be told, it has missed this agent by now.
      await this.#line.ask('POST', `/v1/trials/${order.trial}/failed`, said, signal).catch(() => {});
    }
  }
}

function voidElsewhere(trial: string): BenchError {
  return new BenchError({ code: 'trial-void', message: `the orchestrator called trial ${trial} off` });
}
