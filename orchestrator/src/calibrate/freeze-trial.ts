import { PLAIN_ADDRESSING } from '../catalogue/addressing.js';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { programFile } from '../installation.js';
import type { BlameRow } from '../certificate/blame-rows.js';
import { scenarioBody } from '../catalogue/scenarios.js';
import { BenchError } from '../errors.js';
import { judge } from '../execute/verdict.js';
import type { Driver, TrialLoad } from '../load/driver.js';
import { pause } from '../pause.js';
import type { LoadRecord } from '../record/trial.js';
import { markMockWindow, mockHealth } from '../resources/mock-health.js';
import type { ProcFs } from '../runtime/process/procfs.js';
import { type Freeze, judgeFreeze, momentsOf } from './blame.js';
import { freeze } from './freezer.js';
import { watchMachine } from './machine-watch.js';
import { CHAT } from './started-service.js';

const WARMUP_MS = 1000;
/** Until the program that makes the load is there to be stopped. */
const START_MS = 300;

/** Whom a stop can meet, and what shows it. */
export interface FreezeCast {
  readonly mock: { readonly url: string; readonly port: number };
  readonly gateway: { readonly url: string; readonly port: number };
  readonly oha: Driver;
  readonly proc: ProcFs;
}

/**
 * Stops one of them while a load runs, and has the trial judged as any other. However it ends, nothing of it runs any more.
 * @throws BenchError `calibration-failed` where whoever is to be stopped cannot be found
 */
export async function runFreeze(
  each: Freeze,
  windowMs: number,
  cast: FreezeCast,
  signal: AbortSignal,
): Promise<BlameRow> {
  const { mock, oha, proc } = cast;
  const load = loadOf(each, windowMs, cast.gateway.url);
  const mark = await markMockWindow(mock);
  const machine = watchMachine(proc);
  const ended = new AbortController();
  const abort = AbortSignal.any([signal, ended.signal]);
  const native = each.driver === 'native' ? startNative(load, abort) : null;
  const driven = native === null ? oha.run(load, abort).then(({ record }) => record) : native.record;
  // Awaited below; where this ends before, what became of the load is nobody's.
  driven.catch(() => {});
  try {
    await pause(START_MS, signal);
    const victims = victimsOf(each, cast, native?.pid ?? null);
    const moments = momentsOf(each.rhythm, windowMs);
    const freezer = freeze(
      victims,
      moments.map((at) => at + WARMUP_MS),
      each.rhythm.frozenMs,
    );
    abort.addEventListener('abort', freezer.thaw, { once: true });
    const [record] = await Promise.all([driven, freezer.done]);
    const hindrance = await machine.finish();
    const health = await mockHealth(mock, mark, null);
    const id = { block: 1, target: 'relay', replica: 1, scenario: CHAT, level: load.level } as const;
    const seen = {
      result: { record, raw: new Uint8Array(), span: { fromMs: 0, windowFromMs: 0, windowUntilMs: 0 } },
      fault: null,
      resources: null,
      host: null,
      observer: null,
      health,
      exit: null,
      mockExit: null,
    };
    const beside = {
      ledger: null,
      leftOver: null,
      memoryLimitBytes: null,
      targetIsMock: false,
      notes: [],
      beside: null,
    };
    const { state, reason } = judge(id, seen, beside);
    return judgeFreeze(each, moments.length * each.rhythm.frozenMs, { state, reason, load: record }, hindrance);
  } finally {
    // Lets whoever is stopped go on, and ends a load that still runs.
    ended.abort();
    await Promise.allSettled([driven, machine.finish()]);
  }
}

function loadOf({ rps }: Freeze, windowMs: number, gatewayUrl: string): TrialLoad {
  return {
    url: gatewayUrl + CHAT.path,
    headers: {},
    body: scenarioBody(CHAT, PLAIN_ADDRESSING, ''),
    streaming: false,
    level: { kind: 'rps', value: rps },
    warmupMs: WARMUP_MS,
    measureMs: windowMs,
    timeoutMs: 10_000,
    expectedLatencyMs: 1,
    seed: 1,
  };
}

/** The native driver in a process of its own, which goes when the signal aborts. */
function startNative(
  load: TrialLoad,
  signal: AbortSignal,
): { readonly pid: number; readonly record: Promise<LoadRecord> } {
  const child = fork(programFile('calibrate/native-driver-worker.js'), {
    serialization: 'advanced',
  });
  child.send(load);
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  const ended = once(child, 'exit').then(() => {
    signal.removeEventListener('abort', kill);
    signal.throwIfAborted();
    throw notHere('the native driver ended without a record');
  });
  return {
    pid: child.pid ?? 0,
    record: Promise.race([once(child, 'message').then(([record]) => record as LoadRecord), ended]),
  };
}

/** Process ids of whom to stop; groups as negative numbers, because the mock has workers and oha a shell. */
function victimsOf({ victim }: Freeze, { mock, gateway, proc }: FreezeCast, native: number | null): number[] {
  if (victim === 'driver') {
    if (native !== null) return [native];
    const shell = proc
      .children(process.pid)
      .find((pid) => proc.children(pid).some((tool) => proc.stat(tool)?.name === 'oha'));
    if (shell === undefined) throw notHere('oha was not found among the processes');
    return [-shell];
  }
  const holder = proc.socketHolder(proc.listeningInodes(victim === 'mock' ? mock.port : gateway.port));
  if (holder === null) throw notHere(`the process of the ${victim} was not found`);
  return [-holder.groupId];
}

/** Why nobody can be stopped. */
export function notHere(why: string): BenchError {
  return new BenchError({
    code: 'calibration-failed',
    message: `Nobody can be stopped here: ${why}.`,
    hint: 'calibrate --only blame needs Linux, --runtime process, and oha on PATH for its half of the table.',
  });
}
