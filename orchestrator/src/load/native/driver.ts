import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { programFile } from '../../installation.js';
import { BenchError, EXIT, messageOf } from '../../errors.js';
import { VERSION } from '../../version.js';
import { hostLimits } from '../../resources/host-limits.js';
import { type AgentShare, comesUnevenly, type Driver, type LoadResult, type TrialLoad } from '../driver.js';
import { monotonicUs } from '../../clock/clock.js';
import { openLaneMemory, START, STARTED_AT } from './lane-memory.js';
import type { JoinResult, JoinTask, SettleTask } from './ledger-worker.js';
import type { LaneTask, PacerReport, PacerTask, ReaderReport, ReaderTask } from './lane-task.js';
import type { AwakeSpan } from './keep-awake.js';
import { type LanePlan, MAX_LANES, type NativeOptions, planLanes, scheduleSpec, withinLimit } from './plan-lanes.js';
import type { SettledTrial } from './stale-connections.js';
import { type LaneReport, toResult } from './to-result.js';

/** Time between the order to start and the trial's start, for the order to reach every thread. */
const START_DELAY_US = 20_000;

/** Trials that share a schedule, at most. */
const MOST_SIDES = 2;

/**
 * The project's own load driver. A trial runs in lanes: in each, one thread keeps the time and writes requests, another owns the
 * sockets and reads answers (`pacing: 'wait'`); or one thread does both and never sleeps (`'spin'`). Every request has its own
 * intended time, latency counts from it, and every request is accounted for. One trial at a time, or a pair.
 */
