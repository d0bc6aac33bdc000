import { join } from 'node:path';
import { streamShare } from '../catalogue/blend.js';
import { type ExitCode, usageError } from '../errors.js';
import { findCapacity, requestsNeeded } from '../measure/find-capacity.js';
import type { Job } from '../measure/measure.js';
import type { PlannedScenario } from '../plan/plan.js';
import type { SearchBounds } from '../plan/capacity-search.js';
import type { Objective } from '../record/objective.js';
import { readRun } from '../record/run-directory.js';
import { capacityExitCodeOf } from './exit-code.js';
import type { BenchOptions } from './options/bench.js';
import { measureSeen } from './measure-seen.js';
import { showCapacity } from './show-capacity.js';

const HIGHEST_RPS = 20_000;
/** Windows hold enough requests for the quantiles of the objectives, and get longer at low rates; this is where that ends by itself. */
const LONGEST_USUAL_MS = 20_000;
/** A person who asks for low rates waits as long as this for a window. */
const LONGEST_WINDOW_MS = 60_000;

/** `--find-capacity`: refuses what cannot be looked for, looks, shows. */
export async function benchCapacity(
  job: Job,
  { rps, show, servePort: port }: Pick<BenchOptions, 'rps' | 'show' | 'servePort'>,
  objectives: readonly Objective[],
): Promise<ExitCode> {
  const { scenarios } = job.request;
  checkScenarios(scenarios, job.equipment.driver.name, objectives);
  const streaming = scenarios.map(({ scenario }) => streamShare(scenario)).filter((share) => share > 0);
  const requests = requestsNeeded(objectives, Math.min(1, ...streaming));
  const unplanned = { ...job.request, scenarios: scenarios.map(({ scenario }) => ({ scenario, levels: [] })) };
  const question = { objectives, bounds: boundsOf(rps, requests), requests };
  const found = await measureSeen(
    { ...job, request: unplanned },
    { runId: job.runId, port, rests: 'window' },
    async (seen) => findCapacity(seen, question),
  );
  await showCapacity(found.directory, readRun(found.directory), objectives, show);
  job.progress.tell(`wrote ${join(found.directory, 'capacity.json')}`);
  if (found.failure === null) return capacityExitCodeOf(found.capacity, found.contestants);
  process.stderr.write(`${found.failure.message}\n`);
  return found.failure.exitCode;
}

function boundsOf(rps: BenchOptions['rps'], needed: number): SearchBounds {
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
function checkScenarios(scenarios: readonly PlannedScenario[], driver: string, objectives: readonly Objective[]): void {
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
  if (ofStreams.some(({ of }) => of === 'gap') && driver === 'oha')
    throw usageError('bad-value', 'The driver oha does not see gaps between tokens.', 'Use --driver native.');
}
