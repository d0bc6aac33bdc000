import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { BenchError, messageOf } from '../../errors.js';
import { VERSION } from '../../version.js';
import type { Driver, LoadResult, TrialLoad } from '../driver.js';
import { monotonicUs } from './clock.js';
import { writeColumnFile } from './column-file.js';
import { columnsOver } from './columns.js';
import { wireFormatOf } from './frame.js';
import { createLaneBuffers, type LaneBuffers, openLaneMemory, START, STARTED_AT } from './lane-memory.js';
import type { LaneTask, PacerReport, PacerTask, Pacing, ReaderReport, ReaderTask } from './lane-task.js';
import { requestId, requestTemplate, trialPrefix, writePrefix } from './request-template.js';
import { type Arrivals, intendedTimes } from './schedule.js';
import { type LaneRows, toLoadRecord } from './to-record.js';

/** What the native driver can be told. */
export interface NativeOptions {
  /** @default 'wait' */
  readonly pacing?: Pacing;
  /** @default 'constant' */
  readonly arrivals?: Arrivals;
  /** Most connections of a trial; requests beyond wait, and are dropped when they wait too long. @default 8192 */
  readonly maxConnections?: number;
}

/** Requests a second for one lane: what a thread sends and reads with most of its core to spare. */
const LANE_RPS = 8000;
const MAX_LANES = 2;

/** Time between the order to start and the trial's start, for the order to reach every thread. */
const START_DELAY_US = 20_000;

/** Connections beyond what Little's law asks for, so that the pool is not the queue. */
const SPARE_CONNECTIONS = 16;

/**
 * The project's own load driver. A trial runs in lanes: in each, one thread keeps the time and writes requests, another owns the
 * sockets and reads answers (`pacing: 'wait'`); or one thread does both and never sleeps (`'spin'`). Every request has its own
 * intended time, latency counts from it, and every request is accounted for. One trial at a time.
 */
