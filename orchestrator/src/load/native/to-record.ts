import { bucketBounds } from '../../record/histogram.js';
import type { Distribution, LoadRecord } from '../../record/trial.js';
import { ABSENT, type Columns, OUTCOMES } from './columns.js';
import { type Window, WindowSamples } from './window-samples.js';

/** The rows of one lane, and what its threads saw beside them. */
export interface LaneRows {
  readonly columns: Columns;
  readonly rows: number;
}

/** What a record is made of besides the rows. */
export interface RecordFacts {
  readonly version: string;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly streaming: boolean;
  /** Open loop: lateness means something. */
  readonly open: boolean;
  readonly connections: number;
  readonly gapSeconds: readonly (readonly number[])[] | null;
  readonly maxGapUs: number | null;
  readonly errorExamples: Readonly<Record<string, number>>;
  readonly driverCpuUs: number | null;
}

/** Turns the rows of a trial into its record: the rows intended in the window, each counted once. */
export function toLoadRecord(lanes: readonly LaneRows[], facts: RecordFacts): LoadRecord {
  const startUs = facts.warmupMs * 1000;
  const window = { startUs, endUs: startUs + facts.measureMs * 1000, seconds: Math.ceil(facts.measureMs / 1000) };
  const latency = new WindowSamples(window);
  const ttft = new WindowSamples(window);
  const lateness = new WindowSamples(window);
  const service = new WindowSamples(window);
  const connecting = new WindowSamples(window);
  const outcomes = new Map<string, number>();
  const statuses: Record<string, number> = {};
  let scheduled = 0;
  let bytes = 0;
  for (const { columns, rows } of lanes) {
    for (let row = 0; row < rows; row++) {
      const intended = columns.intendedUs[row] as number;
      if (intended < window.startUs) continue;
      scheduled += 1;
      const outcome = OUTCOMES[columns.outcome[row] as number] as string;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      const status = columns.status[row] as number;
      if (status > 0) statuses[status] = (statuses[status] ?? 0) + 1;
      bytes += columns.bytes[row] as number;
      const sent = columns.sentUs[row] as number;
      const connect = columns.connectUs[row] as number;
      addMoment(connecting, intended, connect);
      if (sent !== ABSENT) lateness.add(intended, connect === ABSENT ? sent : Math.max(0, sent - connect));
      if (status < 200 || status > 299) continue;
      const last = columns.lastByteUs[row] as number;
      addMoment(latency, intended, last);
      if (last !== ABSENT && sent !== ABSENT) service.add(intended, last - sent);
      addMoment(ttft, intended, columns.firstTokenUs[row] as number);
    }
  }
  const { ok = 0, dropped = 0, ...failed } = Object.fromEntries(outcomes);
  return {
    driver: { name: 'native', version: facts.version },
    windowMs: facts.measureMs,
    scheduled,
    ok,
    errors: failed,
    dropped,
    statuses,
    errorExamples: { ...facts.errorExamples },
    achievedRps: achievedRps(lanes, window),
    connections: facts.connections,
    latencyUs: latency.distribution(),
    ttftUs: facts.streaming ? ttft.distribution() : null,
    gapUs: facts.gapSeconds === null ? null : gapDistribution(facts.gapSeconds, facts.maxGapUs),
    serviceUs: service.distribution(),
    connectUs: connecting.count === 0 ? null : connecting.distribution(),
    latenessUs: facts.open ? lateness.distribution() : null,
    driverCpuUs: facts.driverCpuUs,
    bytes,
  };
}

function addMoment(samples: WindowSamples, intendedUs: number, valueUs: number): void {
  if (valueUs !== ABSENT) samples.add(intendedUs, valueUs);
}

/**
 * Answers a second while the window lasted, whatever their status. Counted between the moments at which the window's first answers
 * were to be expected and the same time after its end, so that what is under way at either end cancels out: a target that keeps up
 * achieves the level whatever its latency, and a backlog answered after the end of the load counts for nothing.
 */
function achievedRps(lanes: readonly LaneRows[], window: Window): number {
  const early: number[] = [];
  const tenthUs = window.startUs + (window.endUs - window.startUs) / 10;
  forAnswers(lanes, (intended, elapsed) => {
    if (intended >= window.startUs && intended <= tenthUs) early.push(elapsed);
  });
  const shift = early.sort((a, b) => a - b)[Math.floor(early.length / 2)] ?? 0;
  let answered = 0;
  forAnswers(lanes, (intended, elapsed) => {
    const at = intended + elapsed - shift;
    if (at >= window.startUs && at < window.endUs) answered += 1;
  });
  return answered / ((window.endUs - window.startUs) / 1e6);
}

function forAnswers(lanes: readonly LaneRows[], visit: (intendedUs: number, elapsedUs: number) => void): void {
  for (const { columns, rows } of lanes) {
    for (let row = 0; row < rows; row++) {
      const elapsed = columns.lastByteUs[row] as number;
      if (elapsed !== ABSENT) visit(columns.intendedUs[row] as number, elapsed);
    }
  }
}

/** Gaps were counted into histograms while they came, so their quantiles are the middles of buckets (at most 0.4 % off). */
function gapDistribution(seconds: readonly (readonly number[])[], maxUs: number | null): Distribution {
  const counts = new Map<number, number>();
  for (const sparse of seconds) {
    for (let i = 0; i + 1 < sparse.length; i += 2) {
      counts.set(sparse[i] as number, (counts.get(sparse[i] as number) ?? 0) + (sparse[i + 1] as number));
    }
  }
  const buckets = [...counts].sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  const quantile = (p: number) => {
    let rest = Math.max(1, Math.ceil(p * total));
    for (const [bucket, count] of buckets) {
      rest -= count;
      if (rest > 0) continue;
      const { lowUs, widthUs } = bucketBounds(bucket);
      return lowUs + (widthUs - 1) / 2;
    }
    return null;
  };
  return {
    count: total,
    quantiles: { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), p999: quantile(0.999), max: maxUs },
    seconds: seconds.map((sparse) => [...sparse]),
  };
}
