import { total, type WorkerHealth } from './counters.js';
import { Histogram } from './histogram.js';
import { mergeRefusals } from './refusals.js';

/** An event loop that has work for a larger share of the time cannot be trusted to answer at once. */
const MAX_LOOP_UTILIZATION = 0.9;
/** Frames later than this (99th percentile) are noise that the mock added. */
const MAX_LATENESS_US = 5000;
/** The same for timers, in milliseconds. */
const MAX_LOOP_DELAY_MS = 20;
/** A worker that stood still for so long, in milliseconds, let whoever asked it wait for nothing. */
const MAX_FROZEN_MS = 100;
/** Fewer late frames than this say nothing about a percentile. */
const MIN_LATENESS_COUNT = 100;

/** What `/__bench/health` says of one worker. */
export interface ReportedHealth {
  readonly worker: number;
  readonly pid: number;
  readonly health: WorkerHealth;
}

/** The mock's verdict on itself, with what it rests on. */
export type Verdict = 'ok' | 'the mock was the bottleneck';

/** How many workers died and were replaced. */
export interface Restarts {
  /** Since the mock was started. */
  readonly total: number;
  /** Since the last mark. */
  readonly window: number;
}

/**
 * The body of `/__bench/health`.
 * @param workers how many there should be
 */
export function healthReport(reports: readonly ReportedHealth[], workers: number, restarts: Restarts): object {
  const lateness = new Histogram();
  for (const { health } of reports) lateness.merge(health.window.latenessUs);
  const missing = Array.from({ length: workers }, (_, i) => i).filter((i) => !reports.some((r) => r.worker === i));
  const evidence = findEvidence(reports, missing, restarts.window);
  const verdict: Verdict = evidence.length === 0 ? 'ok' : 'the mock was the bottleneck';
  const seconds = Math.max(0, ...reports.map(({ health }) => health.window.seconds));
  const windowCounts = total(reports.map(({ health }) => health.window.counts));
  return {
    status: 'ok',
    verdict,
    evidence,
    connections: reports.reduce((sum, { health }) => sum + health.connections, 0),
    totals: total(reports.map(({ health }) => health.counts)),
    refused: mergeRefusals(reports.map(({ health }) => health.refused)),
    window: {
      seconds: rounded(seconds),
      ...windowCounts,
      requestsPerSecond: rounded(windowCounts.requests / seconds),
      framesPerSecond: rounded(windowCounts.frames / seconds),
      peerBlockedMs: rounded(reports.reduce((sum, { health }) => sum + health.window.peerBlockedMs, 0)),
      turnedAway: reports.reduce((sum, { health }) => sum + health.window.turnedAway, 0),
      latenessUs: lateness.summary(),
      restarts: restarts.window,
    },
    workers: reports.map(workerReport),
    missing,
    restarts: restarts.total,
  };
}

function workerReport({ worker, pid, health }: ReportedHealth): object {
  const { connections, counts, window } = health;
  const lateness = new Histogram();
  lateness.merge(window.latenessUs);
  return {
    worker,
    pid,
    connections,
    totals: counts,
    window: {
      ...window.counts,
      requestsPerSecond: rounded(window.counts.requests / window.seconds),
      framesPerSecond: rounded(window.counts.frames / window.seconds),
      loopUtilization: rounded(window.loopUtilization),
      cpuUtilization: rounded(window.cpuUtilization),
      loopDelayMs: {
        p50: rounded(window.loopDelayMs.p50),
        p99: rounded(window.loopDelayMs.p99),
        max: rounded(window.loopDelayMs.max),
      },
      peerBlockedMs: rounded(window.peerBlockedMs),
      frozenMs:
        window.frozenMs === null
          ? null
          : { longest: rounded(window.frozenMs.longestMs), total: rounded(window.frozenMs.totalMs) },
      turnedAway: window.turnedAway,
      latenessUs: lateness.summary(),
    },
  };
}

/** Every reason to distrust what was measured against this mock. */
function findEvidence(reports: readonly ReportedHealth[], missing: readonly number[], restarts: number): string[] {
  const evidence = missing.map((worker) => `worker ${worker} does not answer`);
  if (restarts > 0) evidence.push(`${restarts} worker${restarts === 1 ? '' : 's'} died and had to be replaced`);
  for (const { worker, health } of reports) {
    const { loopUtilization, loopDelayMs, latenessUs, frozenMs, turnedAway } = health.window;
    if (turnedAway > 0)
      evidence.push(`worker ${worker}: no file descriptor for ${turnedAway} connections, which it closed (ulimit -n)`);
    if (frozenMs !== null && frozenMs.longestMs > MAX_FROZEN_MS) {
      const frozen = rounded(frozenMs.totalMs);
      evidence.push(`worker ${worker}: stood still for ${frozen} ms, at a time more than ${MAX_FROZEN_MS} ms`);
    }
    if (loopUtilization > MAX_LOOP_UTILIZATION) {
      const percent = Math.round(loopUtilization * 100);
      evidence.push(
        `worker ${worker}: event loop busy ${percent} % of the time (limit ${MAX_LOOP_UTILIZATION * 100} %)`,
      );
    }
    if (loopDelayMs.p99 > MAX_LOOP_DELAY_MS) {
      evidence.push(
        `worker ${worker}: event loop delay p99 ${rounded(loopDelayMs.p99)} ms (limit ${MAX_LOOP_DELAY_MS} ms)`,
      );
    }
    const lateness = new Histogram();
    lateness.merge(latenessUs);
    const p99 = lateness.quantile(0.99);
    if (lateness.total >= MIN_LATENESS_COUNT && p99 > MAX_LATENESS_US) {
      evidence.push(`worker ${worker}: frames sent late, p99 ${Math.round(p99)} µs (limit ${MAX_LATENESS_US} µs)`);
    }
  }
  return evidence;
}

function rounded(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : 0;
}
