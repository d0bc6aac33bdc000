import { questionUrl } from '../catalogue/addressing.js';
import { availableParallelism } from 'node:os';
import type { Attested } from '../attest/attest.js';
import { loadBody } from '../catalogue/equal-requests.js';
import type { Scenario } from '../catalogue/scenario.js';
import { monotonicUs } from '../clock/clock.js';
import { BenchError } from '../errors.js';
import { ENDS_TRIAL, type LoadResult, type TrialLoad } from '../load/driver.js';
import { pause } from '../pause.js';
import type { Level } from '../record/cell.js';
import type { MockHealth } from '../record/mock-gate.js';
import type { Reason } from '../record/reason.js';
import type { HelperUse, HostRecord, ObserverRecord, PairedWith, ResourceRecord } from '../record/trial.js';
import type { LoadSpan } from '../resources/load-span.js';
import { markMockWindow, mockHealth } from '../resources/mock-health.js';
import { clearLedger } from '../resources/mock-ledger.js';
import { startWatching, type Watching } from '../resources/watching.js';
import type { ServiceExit } from '../runtime/runtime.js';
import type { Tenant } from './house.js';
import { inWindow } from './onlooker.js';
import { tableOf } from './request-table.js';
import type { Stage } from './stage.js';

/** A mock that does not answer any more may have ended, and its end is still to be heard of. */
const EXIT_HEARD_MS = 500;

/** Which trial of a plan. */
export interface TrialId {
  readonly block: number;
  readonly target: string;
  readonly replica: 1 | 2;
  readonly scenario: Scenario;
  readonly level: Level;
  /** The block of the void trial in whose place it is measured. */
  readonly repeats?: number;
  /** With whom it is measured at the same time; left out: alone. */
  readonly paired?: PairedWith;
}

/** How long and how. */
export interface TrialTimes {
  /** Whether the block's number is in the names of its files. */
  readonly numbered: boolean;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly seed: number;
  /** Requests of the trial before that still arrived at the mock, see settle; null where that cannot be known. */
  readonly leftOver: number | null;
}

/** Who takes part in a trial. */
export interface Cast {
  readonly tenant: Tenant;
  readonly mock: Tenant;
  readonly attested: Attested;
}

/** One of those that are loaded at the same time. */
export interface Side {
  readonly tenant: Tenant;
  readonly attested: Attested;
  readonly id: TrialId;
}

/** What was seen while the load went on. */
export interface Observed {
  /** Null when the driver gave no record. */
  readonly result: LoadResult | null;
  /** Why it gave none. */
  readonly fault: Reason | null;
  readonly resources: ResourceRecord | null;
  /** What its helpers used, each by itself. Left out: it has none. */
  readonly helpers?: readonly HelperUse[];
  readonly host: HostRecord | null;
  /** What this program itself used of the window. */
  readonly observer: ObserverRecord | null;
  readonly health: MockHealth | null;
  /** What of the target became another meanwhile: then it was no one target. Left out: nothing that is known. */
  readonly changed?: Reason;
  /** How the target ended, and the mock; null while they run. */
  readonly exit: ServiceExit | null;
  readonly mockExit: ServiceExit | null;
}

/**
 * Drives the load of one trial and watches everything beside it.
 * @throws BenchError only what ends the run
 */
export async function observe(stage: Stage, cast: Cast, id: TrialId, times: TrialTimes): Promise<Observed> {
  const [seen] = await observeSides(stage, cast.mock, [{ ...cast, id }], times);
  return seen as Observed;
}

/**
 * The same of one trial, or of two at the same time.
 * @returns what was seen of each side; mock and host are the same for both
 * @throws BenchError only what ends the run
 */
export async function observeSides(
  stage: Stage,
  mock: Tenant,
  sides: readonly [Side] | readonly [Side, Side],
  times: TrialTimes,
): Promise<Observed[]> {
  return inWindow(stage.onlooker, times.warmupMs + times.measureMs, async () =>
    observeStill(stage, mock, sides, times),
  );
}

async function observeStill(
  stage: Stage,
  mock: Tenant,
  sides: readonly [Side] | readonly [Side, Side],
  times: TrialTimes,
): Promise<Observed[]> {
  await changesOf(sides);
  await clearLedger(mock);
  const mark = await markMockWindow(mock);
  const watch = await startWatchingSides(stage, sides, times.measureMs);
  let driven: Driven;
  let health: MockHealth | null;
  let span: LoadSpan | null = null;
  let watched: readonly WatchedSide[] = [];
  try {
    driven = await drive(stage, sides, times, (fromMs) => watch.windowBegins(fromMs));
    span = driven.results[0]?.span ?? null;
    // At once: what comes behind the load would be in the mock's account of its window.
    health = await mockHealth(mock, mark, span);
  } finally {
    // Also on the way out: samplers left behind would go on, and ask a removed container.
    watched = await watch.finish(span);
  }
  const changes = await changesOf(sides);
  if (health === null && mark.answered) await Promise.race([mock.running.exited, pause(EXIT_HEARD_MS, stage.signal)]);
  return sides.map(({ tenant }, i) => {
    const [result, own] = [driven.results[i] ?? null, watched[i] ?? NOT_WATCHED];
    return {
      result,
      fault: driven.fault,
      ...own,
      host: withAwake(own.host, result),
      ...(changes[i] === null || changes[i] === undefined ? {} : { changed: changes[i] }),
      resources: result === null ? null : own.resources,
      health,
      exit: tenant.ended(),
      mockExit: mock.ended(),
    };
  });
}

