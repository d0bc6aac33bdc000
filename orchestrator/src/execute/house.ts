import { addressingOf } from '../catalogue/addressing.js';
import type { Scenario } from '../catalogue/scenario.js';
import type { Service } from '../catalogue/service.js';
import type { AskedTarget } from '../attest/asker.js';
import { waitReady } from '../attest/readiness.js';
import { BenchError, messageOf } from '../errors.js';
import type { Reason } from '../record/reason.js';
import type { MockAddress } from '../resources/mock-address.js';
import type { RunningService, Runtime, ServiceExit } from '../runtime/runtime.js';
import { Helpers } from './helpers.js';
import type { Stage, StageTarget } from './stage.js';

/** A service that answers. */
export interface Tenant extends AskedTarget {
  readonly running: RunningService;
  /** What runs beside it because it needs it. */
  readonly helpers: readonly RunningService[];
  /** From the start of its program or container until it answered, milliseconds. */
  readonly readyMs: number;
  /** The mock that it was started in front of; null: it is the mock. */
  readonly mockUrl: string | null;
  /** Null while it runs. */
  ended(): ServiceExit | null;
  isAlone(): boolean;
}

/** A tenant, or why there is none and what the service printed until then (null when it was never started). */
export type Arrival = { readonly tenant: Tenant } | { readonly reason: Reason; readonly log: string | null };

/** A service that is being stopped. */
interface Leaver {
  readonly port: number;
  /** Settles when it is gone. */
  readonly gone: Promise<void>;
}

/**
 * Who is up. Only the mock and the target being measured are, so that nobody else's background work is measured; with
 * `keepUp` everything stays up until the end. Whoever moves out does so while the next one starts, and is gone before that one
 * is asked anything that counts.
 */
export class House {
  readonly #stage: Stage;
  readonly #probe: Scenario;
  readonly #kept = new Map<string, Tenant>();
  readonly #leaving: Leaver[] = [];
  readonly #helpers = new Helpers();
  /** Targets that were started and are not gone. */
  readonly #up = new Set<RunningService>();
  #mock: Tenant | null = null;

  constructor(stage: Stage, probe: Scenario) {
    this.#stage = stage;
    this.#probe = probe;
  }