export function createNativeDriver(asked: NativeOptions = {}): Driver {
  const options = withinLimit(asked, hostLimits().descriptors);
  // V8 takes a lull for a chance to give memory back, and collects whole heaps in the middle of a window. It looks at this when a thread starts.
  setFlagsFromString('--no-memory-reducer');
  const pool = new Piscina({
    // None before the first trial: a command that only plans should start nothing.
    minThreads: 0,
    maxThreads: MOST_SIDES * 2 * MAX_LANES,
    concurrentTasksPerWorker: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    // A waiting worker would otherwise block its thread, and with it the sockets that a trial leaves behind to close.
    atomics: 'disabled',
    // Few and short collections: what a request leaves behind dies young.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  // One thread that lives on: between two trials it is blocked and runs nothing, and starting it anew for each would be a good part of what
  // lies around a load.
  const lasting = { minThreads: 0, maxThreads: 1, idleTimeout: Number.POSITIVE_INFINITY };
  const joiner = new Piscina<JoinTask, JoinResult>({ ...worker('ledger', 'join'), ...lasting });
  const settler = new Piscina<SettleTask, SettledTrial>({ ...worker('ledger', 'settle'), ...lasting });
  return {
    name: 'native',
    prepare: async () => ({ state: 'available', version: VERSION, digest: null, limitsEnforced: false }),
    run: async (load, signal) => {
      const [result] = await runTrials(pool, options, [load], signal);
      return result as LoadResult;
    },
    runPair: async (loads, signal) => {
      const [first, second] = await runTrials(pool, options, loads, signal);
      return [first as LoadResult, second as LoadResult];
    },
    joinLedger: async (requests, ledger, beside) => {
      const result = await joiner.run({ requests, ledger, beside });
      return 'record' in result
        ? result.record
        : { code: 'ledger-unreadable', message: `the mock's ledger cannot be read: ${result.problem}` };
    },
    settleStale: async (trial, ledger) => settler.run({ trial, ledger }),
    close: async () => {
      options.awake?.stop();
      await Promise.all([pool.destroy(), joiner.destroy(), settler.destroy()]);
    },
  };
}

/**
 * Runs trials that share a schedule, each in lanes of its own: what is slow to answer on one side keeps no thread of the other.
 * @returns their results, in the same order
 */
async function runTrials(
  pool: Piscina,
  options: NativeOptions,
  loads: readonly TrialLoad[],
  signal: AbortSignal,
): Promise<LoadResult[]> {
  const plans = loads.map((load, nth) => planLanes(options, load, { of: loads.length, nth }));
  const ended = new AbortController();
  const abort = AbortSignal.any([signal, ended.signal]);
  try {
    await options.awake?.ready();
    const sides = plans.map((plan) => plan.map((lane) => startLane(pool, lane, abort)));
    const lanes = sides.flat();
    const reports = Promise.all(sides.map((side) => Promise.all(side.map((lane) => lane.report))));
    // A thread that fails before it is ready would otherwise leave the trial waiting for it.
    await Promise.race([Promise.all(lanes.map((lane) => lane.ready)), reports]);
    const startedAtUs = await startOf(loads[0]?.share, reports);
    for (const lane of lanes) lane.start(startedAtUs);
    const awake = keptAwake(options, loads, startedAtUs);
    options.onStart?.(startedAtUs);
    for (const load of loads) load.onStart?.(startedAtUs);
    const fromMs = performance.now() + (startedAtUs - monotonicUs()) / 1000;
    const reported = await reports;
    // Nothing spun, and what was not said, are no account.
    const awakeCpuUs = (await awake?.used()) ?? 0;
    return await Promise.all(
      loads.map(async (load, nth) => {
        const windowFromMs = fromMs + load.warmupMs;
        const span = { fromMs, windowFromMs, windowUntilMs: windowFromMs + load.measureMs };
        const result = await toResult(options, load, plans[nth] ?? [], reported[nth] ?? [], startedAtUs);
        return { ...result, span, ...(awakeCpuUs === 0 ? {} : { awakeCpuUs }) };
      }),
    );
  } catch (error) {
    // It would follow the schedule of a trial that is no more.
    options.awake?.stop();
    if (error instanceof BenchError) throw error;
    if (signal.aborted)
      throw new BenchError({ code: 'interrupted', message: 'the trial was interrupted', exitCode: EXIT.interrupted });
    throw new BenchError({
      code: 'driver-failed',
      message: `the native driver failed: ${messageOf(error)}`,
      cause: error,
    });
  } finally {
    // Ends the threads of the other lanes when one has failed; nothing runs any more when none has.
    ended.abort();
  }
}

/** Keeps cores awake over a schedule; null where nobody does. */
function keptAwake(options: NativeOptions, loads: readonly TrialLoad[], startedAtUs: number): AwakeSpan | null {
  const [load] = loads;
  if (options.awake === undefined || load === undefined) return null;
  const { level, share } = load;
  const isKnown = level.kind === 'rps' && share === undefined && !comesUnevenly(load);
  return options.awake.follow(startedAtUs, isKnown ? scheduleSpec(options, load, loads.length) : null);
}

/** When a trial starts: as soon as its threads can be told, or when all agents of it do. */
async function startOf(share: AgentShare | undefined, ended: Promise<unknown>): Promise<number> {
  if (share === undefined) return monotonicUs() + START_DELAY_US;
  const given = await Promise.race([share.startAt(), ended.then(() => null)]);
  if (given === null) throw new Error('its threads ended before the start');
  const aheadUs = given - monotonicUs();
  if (aheadUs >= START_DELAY_US) return given;
  throw new BenchError({
    code: 'agent-late',
    message: `agent ${share.nth} of ${share.of} heard of the common start ${Math.round((START_DELAY_US - aheadUs) / 1000)} ms too late`,
    hint: 'The trial is void: a start further ahead gives slow agents time.',
    exitCode: EXIT.environment,
  });
}

/** Starts a lane's threads. They open their connections, then wait for the start. */
function startLane(pool: Piscina, { task, direct }: LanePlan, signal: AbortSignal) {
  const conductor = new MessageChannel();
  const pacer = task.mode === 'paced' ? { handover: new MessageChannel(), conductor: new MessageChannel() } : null;
  const reader: ReaderTask = { ...task, conductor: conductor.port2, handover: pacer?.handover.port2 ?? null };
  const ports: MessagePort[] = pacer === null ? [conductor.port2] : [conductor.port2, pacer.handover.port2];
  const reading: Promise<ReaderReport> = pool.run(reader, { ...worker('reader', 'read'), signal, transferList: ports });
  const pacing: Promise<PacerReport | null> =
    pacer === null
      ? Promise.resolve(null)
      : pool.run(
          {
            ...pacerTask(task),
            handover: pacer.handover.port1,
            conductor: pacer.conductor.port2,
            direct,
          } satisfies PacerTask,
          { ...worker('pacer', 'pace'), signal, transferList: [pacer.handover.port1, pacer.conductor.port2] },
        );
  const said = [conductor, ...(pacer === null ? [] : [pacer.conductor])].map(({ port1 }) => once(port1, 'message'));
  return {
    ready: Promise.all(said),
    start(startedAtUs: number): void {
      const { control, clock } = openLaneMemory(task.buffers);
      clock[STARTED_AT] = startedAtUs;
      Atomics.store(control, START, 1);
      Atomics.notify(control, START);
      conductor.port1.postMessage({ startedAtUs });
    },
    report: Promise.all([reading, pacing]).then(([read, paced]): LaneReport => ({ reader: read, pacer: paced })),
  };
}

function pacerTask(task: LaneTask): LaneTask {
  const { buffers, templates, counterStart, counterStep, warmupUs, measureUs, cpuset } = task;
  return { buffers, templates, counterStart, counterStep, warmupUs, measureUs, cpuset };
}

function worker(file: string, name: string): { filename: string; name: string } {
  return { filename: programFile(`load/native/${file}-worker.js`), name };
}
