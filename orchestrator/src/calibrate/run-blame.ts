import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitReady } from '../attest/readiness.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { readCatalogue } from '../catalogue/catalogue.js';
import { withMockPort } from '../catalogue/mock-port.js';
import type { Scenario } from '../catalogue/scenario.js';
import { SCENARIOS, scenarioBody } from '../catalogue/scenarios.js';
import type { Service } from '../catalogue/service.js';
import { BenchError } from '../errors.js';
import { judge } from '../execute/verdict.js';
import type { Driver, TrialLoad } from '../load/driver.js';
import { createOhaDriver } from '../load/oha/driver.js';
import type { Workbench } from '../measure/workbench.js';
import { pause } from '../pause.js';
import type { LoadRecord } from '../record/trial.js';
import { markMockWindow, mockHealth } from '../resources/mock-health.js';
import { ProcFs } from '../runtime/process/procfs.js';
import type { RunningService } from '../runtime/runtime.js';
import { type BlameRow, describeRhythm, type Freeze, freezesOf, judgeFreeze, momentsOf } from './blame.js';
import { freeze } from './freezer.js';
import { relayService, SAME } from './relays.js';
import type { CalibrationRequest } from './run-suite.js';

const WARMUP_MS = 1000;
const WINDOW_MS = { quick: 6000, whole: 12_000 };
/** Until the program that makes the load is there to be stopped. */
const START_MS = 300;

/** What it needs of a calibration. */
type BlameRequest = Pick<CalibrationRequest, 'quick' | 'mockPort' | 'output'>;

/**
 * The freeze table: gateway (a relay), mock and driver are stopped in turn, in three rhythms and at three rates, and each trial is judged as
 * any other. Whoever stood still has to be blamed, and nobody else.
 * @throws BenchError `calibration-failed` where it cannot be done here, `mock-not-ready`
 */
export async function runBlame(request: BlameRequest, bench: Workbench): Promise<BlameRow[]> {
  const { runtime } = bench.equipment;
  const { progress, interrupt } = bench;
  const proc = new ProcFs();
  if (runtime.kind !== 'process' || !proc.available)
    throw notHere('processes can be stopped on Linux with --runtime process only');
  const oha = createOhaDriver(runtime);
  const ohaThere = await oha.prepare((line) => progress.tell(line), interrupt.signal);
  if (ohaThere.state === 'absent') progress.tell(`blame: without oha (${ohaThere.reason.message})`);
  const services = servicesOf(request);
  const running: RunningService[] = [];
  const rows: BlameRow[] = [];
  try {
    for (const service of services) running.push(await startUp(service, bench));
    const [mock, gateway] = running as [RunningService, RunningService];
    const freezes = freezesOf(request.quick).filter(
      ({ driver }) => driver === 'native' || ohaThere.state === 'available',
    );
    for (const [nth, each] of freezes.entries()) {
      progress.tell(
        `blame ${nth + 1}/${freezes.length}: ${each.victim} stopped ${describeRhythm(each.rhythm)}, ${each.driver}, ${each.rps}/s`,
      );
      rows.push(
        await runFreeze(
          each,
          { mock, gateway, ports: services.map(({ port }) => port) },
          request.quick,
          oha,
          bench,
          proc,
        ),
      );
    }
    return rows;
  } finally {
    await Promise.all(running.map((service) => service.stop()));
    await oha.close();
  }
}

function servicesOf({ mockPort, output }: BlameRequest): Service[] {
  const catalogue = readCatalogue([COMPOSE_FILE]);
  const { mock } = mockPort === null ? catalogue : withMockPort(catalogue, mockPort, join(output, '.services'));
  const [relay] = SAME;
  if (relay === undefined) throw new RangeError('no relay to be stopped');
  return [mock, relayService(relay, 0, mock)];
}

