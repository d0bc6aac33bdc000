import { availableParallelism } from 'node:os';
import { scenarioBody } from '../catalogue/scenarios.js';
import type { Scenario } from '../catalogue/scenarios.js';
import type { Attestation } from '../attest/attest.js';
import { exitedReason } from '../attest/readiness.js';
import { BenchError } from '../errors.js';
import type { LoadResult } from '../load/driver.js';
import type { Level } from '../record/cell.js';
import type { Reason } from '../record/reason.js';
import { trialFileName } from '../record/run-directory.js';
import {
  type LedgerRecord,
  NOTHING_MEASURED,
  type HostRecord,
  type ResourceRecord,
  type TrialFile,
  type TrialRecord,
  type TrialState,
} from '../record/trial.js';
import { latenessGates } from '../record/lateness.js';
import { mockGates, type MockHealth } from '../record/mock-gate.js';
import { gatesOf } from '../record/surroundings.js';
import { judgeLoad } from '../record/validity.js';
import { startHostSampling } from '../resources/host-sampling.js';
import { markMockWindow, mockHealth } from '../resources/mock-health.js';
import { clearLedger } from '../resources/mock-ledger.js';
import { startSampling } from '../resources/sampling.js';
import type { Tenant } from './house.js';
import { joinRequests } from './ledger.js';
import type { Stage } from './stage.js';
import { tableOf } from './request-table.js';

/** Which trial of a plan. */
export interface TrialId {
  readonly block: number;
  readonly target: string;
  readonly replica: 1 | 2;
  readonly scenario: Scenario;
  readonly level: Level;
  /** The block of the void trial in whose place it is measured. */
  readonly repeats?: number;
}

/** How long and how. */
export interface TrialTimes {
  readonly blocks: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly seed: number;
  /** Requests of the trial before that still arrived at the mock, see settle; null where that cannot be known. */
  readonly leftOver: number | null;
}

/**
 * Measures one trial and writes the driver's and the resources' files. Whatever goes wrong with the target or the driver is in the record.
 * @throws BenchError only what ends the run: `interrupted`, `engine-gone`, `disk-full`
 */
export async function measureTrial(
  stage: Stage,
  tenant: Tenant,
  id: TrialId,
  mockUrl: string,
  attested: Extract<Attestation, { readonly state: 'passed' }>,
  times: TrialTimes,
): Promise<TrialRecord> {
  const startedAt = new Date().toISOString();
  await clearLedger(mockUrl);
  const mark = await markMockWindow(mockUrl);
  const hostSampling = stage.runtime.sharesHost ? await startHostSampling(availableParallelism()) : null;
  const sampling = startSampling(tenant.running);
  let result: LoadResult | null = null;
  let fault: Reason | null = null;
  try {
    result = await stage.driver.run(
      {
        url: tenant.url + id.scenario.path,
        headers: tenant.headers,
        body: scenarioBody(id.scenario, tenant.modelPrefix),
        streaming: id.scenario.streaming,
        level: id.level,
        warmupMs: times.warmupMs,
        measureMs: times.measureMs,
        timeoutMs: stage.requestTimeoutMs,
        expectedLatencyMs: attested.latencyMs,
        expected: attested.expected[0] ?? null,
        ...tableOf(id.scenario, tenant, attested.expected),
        seed: times.seed,
      },
      stage.signal,
    );
  } catch (thrown) {
    if (!(thrown instanceof BenchError) || thrown.code !== 'driver-failed') throw thrown;
    fault = { code: thrown.code, message: thrown.message };
  } finally {
    // Also on the way out: a sampler left behind would go on asking a removed container.
    if (result === null) await sampling.finish(1);
  }
  const resources =
    result === null ? null : await sampling.finish(times.measureMs / (times.measureMs + times.warmupMs));
  const host = (await hostSampling?.finish()) ?? null;
  const exit = tenant.ended();
  const name = trialFileName({ ...id, scenario: id.scenario.name, numbered: times.blocks > 1 });
  const log = exit === null ? null : saveLog(stage, name, await tenant.running.logs());
  const joined = await joinRequests(stage, name, mockUrl, result);
  const verdict =
    exit === null
      ? judge(id, result, fault, {
          ledger: joined.ledger,
          resources,
          host,
          mock: await mockHealth(mockUrl, mark),
          leftOver: times.leftOver,
          memoryLimitBytes: memoryLimitOf(stage, id.target),
        })
      : { state: 'failed' as const, reason: exitedReason(exit, ''), warnings: [] };
  return {
    ...recordOf(id, startedAt, verdict.state, verdict.reason),
    warnings: [...verdict.warnings, ...joined.warnings],
    load: result?.record ?? null,
    ledger: joined.ledger,
    resources,
    host,
    files: {
      ...joined.files,
      raw: writeRaw(stage, name, result),
      resources: writeResources(stage, name, resources),
      log,
    },
  };
}

