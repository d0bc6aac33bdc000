import { request } from 'undici';
import { acceptsConnections } from '../attest/accepts-connections.js';
import type { Service } from '../catalogue/service.js';
import { BenchError, messageOf } from '../errors.js';
import { exitedReason } from '../attest/readiness.js';
import { ownRequests } from '../own-requests.js';
import { pause } from '../pause.js';
import type { Reason } from '../record/reason.js';
import type { RunningService, Runtime, ServiceExit } from '../runtime/runtime.js';

const POLL_MS = 50;
const PROBE_MS = 2000;

/** Helpers that are up, or why they are not and what the one in question printed until then. */
type Started =
  | { readonly helpers: readonly RunningService[]; readonly reason: null }
  | { readonly helpers: readonly []; readonly reason: { readonly reason: Reason; readonly log: string | null } };

interface Occupied {
  readonly running: RunningService;
  users: number;
}

/**
 * What gateways need beside them. A helper is up as long as anybody up needs it, and started afresh for the next: what one gateway left in a
 * store is nobody else's.
 */
export class Helpers {
  readonly #up = new Map<string, Occupied>();
  /** Those that are being stopped: the next one of the name has to wait for its port. */
  readonly #leaving = new Map<string, Promise<void>>();

  /**
   * Starts the helpers of a service, in order, and waits for each.
   * @throws BenchError only what ends the run
   */
  async start(service: Service, runtime: Runtime, signal: AbortSignal): Promise<Started> {
    const started: Service[] = [];
    const helpers: RunningService[] = [];
    for (const helper of service.helpers ?? []) {
      const arrival = await this.#startOne(helper, runtime, signal).catch(async (thrown: unknown) => {
        await this.release({ ...service, helpers: started });
        throw thrown;
      });
      if ('reason' in arrival) {
        await this.release({ ...service, helpers: started });
        const message = `its helper ${helper.name} cannot be used: ${arrival.reason.message}`;
        return { helpers: [], reason: { reason: { code: 'helper-not-ready', message }, log: arrival.log } };
      }
      started.push(helper);
      helpers.push(arrival.running);
    }
    return { helpers, reason: null };
  }

  /** A service is down: its helpers go unless another one needs them, the last started first. */
  async release({ helpers = [] }: Service): Promise<void> {
    for (const { name } of helpers.toReversed()) {
      const occupied = this.#up.get(name);
      if (occupied === undefined) continue;
      occupied.users -= 1;
      if (occupied.users > 0) continue;
      this.#up.delete(name);
      const gone = occupied.running.stop().finally(() => this.#leaving.delete(name));
      this.#leaving.set(name, gone);
      await gone;
    }
  }

  /** Stops all of them, whoever needs them. */
  async close(): Promise<void> {
    const everybody = [...this.#up.values()].map(({ running }) => running.stop());
    this.#up.clear();
    await Promise.allSettled([...this.#leaving.values(), ...everybody]);
  }

  async #startOne(
    helper: Service,
    runtime: Runtime,
    signal: AbortSignal,
  ): Promise<{ readonly running: RunningService } | { readonly reason: Reason; readonly log: string | null }> {
    await this.#leaving.get(helper.name);
    const there = this.#up.get(helper.name);
    if (there !== undefined) {
      there.users += 1;
      return there;
    }
    let running: RunningService;
    try {
      running = await runtime.start(helper, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof BenchError) || thrown.code === 'engine-gone') throw thrown;
      return { reason: { code: thrown.code, message: messageOf(thrown) }, log: null };
    }
    try {
      const reason = await waitUp(running, helper, runtime, signal);
      if (reason === null) {
        this.#up.set(helper.name, { running, users: 1 });
        return { running };
      }
      const log = await running.logs();
      await running.stop();
      return { reason, log: log === '' ? null : log };
    } catch (thrown) {
      await running.stop();
      throw thrown;
    }
  }
}

/** Waits until a helper listens, and where it names a path, answers there. One that names no port is taken to be up once it runs. */
async function waitUp(
  running: RunningService,
  { port, healthPath, readyTimeoutMs }: Service,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<Reason | null> {
  const ended: { exit?: ServiceExit } = {};
  void running.exited.then((exit) => {
    ended.exit = exit;
  });
  const deadline = performance.now() + readyTimeoutMs;
  // What already runs elsewhere is nobody's to wait for, what runs in a virtual machine cannot be seen from here, and one without a port
  // says nothing that could be waited for.
  if (runtime.kind === 'external' || !runtime.sharesHost || port === 0) return null;
  while (performance.now() < deadline) {
    if (ended.exit !== undefined) return exitedReason(ended.exit, await running.logs());
    if (
      healthPath === null
        ? await acceptsConnections('127.0.0.1', port, PROBE_MS)
        : await answers(running.url + healthPath, signal)
    )
      return null;
    await pause(POLL_MS, signal);
  }
  return { code: 'not-ready', message: `not ready after ${readyTimeoutMs / 1000} s: port ${port} does not answer` };
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const times = { headersTimeout: PROBE_MS, bodyTimeout: PROBE_MS };
    const { statusCode, body } = await request(url, { ...times, signal, dispatcher: ownRequests });
    await body.dump();
    return statusCode >= 200 && statusCode < 300;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
