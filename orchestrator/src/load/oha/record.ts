import type { Stall } from '../../clock/heartbeat.js';
import { BenchError } from '../../errors.js';
import { OWN_WANTS } from '../../record/exhaustion.js';
import { Histogram } from '../../record/histogram.js';
import type { Distribution, LoadRecord, Pauses, Standstill } from '../../record/trial.js';
import { achievedRps, completedRps } from '../achieved.js';
import type { TrialLoad } from '../driver.js';
import { pausesOf } from '../pauses.js';
import { mergeStalls, standstillOf } from '../standstill.js';
import { connectionsFor } from './arguments.js';
import { type ErrorCounts, windowCounts } from './counts.js';
import { distributionOf, distributionOfPercentiles } from './distribution.js';
import { ohaErrorKind, wantOf } from './errors.js';
import type { OhaOutput } from './output.js';
import type { OhaRows } from './rows.js';
import { pacerStalls, scheduleLateness } from './schedule.js';

/** What one run of oha left: its JSON, its rows (null when there was no database) and what the runtime knows of the process. */
export interface OhaRun {
  readonly output: OhaOutput;
  readonly rows: OhaRows | null;
  readonly version: string | null;
  readonly cpuUs: number | null;
  /** When its process was seen not to run, microseconds from its start; null where nobody looked. */
  readonly stalls: readonly Stall[] | null;
}

/**
 * The record of the measured window. Counts, latency, lateness and rate come from the rows, the kinds of errors and the time to the
 * first byte from the JSON. Without rows the window cannot be cut out: counts are then the window's share by time of the whole run,
 * latency is oha's own of the whole run, and there is nothing to merge (`seconds` null).
 * @throws BenchError `driver-failed` when JSON and rows do not tell of the same number of answers.
 */
export function ohaRecord(load: TrialLoad, run: OhaRun): LoadRecord {
  const answers =
    run.rows === null ? answersByShare(load, run.output) : answersInWindow(load, run.output, run.rows, run.stalls);
  const counts = windowCounts(load, {
    answeredBefore: answers.before,
    answeredWithin: sum(answers.statuses),
    errors: errorsByKind(run.output),
  });
  const ok = successful(answers.statuses);
  const badStatus = sum(answers.statuses) - ok;
  return {
    driver: { name: 'oha', version: run.version ?? 'unknown' },
    windowMs: load.measureMs,
    scheduled: counts.scheduled,
    ok,
    errors: badStatus > 0 ? { ...counts.errors, status: badStatus } : counts.errors,
    dropped: counts.dropped,
    statuses: answers.statuses,
    errorExamples: errorExamples(run.output),
    achievedRps: answers.achievedRps(counts.scheduled),
    connections: connectionsFor(load),
    latencyUs: answers.latencyUs,
    ttftUs: load.streaming ? firstBytes(run.output) : null,
    gapUs: null,
    latenessUs: answers.latenessUs,
    ...(answers.behaviour === null ? {} : answers.behaviour),
    driverCpuUs: run.cpuUs === null ? null : run.cpuUs * windowShare(load),
    bytes: answers.bytes,
  };
}

/** Answers of any status, as far as they belong to the window. */
interface Answers {
  /** To requests of the warm-up. */
  readonly before: number;
  /** To requests of the window, by status. */
  readonly statuses: Record<string, number>;
  /** Answers a second of the window, in which so many requests were due. */
  readonly achievedRps: (scheduled: number) => number;
  readonly bytes: number | null;
  readonly latencyUs: Distribution;
  readonly latenessUs: Distribution | null;
  /** What the rows tell of driver and target in time; null without rows. */
  readonly behaviour: {
    readonly connectionWaitUs: Distribution | null;
    readonly answerBytes: number[];
    readonly pauses: Pauses;
    readonly standstill: Standstill;
  } | null;
}

/**
 * A request belongs to the window by its intended time (in a closed loop, by its start). oha schedules nothing after the deadline, so
 * what its pacer sent a little late still belongs to the last second.
 */
