import { join } from 'node:path';
import { streamShare } from '../catalogue/blend.js';
import { type ExitCode, usageError } from '../errors.js';
import { FIRST_WARMUP_MS } from '../execute/execute.js';
import { walkCapacity, WINDOW_OVERHEAD_MS } from '../execute/capacity.js';
import { type SearchBounds, USUAL_WINDOWS } from '../plan/capacity-search.js';
import { formatDuration } from '../measure/progress.js';
import type { Objective } from '../record/objective.js';
import { RunWriter, readRun } from '../record/run-directory.js';
import type { BenchOptions } from './options/bench.js';
import { capacityExitCodeOf } from './exit-code.js';
import { type Job, measure } from '../measure/measure.js';
import { requestsNeeded } from '../record/objective-text.js';
import { capacityOf, printCapacity } from './show-capacity.js';

const HIGHEST_RPS = 20_000;
/** Windows hold enough requests for the quantiles of the objectives, and get longer at low rates; this is where that ends by itself. */
const LONGEST_USUAL_MS = 20_000;
/** For what a target takes without load. */
const REST_MS = 3000;
/** A person who asks for low rates waits as long as this for a window. */
const LONGEST_WINDOW_MS = 60_000;
/** Looks for the capacity of each target within the objectives, shows it, and writes `capacity.json`. */
export async function findCapacity(job: Job, objectives: readonly Objective[]): Promise<ExitCode> {
  const { options, progress } = job;
  const scenarios = job.scenarios.map(({ scenario }) => scenario);
  checkScenarios(job, objectives);
  const streaming = scenarios.map(streamShare).filter((share) => share > 0);
  const needed = requestsNeeded(objectives, Math.min(1, ...streaming));
  const bounds = boundsOf(options, needed);
  const windowMs = (rate: number): number => Math.max(options.durationMs, Math.ceil((1000 * needed) / rate));
  const measured = await measure({
    ...job,
    // Rates are found and not planned.
    scenarios: job.scenarios.map(({ scenario }) => ({ scenario, levels: [] })),
    walk: {
      announce: announce(job, objectives, bounds, needed, windowMs),
      mostRequests: Math.ceil(
        (bounds.highest * (Math.max(FIRST_WARMUP_MS, options.warmupMs) + windowMs(bounds.highest))) / 1000,
      ),
      run: (stage) =>
        walkCapacity(stage, {
          scenarios,
          objectives,
          bounds,
          warmupMs: options.warmupMs,
          restMs: REST_MS,
          windowMs,
          seed: options.seed,
        }),
    },
  });
  const capacity = capacityOf(measured.directory, readRun(measured.directory), objectives);
  new RunWriter(measured.directory).writeJson('capacity.json', capacity);
  printCapacity(capacity, options.show.json);
  progress.tell(`wrote ${join(measured.directory, 'capacity.json')}`);
  const { failure, contestants } = measured;
  if (failure === null) return capacityExitCodeOf(capacity, contestants);
  process.stderr.write(`${failure.message}\n`);
  return failure.exitCode;
}

function announce(
  { options, scenarios }: Job,
  objectives: readonly Objective[],
  bounds: SearchBounds,
  needed: number,
  windowMs: (rate: number) => number,
): string {
  // Most windows are near the capacity, which nobody knows.
  const somewhere = Math.sqrt(bounds.lowest * bounds.highest);
  const usualMs = USUAL_WINDOWS * (windowMs(somewhere) + options.warmupMs + WINDOW_OVERHEAD_MS);
  const within = objectives.map(({ text }) => text).join(', ');
  const enough = Math.ceil((1000 * needed) / options.durationMs);
  const longer = bounds.lowest < enough ? `, longer below ${enough} rps for ${needed} requests` : '';
  return (
    `looking from ${bounds.lowest} to ${bounds.highest} rps for the highest rate within ${within}: ` +
    `${scenarios.map(({ scenario: { name, about, blend } }) => (blend === undefined ? name : `${name} (${about})`)).join(', ')}; windows of ${options.durationMs / 1000} s${longer}; ` +
    `some ${formatDuration(usualMs)} a target and scenario when the windows agree, twice that when they do not`
  );
}

function boundsOf({ rps }: BenchOptions, needed: number): SearchBounds {
  const [asked, highest = HIGHEST_RPS] = [rps?.[0], (rps?.length ?? 0) > 1 ? rps?.at(-1) : undefined];
  const least = Math.ceil((1000 * needed) / LONGEST_WINDOW_MS);
  if (asked !== undefined && asked < least)
    throw usageError(
      'bad-value',
      `--rps ${asked} is too low to look at: a window of ${LONGEST_WINDOW_MS / 1000} s would not hold the ${needed} requests that --slo needs.`,
      `Begin with ${least} or more, or ask for a lower quantile (p90 instead of p99).`,
    );
  const lowest = asked ?? Math.ceil((1000 * needed) / LONGEST_USUAL_MS);
  return { lowest, start: asked ?? Math.max(lowest, 100), highest: Math.max(lowest, highest) };
}

/** An objective that a scenario has no figure for would be held by every rate. */
function checkScenarios({ scenarios, equipment }: Job, objectives: readonly Objective[]): void {
  const ofStreams = objectives.filter(({ of }) => of === 'ttft' || of === 'gap');
  for (const { scenario, levels } of scenarios) {
    if (levels.some(({ kind }) => kind === 'streams'))
      throw usageError(
        'bad-value',
        `${scenario.name} has no rate to look for: it keeps a number of streams open.`,
        'Choose other --scenarios.',
      );
    const [first] = ofStreams;
    if (first !== undefined && !scenario.streaming)
      throw usageError(
        'bad-value',
        `${scenario.name} is no stream and has no "${first.text}".`,
        'Give --scenarios chat-stream, or leave that condition out.',
      );
    const errors = objectives.find(({ of }) => of === 'errors');
    if (errors !== undefined && scenario.expectedErrorShare >= errors.below)
      throw usageError(
        'bad-value',
        `No rate of ${scenario.name} keeps "${errors.text}": the mock is asked to fail ${Number((100 * scenario.expectedErrorShare).toFixed(1))} % of it.`,
        'Choose other scenarios, or leave that condition out.',
      );
  }
  if (ofStreams.some(({ of }) => of === 'gap') && equipment.driver.name === 'oha')
    throw usageError('bad-value', 'The driver oha does not see gaps between tokens.', 'Use --driver native.');
}
