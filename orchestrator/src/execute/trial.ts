import { randomBytes } from 'node:crypto';
import { limitsTogether } from '../catalogue/service.js';
import type { Reason } from '../record/reason.js';
import { trialFileName } from '../record/run-directory.js';
import {
  type LoadRecord,
  NOTHING_MEASURED,
  type ResourceRecord,
  type TrialFile,
  type TrialRecord,
  type TrialState,
} from '../record/trial.js';
import type { LoadResult } from '../load/driver.js';
import { type JoinedRequests, joinRequests } from './ledger.js';
import {
  type Cast,
  observe,
  type Observed,
  observeSides,
  type Side,
  type TrialId,
  type TrialTimes,
} from './observe.js';
import type { Stage } from './stage.js';
import type { Tenant } from './house.js';
import { wrongAnswers } from '../record/answer-size.js';
import { mockShares, replicaShares } from './replica-shares.js';
import { askBehind } from './answer-behind.js';
import { judge } from './verdict.js';

/**
 * Measures one trial and writes the driver's and the resources' files. Whatever goes wrong with the target or the driver is in the record.
 * @throws BenchError only what ends the run: `interrupted`, `engine-gone`, `disk-full`
 */
export async function measureTrial(stage: Stage, cast: Cast, id: TrialId, times: TrialTimes): Promise<TrialRecord> {
  const startedAt = new Date().toISOString();
  const seen = await observe(stage, cast, id, times);
  const name = nameOf(id, times);
  const [joined] = await joinRequests(stage, cast.mock, [{ name, result: seen.result }]);
  return concluded(stage, cast, id, times, { startedAt, seen, joined: joined as JoinedRequests, beside: null });
}

/**
 * The same of two targets at the same time, a record each.
 * @param sides the one with the first turn in the schedule first
 * @throws BenchError only what ends the run
 */
export async function measurePair(
  stage: Stage,
  mock: Tenant,
  sides: readonly [Side, Side],
  times: TrialTimes,
): Promise<TrialRecord[]> {
  const startedAt = new Date().toISOString();
  const pair = randomBytes(4).toString('hex');
  const seen = await observeSides(stage, mock, sides, times);
  const results = sides.map(({ id }, i) => ({ name: nameOf(id, times), result: seen[i]?.result ?? null }));
  const joined = await joinRequests(stage, mock, results);
  return Promise.all(
    sides.map(({ id, ...side }, i) => {
      const paired = { id: pair, with: sides[i === 0 ? 1 : 0].id.target, turn: i === 0 ? 1 : 2 } as const;
      return concluded(stage, { ...side, mock }, { ...id, paired }, times, {
        startedAt,
        seen: seen[i] as Observed,
        joined: joined[i] as JoinedRequests,
        beside: seen[1 - i] as Observed,
      });
    }),
  );
}

function nameOf(id: TrialId, { numbered }: TrialTimes): string {
  return trialFileName({ ...id, scenario: id.scenario.name, numbered });
}

/** What is known of a trial when the load is over. */
interface Ended {
  readonly startedAt: string;
  readonly seen: Observed;
  readonly joined: JoinedRequests;
  /** The other side of a pair; null: nobody was loaded beside. */
  readonly beside: Observed | null;
}

async function concluded(
  stage: Stage,
  cast: Cast,
  id: TrialId,
  times: TrialTimes,
  { startedAt, seen, joined, beside }: Ended,
): Promise<TrialRecord> {
  const { result, resources, host, exit } = seen;
  const name = nameOf(id, times);
  // Before the next trial makes the mock forget.
  const shares = cast.tenant === cast.mock ? null : await replicaShares(cast.tenant.running, cast.mock);
  const mocks = mockShares(cast.mock.running, seen.health);
  const log = exit === null ? null : saveLog(stage, name, await cast.tenant.running.logs());
  const settled = result === null || joined.load === null ? null : { ...result, record: joined.load };
  const verdict = judge(
    id,
    { ...seen, result: settled },
    {
      ledger: joined.ledger,
      leftOver: times.leftOver,
      memoryLimitBytes: memoryLimitOf(stage, id.target),
      targetIsMock: cast.tenant === cast.mock,
      fromCache: cast.tenant.equalRequests === true,
      notes: cast.attested.notes,
      beside:
        beside === null
          ? null
          : { load: beside.result?.record ?? null, resources: beside.resources, exit: beside.exit },
    },
  );
  const wrong = await wrongBehind(stage, cast, id, exit === null ? joined.load : null, verdict);
  return {
    ...recordOf(id, startedAt, wrong === null ? verdict.state : 'failed', wrong ?? verdict.reason),
    warnings: [
      ...verdict.warnings,
      // What never reached the mock is not to be found there.
      ...joined.warnings.filter(({ code }) => cast.tenant.equalRequests !== true || code !== 'ledger-incomplete'),
      ...cast.attested.notes,
      ...(shares?.warnings ?? []),
    ],
    ...(shares === null ? {} : { replicas: [...shares.replicas] }),
    ...(mocks === null ? {} : { mocks }),
    load: joined.load,
    ...(result?.agents === undefined ? {} : { agents: [...result.agents] }),
    ledger: joined.ledger,
    resources,
    ...(seen.helpers === undefined || seen.helpers.length === 0 ? {} : { helpers: [...seen.helpers] }),
    host,
    observer: seen.observer,
    files: {
      ...joined.files,
      raw: writeRaw(stage, name, result),
      resources: writeResources(stage, name, resources),
      log,
    },
  };
}

/**
 * Why the answers of a trial that counts are none; with the native driver every one was read while it came. Also of one whose answers are not
 * the mock's: whoever answers nothing at all has asked nobody either, and is named by what it said.
 */
async function wrongBehind(
  { driver, signal }: Stage,
  cast: Cast,
  id: TrialId,
  load: LoadRecord | null,
  { state, reason }: Pick<TrialRecord, 'state' | 'reason'>,
): Promise<Reason | null> {
  const counts = state === 'valid' || state === 'saturated' || reason?.code === 'foreign-upstream';
  // Where errors are played, one of them may be met.
  if (load === null || driver.name === 'native' || !counts || id.scenario.expectedErrorShare > 0) return null;
  return wrongAnswers(load, await askBehind(cast, id, signal));
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
    ...(id.paired === undefined ? {} : { paired: id.paired }),
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

/** A limit that nobody enforces is none. */
function memoryLimitOf({ targets }: Stage, target: string): number | null {
  const found = targets.get(target);
  return found?.limitsEnforced === true ? limitsTogether(found.service).memoryBytes : null;
}

function writeRaw(stage: Stage, name: string, result: LoadResult | null): TrialFile | null {
  return result === null ? null : stage.writer.writeTrialFile(`${name}.json`, result.raw);
}

/** `memory_kb` is what the original suite has by that name, one look behind the load; the peak and the rest stand beside it. */
function writeResources(stage: Stage, name: string, resources: ResourceRecord | null): TrialFile | null {
  if (resources === null) return null;
  const { memoryEndBytes } = resources;
  const kilobytes = memoryEndBytes === null ? null : Math.round(memoryEndBytes / 1024);
  return stage.writer.writeTrialFile(`${name}.mem.json`, `${JSON.stringify({ memory_kb: kilobytes, ...resources })}\n`);
}

/** Keeps what a target printed, under a name of its own. */
export function saveLog(stage: Stage, name: string, log: string): TrialFile {
  return stage.writer.writeTrialFile(`logs/${name.replaceAll(':', '~')}.log`, log);
}