function answersInWindow(load: TrialLoad, output: OhaOutput, rows: OhaRows, watched: readonly Stall[] | null): Answers {
  assertSameAnswers(output, rows);
  const dueUs = rows.intendedUs.map((intended, i) => (Number.isNaN(intended) ? (rows.startUs[i] as number) : intended));
  const windowStartUs = load.warmupMs * 1000;
  const within = indices(dueUs.length, (i) => (dueUs[i] as number) >= windowStartUs);
  const ok = within.filter((i) => isSuccess(rows.status[i] as number));
  const secondCount = Math.ceil(load.measureMs / 1000);
  const window = { startUs: windowStartUs, endUs: windowStartUs + load.measureMs * 1000 };
  const open = load.level.kind === 'rps';
  const lateUs = open ? scheduleLateness(rows.intendedUs, load.level.value) : null;
  const stalls = mergeStalls([
    ...(lateUs === null ? [] : pacerStalls(rows.intendedUs, lateUs, load.level.value)),
    ...(watched ?? []),
  ]);
  const timed = (chosen: Uint32Array, valueUs: (i: number) => number) => ({
    valuesUs: Float64Array.from(chosen, valueUs),
    seconds: chosen.map((i) => Math.min(secondCount - 1, Math.floor(((dueUs[i] as number) - windowStartUs) / 1e6))),
    secondCount,
  });
  return {
    before: dueUs.length - within.length,
    statuses: tally(within, rows.status),
    achievedRps: (scheduled) =>
      open
        ? achievedRps({ dueUs, endUs: rows.endUs }, { ...window, scheduled, uneven: false })
        : completedRps({ dueUs, endUs: rows.endUs }, window),
    bytes: within.reduce((bytes, i) => bytes + (rows.bytes[i] as number), 0),
    latencyUs: distributionOf(timed(ok, (i) => (rows.endUs[i] as number) - (dueUs[i] as number))),
    latenessUs: lateUs === null ? null : distributionOf(timed(within, (i) => lateUs[i] as number)),
    behaviour: {
      // From the pacer's waking to a worker's taking it up: all connections were busy.
      connectionWaitUs: open
        ? distributionOf(timed(within, (i) => (rows.startUs[i] as number) - (dueUs[i] as number)))
        : null,
      answerBytes: bytesOf(ok, rows.bytes),
      pauses: pausesOf({ dueUs, untilUs: rows.endUs, answered: () => true }, window, stalls),
      standstill: standstillOf(
        stalls,
        window,
        [...(open ? (['schedule'] as const) : []), ...(watched === null ? [] : (['process'] as const))],
        null,
      ),
    },
  };
}

function bytesOf(chosen: Uint32Array, bytes: Float64Array): number[] {
  const histogram = new Histogram();
  for (const i of chosen) histogram.record(bytes[i] as number);
  return [...histogram.toSparse()];
}

function answersByShare(load: TrialLoad, output: OhaOutput): Answers {
  const all = output.statusCodeDistribution;
  const part = windowShare(load);
  const statuses = Object.fromEntries(Object.entries(all).map(([status, count]) => [status, Math.round(count * part)]));
  const onlyOk = successful(all) === sum(all);
  const percentiles = output.latencyPercentilesSuccessful ?? (onlyOk ? output.latencyPercentiles : null);
  return {
    before: sum(all) - sum(statuses),
    statuses,
    achievedRps: (scheduled) =>
      (Math.min(sum(statuses), load.level.kind === 'rps' ? scheduled : Number.POSITIVE_INFINITY) * 1000) /
      load.measureMs,
    bytes: null,
    latencyUs: distributionOfPercentiles(successful(statuses), percentiles, onlyOk ? output.summary.slowest : null),
    latenessUs: null,
    behaviour: null,
  };
}

/**
 * The first body byte after the actual send, of the whole run with its warm-up and of answers of every status: oha gives it neither by
 * request nor from the intended time.
 */
function firstBytes(output: OhaOutput): Distribution | null {
  const percentiles = output.firstBytePercentiles;
  if (percentiles === undefined) return null;
  return distributionOfPercentiles(
    sum(output.statusCodeDistribution),
    percentiles,
    output.details.firstByte?.slowest ?? null,
  );
}

function errorsByKind(output: OhaOutput): ErrorCounts {
  const errors: ErrorCounts = {};
  for (const [message, count] of Object.entries(output.errorDistribution)) {
    const kind = ohaErrorKind(message);
    if (kind !== null) errors[kind] = (errors[kind] ?? 0) + count;
  }
  return errors;
}

/** The most frequent messages of the whole run. */
function errorExamples(output: OhaOutput): Record<string, number> {
  const real = Object.entries(output.errorDistribution).flatMap(([message, count]) => {
    if (ohaErrorKind(message) === null) return [];
    const want = wantOf(message);
    return [[want === null ? message : `${want}, ${OWN_WANTS[want]}`, count] as const];
  });
  return Object.fromEntries(real.sort(([, a], [, b]) => b - a).slice(0, 10));
}

/** The two files are written one after the other from the same results: when they differ, one of them is not whole. */
function assertSameAnswers(output: OhaOutput, rows: OhaRows): void {
  const told = sum(output.statusCodeDistribution);
  if (told === rows.status.length) return;
  throw new BenchError({
    code: 'driver-failed',
    message: `oha's result tells of ${told} answers, its database of ${rows.status.length}`,
    hint: 'The database is written last; a full disk or a killed oha leaves it short.',
  });
}

/** The window's share of the whole run by time. */
function windowShare(load: TrialLoad): number {
  return load.measureMs / (load.warmupMs + load.measureMs);
}

function indices(length: number, wanted: (index: number) => boolean): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => i).filter(wanted);
}

function tally(chosen: Uint32Array, status: Uint16Array): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const i of chosen) counts[String(status[i])] = (counts[String(status[i])] ?? 0) + 1;
  return counts;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function successful(statuses: Readonly<Record<string, number>>): number {
  return sum(Object.fromEntries(Object.entries(statuses).filter(([status]) => isSuccess(Number(status)))));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