export function createNativeDriver(options: NativeOptions = {}): Driver {
  const pool = new Piscina({
    // None before the first trial: a command that only plans should start nothing.
    minThreads: 0,
    maxThreads: 2 * MAX_LANES,
    concurrentTasksPerWorker: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    // A waiting worker would otherwise block its thread, and with it the sockets that a trial leaves behind to close.
    atomics: 'disabled',
    // Few and short collections: what a request leaves behind dies young.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  return {
    name: 'native',
    prepare: async () => ({ state: 'available', version: VERSION, digest: null, limitsEnforced: false }),
    run: (load, signal) => runTrial(pool, options, load, signal),
    close: () => pool.destroy(),
  };
}

async function runTrial(
  pool: Piscina,
  options: NativeOptions,
  load: TrialLoad,
  signal: AbortSignal,
): Promise<LoadResult> {
  const plan = planLanes(options, load);
  const ended = new AbortController();
  const abort = AbortSignal.any([signal, ended.signal]);
  try {
    const lanes = plan.map((lane) => startLane(pool, lane, abort));
    const reports = Promise.all(lanes.map((lane) => lane.report));
    // A thread that fails before it is ready would otherwise leave the trial waiting for it.
    await Promise.race([Promise.all(lanes.map((lane) => lane.ready)), reports]);
    const startedAtUs = monotonicUs() + START_DELAY_US;
    for (const lane of lanes) lane.start(startedAtUs);
    return await toResult(options, load, plan, await reports, startedAtUs);
  } catch (error) {
    if (signal.aborted)
      throw new BenchError({ code: 'interrupted', message: 'the trial was interrupted', exitCode: 130 });
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

interface LanePlan {
  readonly task: Omit<ReaderTask, 'conductor' | 'handover'>;
  readonly direct: boolean;
  /** Of every id of the trial. */
  readonly prefix: string;
}

/** Cuts a trial into lanes that send in turn, so that the trial's schedule is the same however many there are. */
function planLanes(options: NativeOptions, load: TrialLoad): LanePlan[] {
  const url = new URL(load.url);
  const closed = load.level.kind === 'streams';
  const pacing = options.pacing ?? 'wait';
  const count = closed || pacing === 'spin' ? 1 : Math.min(MAX_LANES, Math.ceil(load.level.value / LANE_RPS));
  const schedule = closed
    ? new Float64Array()
    : intendedTimes({
        ratePerSecond: load.level.value,
        warmupMs: load.warmupMs,
        measureMs: load.measureMs,
        arrivals: options.arrivals ?? 'constant',
        seed: load.seed,
      });
  const template = requestTemplate(url, load.headers, load.body);
  const prefix = trialPrefix();
  writePrefix(template, prefix);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const maxConnections = Math.max(closed ? load.level.value : 1, Math.floor((options.maxConnections ?? 8192) / count));
  const needed = closed ? load.level.value : (load.level.value * load.expectedLatencyMs * 2) / 1000 + SPARE_CONNECTIONS;
  return Array.from({ length: count }, (_, lane) => ({
    prefix,
    direct: url.protocol === 'http:' && process.platform !== 'win32',
    task: {
      buffers: createLaneBuffers(
        schedule.filter((_time, k) => k % count === lane),
        maxConnections,
      ),
      template,
      counterStart: lane,
      counterStep: count,
      warmupUs: load.warmupMs * 1000,
      measureUs: load.measureMs * 1000,
      host,
      port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
      tlsName: url.protocol === 'https:' ? (isIP(host) === 0 ? host : '') : null,
      mode: closed ? 'closed' : pacing === 'spin' ? 'spin' : 'paced',
      streams: closed ? load.level.value : 0,
      connections: Math.min(maxConnections, Math.ceil(needed / count)),
      maxConnections,
      timeoutUs: load.timeoutMs * 1000,
      streaming: load.streaming,
      format: wireFormatOf(load.url),
      expected: load.expected ?? null,
    },
  }));
}

interface LaneReport {
  readonly reader: ReaderReport;
  readonly pacer: PacerReport | null;
}

/** Starts a lane's threads. They open their connections, then wait for the start. */
function startLane(pool: Piscina, { task, direct }: LanePlan, signal: AbortSignal) {
  const conductor = new MessageChannel();
  const handover = task.mode === 'paced' ? new MessageChannel() : null;
  const reader: ReaderTask = { ...task, conductor: conductor.port2, handover: handover?.port2 ?? null };
  const ports: MessagePort[] = handover === null ? [conductor.port2] : [conductor.port2, handover.port2];
  const reading: Promise<ReaderReport> = pool.run(reader, { ...worker('reader', 'read'), signal, transferList: ports });
  const pacing: Promise<PacerReport | null> =
    handover === null
      ? Promise.resolve(null)
      : pool.run(pacerTask(task, handover.port1, direct), {
          ...worker('pacer', 'pace'),
          signal,
          transferList: [handover.port1],
        });
  return {
    ready: once(conductor.port1, 'message'),
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

function pacerTask(task: LaneTask, handover: MessagePort, direct: boolean): PacerTask {
  const { buffers, template, counterStart, counterStep, warmupUs, measureUs } = task;
  return { buffers, template, counterStart, counterStep, warmupUs, measureUs, handover, direct };
}

function worker(file: string, name: string): { filename: string; name: string } {
  return { filename: new URL(`./${file}-worker.js`, import.meta.url).href, name };
}

async function toResult(
  options: NativeOptions,
  load: TrialLoad,
  plan: readonly LanePlan[],
  reports: readonly LaneReport[],
  startedAtUs: number,
): Promise<LoadResult> {
  const prefix = plan[0]?.prefix ?? '';
  const lanes = reports.map((report, lane) => laneRows(report.reader, (plan[lane] as LanePlan).task.buffers));
  const record = toLoadRecord(lanes, {
    version: VERSION,
    warmupMs: load.warmupMs,
    measureMs: load.measureMs,
    streaming: load.streaming,
    open: load.level.kind === 'rps',
    connections: sum(reports.map(({ reader }) => reader.connectionsPeak)) ?? 0,
    gapSeconds: mergeSeconds(reports.map(({ reader }) => reader.gapSeconds)),
    maxGapUs: reports.reduce<number | null>((most, { reader }) => maxOf(most, reader.maxGapUs), null),
    errorExamples: mergeExamples(reports.map(({ reader }) => reader.errorExamples)),
    driverCpuUs: sum(
      reports.flatMap(({ reader, pacer }) => (pacer === null ? [reader.cpuUs] : [reader.cpuUs, pacer.cpuUs])),
    ),
  });
  const raw = {
    driver: 'native',
    startedAtUs,
    pacing: options.pacing ?? 'wait',
    arrivals: options.arrivals ?? 'constant',
    lanes: plan.length,
    raisedPriority: reports.every(({ reader }) => reader.raisedPriority),
    connectionsOpened: sum(reports.map(({ reader }) => reader.connectionsOpened)),
    framing: framing(lanes, load.warmupMs * 1000),
    breaches: reports.flatMap(({ reader }, lane) => reader.breaches.map((breach) => named(breach, lane))),
    series: reports.flatMap(({ reader }, lane) => reader.series.map((series) => named(series, lane))),
    record,
  };
  // Rows are numbered within a lane, and a lane takes every n-th request.
  function named<T extends { readonly row: number }>({ row, ...rest }: T, lane: number) {
    return { id: requestId(prefix, row * plan.length + lane), ...rest };
  }
  const columns = await writeColumnFile(
    lanes.map((lane, index) => ({ ...lane, counterStart: index, counterStep: plan.length })),
    { startedAtUs, warmupUs: load.warmupMs * 1000, measureUs: load.measureMs * 1000, idPrefix: prefix },
  );
  return { record, raw: Buffer.from(JSON.stringify(raw)), columns };
}

/** How the frames of the window travelled: fewer chunks or reads than frames were merged on the way, more were split. */
function framing(lanes: readonly LaneRows[], warmupUs: number) {
  const total = { frames: 0, chunks: 0, reads: 0 };
  for (const { columns, rows } of lanes) {
    for (let row = 0; row < rows; row++) {
      if ((columns.intendedUs[row] as number) < warmupUs) continue;
      total.frames += columns.frames[row] as number;
      total.chunks += columns.chunks[row] as number;
      total.reads += columns.reads[row] as number;
    }
  }
  return total;
}

function laneRows(reader: ReaderReport, buffers: LaneBuffers): LaneRows {
  const { ownColumns, rows } = reader;
  if (ownColumns === null) return { columns: openLaneMemory(buffers).columns, rows };
  return { columns: columnsOver(ownColumns.buffer, ownColumns.capacity), rows };
}

/** A sum of figures of which one may be unknown; then the sum is. */
function sum(figures: readonly (number | null)[]): number | null {
  return figures.reduce((total, figure) => (total === null || figure === null ? null : total + figure), 0);
}

function maxOf(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}

function mergeExamples(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const merged: Record<string, number> = {};
  for (const examples of all) {
    for (const [message, count] of Object.entries(examples)) merged[message] = (merged[message] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(merged).slice(0, 10));
}

/** Adds the lanes' histograms second by second. */
function mergeSeconds(
  lanes: readonly (readonly (readonly number[])[] | null)[],
): readonly (readonly number[])[] | null {
  const [first, ...rest] = lanes;
  if (first === undefined || first === null) return null;
  return rest.length === 0 ? first : first.map((_, second) => mergeSparse(lanes.map((lane) => lane?.[second] ?? [])));
}

function mergeSparse(all: readonly (readonly number[])[]): number[] {
  const counts = new Map<number, number>();
  for (const sparse of all) {
    for (let i = 0; i + 1 < sparse.length; i += 2) {
      counts.set(sparse[i] as number, (counts.get(sparse[i] as number) ?? 0) + (sparse[i + 1] as number));
    }
  }
  return [...counts].sort(([a], [b]) => a - b).flat();
}
