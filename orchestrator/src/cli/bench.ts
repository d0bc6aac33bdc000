import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { analyse } from '../analyse/analyse.js';
import { type Catalogue, readCatalogue } from '../catalogue/catalogue.js';
import { withMockPort } from '../catalogue/mock-port.js';
import { BenchError, EXIT, type ExitCode } from '../errors.js';
import { executePlan } from '../execute/execute.js';
import { type Plan, type PlannedScenario, makePlan } from '../plan/plan.js';
import { type Progress, createProgress } from '../progress.js';
import type { Manifest } from '../record/manifest.js';
import { RunWriter, type StoredRun, readRun } from '../record/run-directory.js';
import type { Summary } from '../record/summary.js';
import { type BenchOptions, type RawOptions, readBenchOptions } from './bench-options.js';
import { keepEarlierRun } from './earlier-run.js';
import { type Equipment, chooseEquipment } from './equipment.js';
import { type Interrupt, watchInterrupts } from './interrupt.js';
import { describeRun, newRunId } from './describe-run.js';
import { prepareAll } from './prepare.js';
import { planSummary, wholePlan } from './print-plan.js';
import { checkSamePlan, resumedOptions } from './resume.js';
import { showRun, tableText } from './show.js';
import { type Contestant, chooseCandidates, plannedTarget } from './targets.js';
import { chosenScenarios } from './chosen-scenarios.js';

const COMPOSE = fileURLToPath(new URL('../../../compose/docker-compose.yml', import.meta.url));

/**
 * Measures: plans, prepares, executes, analyses and shows.
 * @param given the options as given on the command line, with defaults not filled in
 * @returns the exit code
 * @throws BenchError everything a person can do something about
 */
export async function runBench(given: RawOptions): Promise<ExitCode> {
  const output = readBenchOptions(given).output;
  const stored = given['resume'] === true ? readRun(output) : null;
  const raw = stored === null ? given : resumedOptions(given, stored);
  const options = readBenchOptions(raw);
  const catalogue = readCatalogue([COMPOSE, ...options.composeFiles]);
  const scenarios = chosenScenarios(options);

  const progress = createProgress(process.stderr);
  const interrupt = watchInterrupts((line) => progress.tell(line));
  try {
    const runId = stored?.manifest.id ?? newRunId();
    const equipment = await chooseEquipment(options, runId, [COMPOSE, ...options.composeFiles], (line) =>
      progress.tell(line),
    );
    interrupt.onSecond(() => equipment.runtime.close());
    try {
      return options.dryRun
        ? dryRun(options, catalogue, scenarios, equipment)
        : await measure({ options, raw, runId, catalogue, scenarios, equipment, stored, progress, interrupt });
    } finally {
      await equipment.driver.close();
      await equipment.runtime.close();
    }
  } finally {
    progress.end();
    interrupt.release();
  }
}

interface Job {
  readonly options: BenchOptions;
  readonly raw: RawOptions;
  readonly runId: string;
  readonly catalogue: Catalogue;
  readonly scenarios: readonly PlannedScenario[];
  readonly equipment: Equipment;
  readonly stored: StoredRun | null;
  readonly progress: Progress;
  readonly interrupt: Interrupt;
}

