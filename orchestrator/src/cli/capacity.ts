import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { analyseCapacity } from '../analyse/capacity.js';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import { walkCapacity } from '../execute/capacity.js';
import type { SearchBounds } from '../plan/capacity-search.js';
import { type Capacity, type Rest, restSchema } from '../record/capacity.js';
import type { Objective } from '../record/objective.js';
import { RunWriter, readRun, type StoredRun } from '../record/run-directory.js';
import { renderCapacity } from '../report/capacity-text.js';
import { styleOf } from '../report/terminal-style.js';
import type { BenchOptions } from './bench-options.js';
import { type Job, type Measured, measure } from './measure.js';
import { requestsNeeded } from './objectives.js';

const START_RPS = 100;
const HIGHEST_RPS = 20_000;
/** A window that has to hold enough requests for its quantiles may be this long, and rates that would need more are not asked. */
const LONGEST_WINDOW_MS = 60_000;

/** Looks for the capacity of each target within the objectives, shows it, and writes `capacity.json`. */
export async function findCapacity(job: Job, objectives: readonly Objective[]): Promise<ExitCode> {
  const { options, progress } = job;
  const scenarios = job.scenarios.map(({ scenario }) => scenario);
  checkScenarios(job, objectives);
  const needed = requestsNeeded(objectives);
  const bounds = boundsOf(options, needed);
  const measured = await measure({
    ...job,
    // Rates are found and not planned.
    scenarios: job.scenarios.map(({ scenario }) => ({ scenario, levels: [] })),
    walk: {
      announce: `searching from ${bounds.lowest} to ${bounds.highest} rps for the highest rate within ${objectives.map(({ text }) => text).join(', ')}: ${scenarios.map(({ name }) => name).join(', ')}, windows of ${options.durationMs / 1000} s or ${needed} requests; some minutes a target`,
      run: (stage) =>
        walkCapacity(stage, {
          scenarios,
          objectives,
          bounds,
          warmupMs: options.warmupMs,
          windowMs: (rate) => Math.max(options.durationMs, Math.ceil((1000 * needed) / rate)),
          seed: options.seed,
        }),
    },
  });
  const capacity = capacityOf(measured.directory, readRun(measured.directory), objectives);
  new RunWriter(measured.directory).writeJson('capacity.json', capacity);
  const text = options.show.json
    ? JSON.stringify(capacity, null, 2)
    : renderCapacity(capacity, styleOf(process.stdout, process.env));
  process.stdout.write(`${text}\n`);
  progress.tell(`wrote ${join(measured.directory, 'capacity.json')}`);
  return exitCodeOf(capacity, measured);
}

/** Computed from the records of a search, like everything else. */
export function capacityOf(
  directory: string,
  { manifest, trials }: StoredRun,
  objectives: readonly Objective[],
): Capacity {
  return analyseCapacity(manifest, trials, readRest(directory), objectives);
}

function readRest(directory: string): Rest {
  const path = join(directory, 'rest.json');
  return existsSync(path) ? restSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : [];
}

function exitCodeOf({ answers }: Capacity, { failure, contestants }: Measured): ExitCode {
  if (failure !== null) {
    process.stderr.write(`${failure.message}\n`);
    return failure.exitCode;
  }
  const named = new Set(contestants.filter((contestant) => contestant.named).map(({ target }) => target.name));
  const missing = answers.some(
    ({ target, state }) => state === 'unsettled' || (state === 'failed' && named.has(target)),
  );
  return missing ? EXIT.incomplete : EXIT.ok;
}

function boundsOf({ rps }: BenchOptions, needed: number): SearchBounds {
  const lowest = Math.ceil((1000 * needed) / LONGEST_WINDOW_MS);
  const start = Math.max(lowest, rps?.at(0) ?? START_RPS);
  return {
    lowest,
    start,
    highest: Math.max(start, (rps?.length ?? 0) > 1 ? (rps?.at(-1) ?? HIGHEST_RPS) : HIGHEST_RPS),
  };
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
  }
  if (ofStreams.some(({ of }) => of === 'gap') && equipment.driver.name === 'oha')
    throw usageError('bad-value', 'The driver oha does not see gaps between tokens.', 'Use --driver native.');
}