/** A trial that could not be measured, with its reason and, where that tells more, the file of what its target printed. */
export function unmeasured(
  id: TrialId,
  state: Exclude<TrialState, 'valid'>,
  reason: Reason,
  log: TrialFile | null = null,
): TrialRecord {
  const record = recordOf(id, new Date().toISOString(), state, reason);
  return { ...record, files: { ...record.files, log } };
}

function recordOf(id: TrialId, startedAt: string, state: TrialState, reason: Reason | null): TrialRecord {
  return {
    schemaVersion: 1,
    block: id.block,
    ...(id.repeats === undefined ? {} : { repeats: id.repeats }),
    target: id.target,
    replica: id.replica,
    scenario: id.scenario.name,
    level: id.level,
    startedAt,
    finishedAt: new Date().toISOString(),
    state,
    reason,
    warnings: [],
    ...NOTHING_MEASURED,
  };
}

interface Verdict {
  readonly state: TrialState;
  readonly reason: Reason | null;
  readonly warnings: readonly Reason[];
}

/** What was seen beside the load. */
interface Beside {
  readonly ledger: LedgerRecord | null;
  readonly resources: ResourceRecord | null;
  readonly host: HostRecord | null;
  readonly mock: MockHealth | null;
  readonly leftOver: number | null;
  readonly memoryLimitBytes: number | null;
}

/** A gate that voids takes what the target did well or badly; what the target did wrong stays its own. */
function judge(id: TrialId, result: LoadResult | null, fault: Reason | null, beside: Beside): Verdict {
  if (result === null) return { state: 'void', reason: fault, warnings: [] };
  const load = result.record;
  const judged = judgeLoad(load, id.level, id.scenario.expectedErrorShare);
  const { mock, ...known } = beside;
  const gates = [
    ...latenessGates(load),
    ...mockGates(mock, load, judged.state === 'saturated'),
    ...gatesOf({ ...known, load, mockCores: mock?.cores ?? null }),
  ];
  const voiding = judged.state === 'failed' ? undefined : gates.find(({ effect }) => effect === 'void');
  const warnings = gates.flatMap((gate) => (gate === voiding ? [] : gate.reason));
  return voiding === undefined ? { ...judged, warnings } : { state: 'void', reason: voiding.reason, warnings };
}

/** A limit that nobody enforces is none. */
function memoryLimitOf({ runtime, targets }: Stage, target: string): number | null {
  return runtime.kind === 'docker' ? (targets.get(target)?.service.memoryBytes ?? null) : null;
}

function writeRaw(stage: Stage, name: string, result: LoadResult | null): TrialFile | null {
  return result === null ? null : stage.writer.writeTrialFile(`${name}.json`, result.raw);
}

/** `memory_kb` is the original suite's name; the rest stands beside it. */
function writeResources(stage: Stage, name: string, resources: ResourceRecord | null): TrialFile | null {
  if (resources === null) return null;
  const kilobytes = resources.memoryPeakBytes === null ? null : Math.round(resources.memoryPeakBytes / 1024);
  return stage.writer.writeTrialFile(`${name}.mem.json`, `${JSON.stringify({ memory_kb: kilobytes, ...resources })}\n`);
}

/** Keeps what a target printed, under a name of its own. */
export function saveLog(stage: Stage, name: string, log: string): TrialFile {
  return stage.writer.writeTrialFile(`logs/${name}.log`, log);
}
