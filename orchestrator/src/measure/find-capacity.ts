import { analyseCapacity, searchSteps } from '../analyse/capacity.js';
import { PROBABILITY } from '../analyse/quantile.js';
import type { Scenario } from '../catalogue/scenario.js';
import { walkCapacity, windowsMs } from '../execute/capacity.js';
import { FIRST_WARMUP_MS } from '../plan/warm-up.js';
import { MOST_SENT, type SearchBounds, USUAL_WINDOWS } from '../plan/capacity-search.js';
import type { Capacity } from '../record/capacity.js';
import type { Objective } from '../record/objective.js';
import { readRest } from '../record/rest.js';
import { RunWriter, readRun } from '../record/run-directory.js';
import { capacityPageModel } from '../report/capacity-page-model.js';
import { type Job, type Measured, measure } from './measure.js';
import { formatDuration } from './pace.js';

/** Values beyond a quantile that a window must hold, as everywhere. */
const LEAST_BEYOND = 10;
/** For what a target takes without load. */
const REST_MS = 3000;

/** What is looked for, in place of the levels of a plan. */
export interface CapacityQuestion {
  readonly objectives: readonly Objective[];
  readonly bounds: SearchBounds;
  /** Requests that a window holds at least, from {@link requestsNeeded}. */
  readonly requests: number;
}

/** A search, however it ended. */
export interface Found extends Measured {
  readonly capacity: Capacity;
}

/**
 * Looks for the capacity of each target within the objectives, and writes `capacity.json`.
 * @param job its request's scenarios without levels, because rates are found and not planned; `durationMs` is that of a window
 * @throws BenchError what ends it before anything was measured
 */
export async function findCapacity(job: Job, question: CapacityQuestion): Promise<Found> {
  const { durationMs, warmupMs, seed } = job.request;
  const { objectives, bounds, requests } = question;
  const scenarios = job.request.scenarios.map(({ scenario }) => scenario);
  const windowMs = (rate: number): number => Math.max(durationMs, Math.ceil((1000 * requests) / rate));
  const longestMs = Math.max(FIRST_WARMUP_MS, warmupMs) + windowMs(bounds.highest);
  const onWindow = (): void =>
    job.progress.answer(() => {
      const { manifest, trials } = readRun(job.request.output);
      const soFar = analyseCapacity(manifest, trials, readRest(job.request.output), objectives);
      return capacityPageModel(soFar, searchSteps(manifest, trials, objectives), manifest);
    });
  const walk = { scenarios, objectives, bounds, warmupMs, restMs: REST_MS, windowMs, seed, onWindow };
  const measured = await measure({
    ...job,
    walk: {
      announce: announceCapacity(job.request, scenarios, question, windowMs),
      mostRequests: Math.ceil((bounds.highest * longestMs) / 1000),
      run: (stage) => walkCapacity(stage, walk),
    },
  });
  const { manifest, trials } = readRun(measured.directory);
  const capacity = analyseCapacity(manifest, trials, readRest(measured.directory), objectives);
  new RunWriter(measured.directory).writeJson('capacity.json', capacity);
  return { ...measured, capacity };
}

/**
 * How many requests a window needs for the quantiles of the objectives (gaps come many a request).
 * @param streaming share of the requests that are streams, which alone have a first token; above 0 to 1
 */
export function requestsNeeded(objectives: readonly Objective[], streaming: number): number {
  const needed = objectives.flatMap(({ of, quantile }) =>
    quantile === null || of === 'gap'
      ? []
      : [LEAST_BEYOND / (1 - PROBABILITY[quantile]) / (of === 'ttft' ? streaming : 1)],
  );
  return Math.ceil(Math.max(100, ...needed) - 1e-6);
}

/**
 * What is looked for, and how long that takes: as long as windows agree, and at most, with those that are sent again.
 * @internal exported for tests
 */
export function announceCapacity(
  { durationMs, warmupMs }: Pick<Job['request'], 'durationMs' | 'warmupMs'>,
  scenarios: readonly Scenario[],
  { objectives, bounds, requests }: CapacityQuestion,
  windowMs: (rate: number) => number,
): string {
  const within = objectives.map(({ text }) => text).join(', ');
  const enough = Math.ceil((1000 * requests) / durationMs);
  const grows = bounds.lowest < enough;
  const longer = grows ? `, longer below ${enough} rps for ${requests} requests` : '';
  const takes = (windows: number, rate: number): string =>
    formatDuration(windowsMs(windows, rate, { windowMs, warmupMs }));
  const slow = grows
    ? ` (at ${bounds.lowest} rps ${takes(USUAL_WINDOWS, bounds.lowest)}, ${takes(MOST_SENT, bounds.lowest)} at most)`
    : '';
  return (
    `looking from ${bounds.lowest} to ${bounds.highest} rps for the highest rate within ${within}: ` +
    `${scenarios.map(({ name, about, blend }) => (blend === undefined ? name : `${name} (${about})`)).join(', ')}; windows of ${durationMs / 1000} s${longer}; ` +
    `some ${takes(USUAL_WINDOWS, bounds.highest)} a target and scenario when its ${USUAL_WINDOWS} windows agree${slow}; ` +
    `${takes(MOST_SENT, bounds.highest)} at most, with those that are sent again because they do not agree or something spoilt them`
  );
}