async function measure(job: Job): Promise<ExitCode> {
  const { options, scenarios, equipment, stored, progress, interrupt } = job;
  const writer = new RunWriter(options.output);
  const swept = await equipment.runtime.sweep();
  if (swept > 0) progress.tell(`removed ${swept} services that an earlier run had left behind`);
  const catalogue =
    options.mockPort === null
      ? job.catalogue
      : withMockPort(job.catalogue, options.mockPort, join(options.output, '.services'));

  const candidates = chooseCandidates(options, catalogue, equipment.runtime, equipment.external);
  const contestants = await prepareAll(candidates, equipment.driver, progress, interrupt.signal);
  const present = contestants.filter(({ availability }) => availability.state === 'available');
  const plan = layOut(options, scenarios, equipment, present);
  const manifest = await describeRun({
    id: job.runId,
    startedAt: stored?.manifest.startedAt ?? new Date().toISOString(),
    raw: job.raw,
    plan,
    contestants,
    runtime: equipment.runtime,
  });
  if (stored === null) {
    // Only now is it sure that there will be a new run.
    const earlier = keepEarlierRun(options.output);
    if (earlier !== null) progress.tell(`the earlier run is kept in ${earlier}`);
    writer.clearTrials();
  } else {
    checkSamePlan(plan, stored.manifest, manifest.versions, manifest.targets);
    writer.mendTrials();
  }
  writer.writeManifest(manifest);

  const finished = (stored?.trials ?? []).filter(({ state }) => state !== 'void');
  if (stored !== null) progress.tell(`resumed: ${finished.length} finished trials are used`);
  progress.tell(planSummary(plan, options.quick));
  progress.begin(plan, finished.length);
  const refresh = (): Summary => analyse(manifest, readRun(options.output).trials);
  const failure = await executePlan(plan, {
    runtime: equipment.runtime,
    mock: catalogue.mock,
    targets: new Map(present.map(({ target }) => [target.name, target])),
    driver: equipment.driver,
    writer,
    progress: {
      tell: (line) => progress.tell(line),
      doing: (what) => progress.doing(what),
      trialDone: (trial) => progress.trialDone(trial),
      blockDone: (block) => {
        progress.blockDone(block);
        if (block < options.blocks) progress.table(tableText(refresh(), process.stderr));
      },
    },
    signal: interrupt.signal,
    keepUp: options.keepUp,
    skipHopeless: options.skipHopeless,
    requestTimeoutMs: options.timeoutMs,
    finished,
  }).then(
    () => null,
    (thrown: unknown) => {
      if (thrown instanceof BenchError) return thrown;
      throw thrown;
    },
  );
  progress.end();
  return conclude(
    job,
    writer,
    { ...manifest, finishedAt: new Date().toISOString(), complete: failure === null },
    contestants,
    failure,
  );
}

/** Writes and shows what there is, however the run ended. */
async function conclude(
  job: Job,
  writer: RunWriter,
  manifest: Manifest,
  contestants: readonly Contestant[],
  failure: BenchError | null,
): Promise<ExitCode> {
  const { trials } = readRun(writer.directory);
  // Nothing was measured: an empty table would only hide the reason.
  if (failure !== null && trials.length === 0) throw failure;
  const summary = analyse(manifest, trials);
  if (failure?.code !== 'disk-full') {
    writer.writeManifest(manifest);
    writer.writeJson('summary.json', summary);
  }
  await showRun(writer.directory, summary, job.options.show);
  if (failure !== null) {
    const { done, planned } = summary.run.blocks;
    const next = failure.hint ?? `Go on with --resume --output ${writer.directory}`;
    process.stderr.write(`${failure.message} ${done} of ${planned} blocks are whole. ${next}\n`);
    return failure.exitCode;
  }
  return exitCodeOf(summary, contestants);
}

/** A saturated cell is a result; a gateway that was not asked for by name may be absent. */
function exitCodeOf(summary: Summary, contestants: readonly Contestant[]): ExitCode {
  const named = new Set(contestants.filter((contestant) => contestant.named).map(({ target }) => target.name));
  const missing = summary.cells.some(
    ({ target, state }) => state === 'failed' || state === 'invalid' || (state === 'absent' && named.has(target)),
  );
  return missing ? EXIT.incomplete : EXIT.ok;
}

function dryRun(
  options: BenchOptions,
  catalogue: Catalogue,
  scenarios: readonly PlannedScenario[],
  equipment: Equipment,
): ExitCode {
  const candidates = chooseCandidates(options, catalogue, equipment.runtime, equipment.external);
  const supposed = candidates.map(
    (candidate): Contestant => ({
      ...candidate,
      availability: {
        state: 'available',
        version: candidate.target.service.version,
        digest: null,
        limitsEnforced: false,
      },
    }),
  );
  const plan = layOut(options, scenarios, equipment, supposed);
  process.stdout.write(`${planSummary(plan, options.quick)}\n${wholePlan(plan)}\n`);
  return EXIT.ok;
}

function layOut(
  options: BenchOptions,
  scenarios: readonly PlannedScenario[],
  equipment: Equipment,
  present: readonly Contestant[],
): Plan {
  return makePlan({
    seed: options.seed,
    targets: present.map(plannedTarget),
    scenarios,
    driver: equipment.driver.name,
    blocks: options.blocks,
    durationMs: options.durationMs,
    warmupMs: options.warmupMs,
  });
}
