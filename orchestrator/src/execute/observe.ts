import { availableParallelism } from 'node:os';
import type { Attested } from '../attest/attest.js';
import type { Scenario } from '../catalogue/scenario.js';
import { BenchError } from '../errors.js';
import type { LoadResult, TrialLoad } from '../load/driver.js';
import { pause } from '../pause.js';
import type { Level } from '../record/cell.js';
import type { MockHealth } from '../record/mock-gate.js';
import type { Reason } from '../record/reason.js';
import type { HelperUse, HostRecord, ObserverRecord, PairedWith, ResourceRecord } from '../record/trial.js';
import { startHostSampling } from '../resources/host-sampling.js';
import type { LoadSpan } from '../resources/load-span.js';
import { markMockWindow, mockHealth } from '../resources/mock-health.js';
import { clearLedger } from '../resources/mock-ledger.js';
import { type Sampling, startSampling } from '../resources/sampling.js';
import type { RunningService, ServiceExit } from '../runtime/runtime.js';
import { loadBody } from './equal-requests.js';
import type { Tenant } from './house.js';
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
  await clearLedger(mock.url);
  const mark = await markMockWindow(mock.url);
  const watch = await startWatching(stage, sides);
  let driven: Driven;
  let health: MockHealth | null;
  let span: LoadSpan | null = null;
  let watched: readonly Watched[] = [];
  try {
    driven = await drive(stage, sides, times);
    span = driven.results[0]?.span ?? null;
    // At once: what comes behind the load would be in the mock's account of its window.
    health = await mockHealth(mock.url, mark, span);
  } finally {
    // Also on the way out: samplers left behind would go on, and ask a removed container.
    watched = await watch(span);
  }
  if (health === null && mark.answered) await Promise.race([mock.running.exited, pause(EXIT_HEARD_MS, stage.signal)]);
  return sides.map(({ tenant }, i) => {
    const [result, own] = [driven.results[i] ?? null, watched[i] ?? NOT_WATCHED];
    return {
      result,
      fault: driven.fault,
      ...own,
      resources: result === null ? null : own.resources,
      health,
      exit: tenant.ended(),
      mockExit: mock.ended(),
    };
  });
}

/** What is read of a target and its host while the load goes on, null where nobody reads it. */
type Watched = Pick<Observed, 'resources' | 'helpers' | 'host' | 'observer'>;
const NOT_WATCHED: Watched = { resources: null, host: null, observer: null };

/**
 * @returns ends it and sums up each side; see {@link Sampling.finish}
 * @throws what a first sample threw, when nothing that was begun watches any more
 */
async function startWatching(
  { runtime, unwatched }: Stage,
  sides: readonly Side[],
): Promise<(span: LoadSpan | null) => Promise<Watched[]>> {
  const services = sides.map(({ tenant, id }) => (unwatched.has(id.target) ? [] : [tenant.running, ...tenant.helpers]));
  const samplings = await startSamplings(services.flat());
  // Behind what may fail: nobody would be handed what ends it.
  const hostSampling = runtime.sharesHost && samplings.length > 0 ? startHostSampling(availableParallelism()) : null;
  return async (span) => {
    // All at once: one that cannot be ended well would leave those behind it running.
    const [host, sampled] = await Promise.all([
      hostSampling?.finish(span) ?? null,
      Promise.all(samplings.map(async (sampling) => sampling.finish(span))),
    ]);
    let taken = 0;
    return services.map((ofSide) => {
      const [own, ...beside] = sampled.slice(taken, (taken += ofSide.length));
      if (own === undefined) return NOT_WATCHED;
      const helpers = beside.map(({ resources }, i) => ({ name: ofSide[i + 1]?.name ?? '', resources }));
      return { ...own, helpers, host };
    });
  };
}

async function startSamplings(services: readonly RunningService[]): Promise<Sampling[]> {
  const begun = await Promise.allSettled(services.map(async (service) => startSampling(service)));
  const samplings = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = begun.find((one) => one.status === 'rejected');
  if (failed === undefined) return samplings;
  await Promise.allSettled(samplings.map(async (sampling) => sampling.finish(null)));
  throw failed.reason;
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
): Promise<Driven> {
  try {
    const load = loadOf(first, times, requestTimeoutMs);
    if (second === undefined) return { results: [await driver.run(load, signal)], fault: null };
    if (driver.runPair === undefined) throw new RangeError(`the driver ${driver.name} cannot run a pair`);
    return { results: await driver.runPair([load, loadOf(second, times, requestTimeoutMs)], signal), fault: null };
  } catch (thrown) {
    if (!(thrown instanceof BenchError) || thrown.code !== 'driver-failed') throw thrown;
    return { results: [], fault: { code: thrown.code, message: thrown.message } };
  }
}

function loadOf(
  { tenant, attested, id: { scenario, level } }: Side,
  { warmupMs, measureMs, seed }: TrialTimes,
  timeoutMs: number,
): TrialLoad {
  return {
    url: tenant.url + scenario.path,
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