/** What of each side is another than when this was asked before. */
function changesOf(sides: readonly Side[]): Promise<(Reason | null)[]> {
  return Promise.all(sides.map(async ({ tenant }) => (await tenant.running.changed?.()) ?? null));
}

/** The host's account, with what kept its cores awake told apart: of the load, as it is spun evenly over warm-up and window. */
function withAwake(host: HostRecord | null, result: LoadResult | null): HostRecord | null {
  if (host === null || result?.awakeCpuUs === undefined) return host;
  const { fromMs, windowUntilMs } = result.span;
  const share = result.awakeCpuUs / 1000 / (windowUntilMs - fromMs) / host.cpus;
  return { ...host, awakeShare: Math.min(host.busyShare ?? 1, share) };
}

/** What is read of a target and its host while the load goes on, null where nobody reads it. */
type WatchedSide = Pick<Observed, 'resources' | 'helpers' | 'host' | 'observer'>;
const NOT_WATCHED: WatchedSide = { resources: null, host: null, observer: null };

/** As {@link Watching}, by side. */
interface WatchingSides extends Pick<Watching, 'windowBegins'> {
  finish(span: LoadSpan | null): Promise<WatchedSide[]>;
}

/** @throws what a first sample threw, when nothing that was begun watches any more */
async function startWatchingSides(
  { runtime, unwatched }: Stage,
  sides: readonly Side[],
  windowMs: number,
): Promise<WatchingSides> {
  const services = sides.map(({ tenant, id }) => (unwatched.has(id.target) ? [] : [tenant.running, ...tenant.helpers]));
  const all = services.flat();
  if (all.length === 0) return { windowBegins: () => {}, finish: async () => services.map(() => NOT_WATCHED) };
  const hostCpus = runtime.sharesHost ? availableParallelism() : null;
  const watching = await startWatching(all, { hostCpus, windowMs });
  return {
    windowBegins: (fromMs) => watching.windowBegins(fromMs),
    async finish(span) {
      const { resources, host, observer } = await watching.finish(span);
      let taken = 0;
      return services.map((ofSide) => {
        const [own, ...beside] = resources.slice(taken, (taken += ofSide.length));
        if (own === undefined) return NOT_WATCHED;
        const helpers = beside.map((ofHelper, i) => ({ name: ofSide[i + 1]?.name ?? '', resources: ofHelper }));
        return { resources: own, observer, helpers, host };
      });
    },
  };
}

/** What the driver gave of each side, or why it gave nothing of any. */
interface Driven {
  readonly results: readonly LoadResult[];
  readonly fault: Reason | null;
}

async function drive(
  { driver, signal, requestTimeoutMs }: Stage,
  [first, second]: readonly [Side] | readonly [Side, Side],
  times: TrialTimes,
  windowBegins: (fromMs: number) => void,
): Promise<Driven> {
  const onStart = (startedAtUs: number): void =>
    windowBegins(performance.now() + (startedAtUs - monotonicUs()) / 1000 + times.warmupMs);
  try {
    const load = { ...loadOf(first, times, requestTimeoutMs), onStart };
    if (second === undefined) return { results: [await driver.run(load, signal)], fault: null };
    if (driver.runPair === undefined) throw new RangeError(`the driver ${driver.name} cannot run a pair`);
    return { results: await driver.runPair([load, loadOf(second, times, requestTimeoutMs)], signal), fault: null };
  } catch (thrown) {
    if (!(thrown instanceof BenchError) || !ENDS_TRIAL.has(thrown.code)) throw thrown;
    return { results: [], fault: { code: thrown.code, message: thrown.message } };
  }
}

function loadOf(
  { tenant, attested, id: { scenario, level } }: Side,
  { warmupMs, measureMs, seed }: TrialTimes,
  timeoutMs: number,
): TrialLoad {
  return {
    url: questionUrl(tenant, scenario),
    headers: { ...scenario.headers, ...tenant.headers },
    body: loadBody(scenario, tenant),
    streaming: scenario.streaming,
    level,
    warmupMs,
    measureMs,
    timeoutMs,
    expectedLatencyMs: attested.latencyMs,
    expected: attested.expected[0] ?? null,
    ...tableOf(scenario, tenant, attested.expected),
    seed,
  };
}