async function startUp(service: Service, { equipment: { runtime }, progress, interrupt: { signal } }: Workbench) {
  const availability = await runtime.prepare(service, (line) => progress.tell(line), signal);
  if (availability.state === 'absent') throw notHere(`${service.name} cannot be had: ${availability.reason.message}`);
  const running = await runtime.start(service, signal);
  const reason = await waitReady(
    running,
    { ...service, url: running.url, alreadyRuns: false, mockUrl: null },
    chat(),
    signal,
  );
  if (reason !== null) throw notHere(`${service.name} cannot be used: ${reason.message}`);
  return running;
}

interface Cast {
  readonly mock: RunningService;
  readonly gateway: RunningService;
  /** Of both, in that order. */
  readonly ports: readonly number[];
}

async function runFreeze(
  each: Freeze,
  { mock, gateway, ports }: Cast,
  quick: boolean,
  oha: Driver,
  { interrupt: { signal } }: Workbench,
  proc: ProcFs,
): Promise<BlameRow> {
  const windowMs = quick ? WINDOW_MS.quick : WINDOW_MS.whole;
  const scenario = chat();
  const load: TrialLoad = {
    url: gateway.url + scenario.path,
    headers: {},
    body: scenarioBody(scenario, '', ''),
    streaming: false,
    level: { kind: 'rps', value: each.rps },
    warmupMs: WARMUP_MS,
    measureMs: windowMs,
    timeoutMs: 10_000,
    expectedLatencyMs: 1,
    seed: 1,
  };
  const mark = await markMockWindow(mock.url);
  const native = each.driver === 'native' ? startNative(load) : null;
  const driven = native === null ? oha.run(load, signal) : native.record;
  await pause(START_MS, signal);
  const victims = victimsOf(each, ports, proc, native?.pid ?? null);
  const moments = momentsOf(each.rhythm, windowMs);
  const freezer = freeze(
    victims,
    moments.map((at) => at + WARMUP_MS),
    each.rhythm.frozenMs,
  );
  signal.addEventListener('abort', freezer.thaw, { once: true });
  try {
    const [result] = await Promise.all([driven, freezer.done]);
    const record = 'record' in result ? result.record : result;
    const health = await mockHealth(mock.url, mark, null);
    const id = { block: 1, target: 'relay', replica: 1, scenario, level: load.level } as const;
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
    return judgeFreeze(each, moments.length * each.rhythm.frozenMs, { state, reason, load: record });
  } finally {
    freezer.thaw();
    signal.removeEventListener('abort', freezer.thaw);
  }
}

/** The native driver in a process of its own. */
function startNative(load: TrialLoad): { readonly pid: number; readonly record: Promise<LoadRecord> } {
  const child = fork(fileURLToPath(new URL('./native-driver-worker.js', import.meta.url)), {
    serialization: 'advanced',
  });
  child.send(load);
  const ended = once(child, 'exit').then(() => {
    throw notHere('the native driver ended without a record');
  });
  return {
    pid: child.pid ?? 0,
    record: Promise.race([once(child, 'message').then(([record]) => record as LoadRecord), ended]),
  };
}

/** Process ids of whom to stop; groups as negative numbers, because the mock has workers and oha a shell. */
function victimsOf(
  { victim }: Freeze,
  [mockPort = 0, gatewayPort = 0]: readonly number[],
  proc: ProcFs,
  native: number | null,
): number[] {
  if (victim === 'driver') {
    if (native !== null) return [native];
    const shell = proc
      .children(process.pid)
      .find((pid) => proc.children(pid).some((tool) => proc.stat(tool)?.name === 'oha'));
    if (shell === undefined) throw notHere('oha was not found among the processes');
    return [-shell];
  }
  const holder = proc.socketHolder(proc.listeningInodes(victim === 'mock' ? mockPort : gatewayPort));
  if (holder === null) throw notHere(`the process of the ${victim} was not found`);
  return [-holder.groupId];
}

function notHere(why: string): BenchError {
  return new BenchError({
    code: 'calibration-failed',
    message: `Nobody can be stopped here: ${why}.`,
    hint: 'calibrate --only blame needs Linux, --runtime process, and oha on PATH for its half of the table.',
  });
}

function chat(): Scenario {
  return SCENARIOS[0] as Scenario;
}
