import { Histogram } from '../../record/histogram.js';
import type { Distribution, ErrorKind, LoadRecord } from '../../record/trial.js';
import type { TrialLoad } from '../driver.js';
import { connectionsFor } from './arguments.js';
import type { OhaOutput } from './output.js';
import type { OhaRow } from './rows.js';

/** What a finished run of oha left. */
export interface OhaRun {
  readonly output: OhaOutput;
  /** Every answered request, warm-up included. */
  readonly rows: readonly OhaRow[];
  readonly version: string;
  /** CPU time of the whole run. */
  readonly cpuUs: number | null;
}

/** An idle worker at the deadline, or (without -w) a request under way; the former is no request at all. */
const DEADLINE = 'aborted due to deadline';

/**
 * The measured window of a run: requests whose intended time lies in it.
 *
 * Errors have no time in oha's output. They are charged to the window by its share of the run's time, and never beyond what is missing in
 * it; what is then still missing was due and never sent (oha drops the backlog at the deadline).
 */
export function loadRecordOf(run: OhaRun, load: TrialLoad): LoadRecord {
  const from = load.warmupMs / 1000;
  const until = from + load.measureMs / 1000;
  const openLoop = load.level.kind === 'rps';
  const inWindow = run.rows.filter(({ intended }) => intended >= from && intended < until);
  const finishedInWindow = run.rows.filter(({ end }) => end >= from && end < until).length;
  const ok = inWindow.filter(({ status }) => isSuccess(status));
  const windowShare = load.measureMs / (load.measureMs + load.warmupMs);

  const nominal = openLoop ? Math.round((load.level.value * load.measureMs) / 1000) : 0;
  const failures = errorsByKind(run.output.errorDistribution, windowShare);
  const failed = [...failures.values()].reduce((sum, n) => sum + n, 0);
  // The pacer's wake-ups jitter by a millisecond, so a few more than nominal may fall into the window.
  const scheduled = openLoop ? Math.max(nominal, inWindow.length) : inWindow.length + failed;
  const charged = limit(failures, scheduled - inWindow.length);
  const badStatus = inWindow.length - ok.length;
  if (badStatus > 0) charged.set('status', badStatus);
  const errorCount = [...charged.values()].reduce((sum, n) => sum + n, 0);

  return {
    driver: { name: 'oha', version: run.version },
    windowMs: load.measureMs,
    scheduled,
    ok: ok.length,
    errors: Object.fromEntries(charged),
    dropped: scheduled - ok.length - errorCount,
    statuses: countBy(inWindow.map(({ status }) => String(status))),
    errorExamples: examplesOf(run.output.errorDistribution),
    // A saturated target answers old requests in the window, so what it finished counts; one that keeps up answers what was due.
    achievedRps: Math.max(finishedInWindow, openLoop ? inWindow.length : 0) / (load.measureMs / 1000),
    connections: connectionsFor(load),
    latencyUs: distributionOf(ok, ({ intended, end }) => end - intended, from, load.measureMs),
    ttftUs: load.streaming ? firstByteOf(run.output, run.rows.length) : null,
    gapUs: null,
    latenessUs: openLoop
      ? distributionOf(inWindow, ({ intended, sent }) => sent - intended, from, load.measureMs)
      : null,
    driverCpuUs: run.cpuUs === null ? null : run.cpuUs * windowShare,
    bytes: inWindow.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** The kind of one of oha's error messages; they are text for people and have no code. */
export function errorKindOf(message: string): ErrorKind {
  if (/refused|connect timeout|tcp connect|dns|unreachable|address not available/i.test(message)) return 'connect';
  if (/time(d )?.?out/i.test(message)) return 'timeout';
  if (/reset|broken pipe|connection closed before|connection error/i.test(message)) return 'reset';
  if (/incomplete|unexpected eof|end of file/i.test(message)) return 'truncated';
  if (/invalid|parse|malformed/i.test(message)) return 'malformed';
  return 'other';
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function errorsByKind(errors: OhaOutput['errorDistribution'], share: number): Map<ErrorKind, number> {
  const kinds = new Map<ErrorKind, number>();
  for (const [message, n] of Object.entries(errors)) {
    if (message === DEADLINE) continue;
    const kind = errorKindOf(message);
    kinds.set(kind, (kinds.get(kind) ?? 0) + n);
  }
  return new Map([...kinds].map(([kind, n]) => [kind, Math.ceil(n * share)]));
}

/** At most `most` in all, the largest kinds first. */
function limit(counts: ReadonlyMap<ErrorKind, number>, most: number): Map<ErrorKind, number> {
  const limited = new Map<ErrorKind, number>();
  let left = Math.max(0, most);
  for (const [kind, n] of [...counts].sort(([, a], [, b]) => b - a)) {
    const taken = Math.min(n, left);
    if (taken > 0) limited.set(kind, taken);
    left -= taken;
  }
  return limited;
}

function countBy(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

function examplesOf(errors: OhaOutput['errorDistribution']): Record<string, number> {
  const shown = Object.entries(errors).filter(([message]) => message !== DEADLINE);
  return Object.fromEntries(shown.sort(([, a], [, b]) => b - a).slice(0, 10));
}

/** Quantiles are the nearest rank (Hyndman and Fan's type 1); histograms by the second of the intended time. */
function distributionOf(
  rows: readonly OhaRow[],
  seconds: (row: OhaRow) => number,
  from: number,
  measureMs: number,
): Distribution {
  const histograms = Array.from({ length: Math.ceil(measureMs / 1000) }, () => new Histogram());
  const values = new Float64Array(rows.length);
  rows.forEach((row, i) => {
    const valueUs = Math.max(0, seconds(row) * 1e6);
    values[i] = valueUs;
    histograms[Math.min(histograms.length - 1, Math.floor(row.intended - from))]?.record(valueUs);
  });
  values.sort();
  const rank = (p: number): number | null => values[Math.max(0, Math.ceil(p * values.length) - 1)] ?? null;
  return {
    count: values.length,
    quantiles: { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), p999: rank(0.999), max: values.at(-1) ?? null },
    seconds: histograms.map((histogram) => histogram.toSparse()),
  };
}

/** Time to the first body byte over the whole run, from the actual send: all that oha keeps of it. */
function firstByteOf({ firstBytePercentiles, details }: OhaOutput, count: number): Distribution | null {
  if (firstBytePercentiles === undefined) return null;
  const toUs = (value: number | null | undefined): number | null =>
    value === null || value === undefined ? null : value * 1e6;
  return {
    count,
    quantiles: {
      p50: toUs(firstBytePercentiles.p50),
      p90: toUs(firstBytePercentiles.p90),
      p99: toUs(firstBytePercentiles.p99),
      p999: toUs(firstBytePercentiles['p99.9']),
      max: toUs(details.firstByte?.slowest),
    },
    seconds: null,
  };
}