  /**
   * The mock, started when it is not up.
   * @throws BenchError `mock-not-ready`: without it nothing can be measured
   */
  async mock(): Promise<Tenant> {
    if (this.#mock !== null && this.#mock.ended() === null) return this.#mock;
    this.#mock = null;
    const { runtime, mock } = this.#stage;
    const arrival = await this.#start(mock, runtime, null);
    if ('reason' in arrival) {
      throw new BenchError({
        code: 'mock-not-ready',
        message: `The mock cannot be used: ${arrival.reason.message}.`,
        ...hintFor(arrival.reason, mock, runtime),
      });
    }
    this.#mock = arrival.tenant;
    return arrival.tenant;
  }

  /**
   * Starts a target afresh (or finds it up, with `keepUp`) and waits until it answers, and until those before it are gone.
   * @throws what went wrong with their end; whoever has just come leaves again
   */
  async moveIn(target: StageTarget): Promise<Arrival> {
    const arrival = await this.#arrive(target);
    try {
      await this.#gone(() => true);
    } catch (thrown) {
      if ('tenant' in arrival) this.moveOut(target, arrival.tenant);
      throw thrown;
    }
    return arrival;
  }

  async #arrive(target: StageTarget): Promise<Arrival> {
    const mock = await this.mock();
    if (target.kind === 'direct') return { tenant: mock };
    const kept = this.#kept.get(target.name);
    if (kept !== undefined && kept.ended() === null && facesMock(kept, mock)) return { tenant: kept };
    // Versions of one gateway share its port.
    await this.#gone(({ port }) => port === target.service.port);
    const arrival = await this.#start(target.service, target.runtime, mock);
    if (this.#stage.keepUp && 'tenant' in arrival) this.#kept.set(target.name, arrival.tenant);
    return arrival;
  }

  /**
   * Starts an instance for a few questions, and stops it again, with nobody else at its port.
   * @returns what came of the questions, or why none could be asked
   */
  async during<T>(
    { service, runtime }: StageTarget,
    ask: (tenant: Tenant) => Promise<T>,
  ): Promise<{ readonly asked: T } | Extract<Arrival, { readonly reason: Reason }>> {
    const mock = await this.mock();
    await this.#gone(({ port }) => port === service.port);
    const arrival = await this.#start(service, runtime, mock);
    if ('reason' in arrival) return arrival;
    try {
      return { asked: await ask(arrival.tenant) };
    } finally {
      await this.#stage.time.during('stoppingMs', async () => this.#stop(arrival.tenant.running, service));
    }
  }

  /** Whether a target that stays up is up already. */
  isKept({ name }: StageTarget): boolean {
    return this.#kept.get(name)?.ended() === null;
  }

  /** Begins to end a target's stay, unless it is kept up. What goes wrong with it is thrown to whoever comes next. */
  moveOut(target: StageTarget, tenant: Tenant): void {
    if (target.kind === 'direct') return;
    if (this.#kept.has(target.name) && tenant.ended() === null) return;
    this.#kept.delete(target.name);
    const gone = this.#stop(tenant.running, target.service);
    // Heard of in time by who waits for it; until then it is nobody's.
    gone.catch(() => {});
    this.#leaving.push({ port: target.service.port, gone });
  }

  /** A block begins with a fresh mock. */
  async endBlock(): Promise<void> {
    await this.#gone(() => true);
    if (this.#stage.keepUp) return;
    await this.#stage.time.during('stoppingMs', async () => this.#mock?.running.stop());
    this.#mock = null;
  }

  /** Everybody out. */
  async close(): Promise<void> {
    const everybody = [...this.#kept.values(), ...(this.#mock === null ? [] : [this.#mock])];
    this.#kept.clear();
    this.#mock = null;
    const leaving = this.#leaving.splice(0).map(({ gone }) => gone);
    await Promise.allSettled([...leaving, ...everybody.map((tenant) => tenant.running.stop())]);
    await this.#helpers.close();
  }

  /** Waits until those leavers are gone. @throws what went wrong with their end */
  async #gone(which: (leaver: Leaver) => boolean): Promise<void> {
    const leavers = this.#leaving.filter(which);
    await this.#stage.time.during('stoppingMs', async () => Promise.all(leavers.map(({ gone }) => gone)));
    for (const leaver of leavers) this.#leaving.splice(this.#leaving.indexOf(leaver), 1);
  }

  /** @param mock that it is in front of; null: it is the mock */
  async #start(service: Service, runtime: Runtime, mock: MockAddress | null): Promise<Arrival> {
    return this.#stage.time.during('startingMs', async () => this.#startNow(service, runtime, mock));
  }

  async #startNow(service: Service, runtime: Runtime, mock: MockAddress | null): Promise<Arrival> {
    const { signal } = this.#stage;
    const { helpers, reason: without } = await this.#helpers.start(service, runtime, signal);
    if (without !== null) return without;
    const beganMs = performance.now();
    let running: RunningService;
    try {
      running = await runtime.start(service, signal);
    } catch (thrown) {
      await this.#helpers.release(service);
      signal.throwIfAborted();
      if (!(thrown instanceof BenchError) || thrown.code === 'engine-gone') throw thrown;
      return { reason: { code: thrown.code, message: messageOf(thrown) }, log: null };
    }
    if (mock !== null) this.#up.add(running);
    const state: { exit: ServiceExit | null } = { exit: null };
    void running.exited.then((exit) => {
      state.exit = exit;
      this.#up.delete(running);
    });
    const { url, memberUrls } = running;
    const tenant = {
      running,
      helpers,
      url,
      ...(memberUrls === undefined ? {} : { memberUrls }),
      ...addressingOf(service),
      headers: running.headers ?? service.headers,
      mockUrl: mock?.url ?? null,
      accept: service.accept,
      ...(service.attest?.by === 'cache-hit' ? { equalRequests: true as const } : {}),
      ended: () => state.exit,
      isAlone: () => this.#isAlone(running, service),
    };
    try {
      const reason = await waitReady(
        running,
        {
          ...service,
          refusesMany: service.attest?.by === 'limit',
          url,
          ...(memberUrls === undefined ? {} : { memberUrls }),
          headers: tenant.headers,
          alreadyRuns: runtime.kind === 'external',
          mock,
          isAlone: tenant.isAlone,
        },
        this.#probe,
        signal,
      );
      if (reason === null) return { tenant: { ...tenant, readyMs: performance.now() - beganMs } };
      const log = await running.logs();
      await this.#stop(running, service);
      return { reason, log: log === '' ? null : log };
    } catch (thrown) {
      await this.#stop(running, service);
      throw thrown;
    }
  }

  /** Its helpers go behind it: without them it would still be asked to end in order, and complain. */
  async #stop(running: RunningService, service: Service): Promise<void> {
    await running.stop();
    this.#up.delete(running);
    await this.#helpers.release(service);
  }

  /** Whether no other target is up. What was not started by us is up all the time. */
  #isAlone(running: RunningService, service: Service): boolean {
    const isOther = (target: StageTarget): boolean => target.kind !== 'direct' && target.service.name !== service.name;
    const targets = [...this.#stage.targets.values()];
    if (targets.some((target) => isOther(target) && target.runtime.kind === 'external')) return false;
    return [...this.#up].every((each) => each === running);
  }
}

/** Whether a tenant asks this mock: one that was started afresh may have another address than the one before. */
export function facesMock(tenant: Pick<Tenant, 'mockUrl'>, mock: Pick<Tenant, 'url'>): boolean {
  return tenant.mockUrl === null || tenant.mockUrl === mock.url;
}

/** What to do about a mock that cannot be used, where its reason does not say so itself. */
function hintFor({ code }: Reason, { port }: Service, runtime: Runtime): { readonly hint?: string } {
  if (code === 'not-running')
    return { hint: `--runtime external starts nothing: start it first, crabllm-bench mock --port ${port}.` };
  if (code === 'not-ready' && runtime.kind === 'docker' && !runtime.sharesHost)
    return {
      hint: 'The engine runs in a virtual machine, whose ports are not this host’s: enable host networking in it (Docker Desktop: Settings, Resources, Network), or use --runtime process.',
    };
  return {};
}
