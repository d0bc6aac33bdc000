import { join } from 'node:path';
import { MEETING_TIMES } from '../agent/trial-meeting.js';
import { analyse } from '../analyse/analyse.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { withLedger } from '../catalogue/mock-ledger.js';
import { withMockPort } from '../catalogue/mock-port.js';
import { BenchError } from '../errors.js';
import { executePlan } from '../execute/execute.js';
import { ledgerRecords, MOST_RECORDS, mostRequests } from '../plan/ledger-size.js';
import { type Plan, makePlan } from '../plan/plan.js';
import { FIRST_WARMUP_MS } from '../plan/warm-up.js';
import type { Manifest } from '../record/manifest.js';
import { RunWriter, type StoredRun, readRun } from '../record/run-directory.js';
import { addTimes, timeText } from '../record/time-account.js';
import type { Summary } from '../record/summary.js';
import { TimeKeeper } from '../execute/time-keeper.js';
import type { Stage } from '../execute/stage.js';
import { describeRun } from './describe-run.js';
import { hostLimits } from '../resources/host-limits.js';
import { checkNeeds, needsOf } from './needs.js';
import { keepEarlierRun } from './earlier-run.js';
import type { Equipment } from './equipment.js';
import { type OngoingRun, OngoingRuns } from './ongoing-runs.js';
import { prepareAll } from './prepare.js';
import { BenchHome } from '../runtime/process/bench-home.js';
import { inPlace, withPlaces } from './pinning.js';
import { takeTurn } from './wait-turn.js';
import { planSummary } from './plan-text.js';
import { keepCertificate } from '../certificate/with-run.js';
import type { MeasureRequest } from './request.js';
import { checkSamePlan } from './same-plan.js';
import { UntilPrecise } from './until-precise.js';
import { checkBothPresent, checkPair, onPortsOfTheirOwn } from './pair.js';
import { overLimits, withLimitsInForce } from './surface.js';
import { withMocks } from './replicas.js';
import { type Contestant, chooseCandidates, plannedTarget } from './targets.js';
import type { Workbench } from './workbench.js';

/** All that a run is made with. */
export interface Job extends Workbench {
  readonly request: MeasureRequest;
  readonly runId: string;
  readonly catalogue: Catalogue;
  /** The interrupted run that goes on; null: a new one. */
  readonly stored: StoredRun | null;
  readonly walk?: Walk;
  /** As {@link Stage.handOut}. */
  readonly handOut?: Stage['handOut'];
}

/** Another way through a run than a plan's blocks. */
export interface Walk {
  /** In place of the plan, before the first trial. */
  readonly announce: string;
  /** Of the largest trial, warm-up included. */
  readonly mostRequests: number;
  /** Measures; same contract as {@link executePlan}. */
  run(stage: Stage): Promise<void>;
}

/** What became of a run. */
export interface Measured {
  readonly directory: string;
  readonly summary: Summary;
  readonly contestants: readonly Contestant[];
  /** What ended it before its plan did; null when it is whole. */
  readonly failure: BenchError | null;
}

/**
 * Measures a run into its directory: prepares, plans, executes, analyses. However it ends, what was measured by then is written.
 * @throws BenchError what ends it before anything was measured
 */
export async function measure(job: Job): Promise<Measured> {
  const runs = new OngoingRuns(new BenchHome().ongoingDirectory);
  const { output, wait, mockPort } = job.request;
  const turn = { output, wait, mockPort: mockPort ?? job.catalogue.mock.port };
  const release = await takeTurn(runs, turn, job.progress, job.interrupt.signal);
  try {
    return await measureInTurn(job, runs.others());
  } finally {
    release();
  }
}

async function measureInTurn(job: Job, others: readonly OngoingRun[]): Promise<Measured> {
  const writer = new RunWriter(job.request.output);
  const prepared = await prepareRun(job, others);
  openDirectory(job, writer, prepared);
  const { failure, ...outcome } = await inPlace(
    job.equipment.placing,
    (line) => job.progress.tell(line),
    async () => walkRun(job, writer, prepared),
  );
  const ended = { ...prepared.manifest, finishedAt: new Date().toISOString(), complete: failure === null, ...outcome };
  return { ...analyseInto(writer, ended, failure), contestants: prepared.contestants, failure };
}

/** What is to be measured, and what it is to be measured with. */
interface Prepared {
  readonly catalogue: Catalogue;
  readonly contestants: readonly Contestant[];
  /** Those that can be had. */
  readonly present: readonly Contestant[];
  readonly plan: Plan;
  readonly manifest: Manifest;
}

/** Makes everything ready that a run needs; nothing is written into its directory yet. */
async function prepareRun({ request, runId, stored, ...job }: Job, others: readonly OngoingRun[]): Promise<Prepared> {
  const { equipment, progress, interrupt } = job;
  const moved =
    request.mockPort === null
      ? job.catalogue
      : withMockPort(job.catalogue, request.mockPort, join(request.output, '.services'));
  const catalogue = withMocks(withPlaces(moved, equipment.placing), request);
  const asked = chooseCandidates(request, catalogue, equipment.runtime, equipment.external);
  const candidates = overLimits(asked, request.limits ?? []);
  if (request.paired) checkPair(request, candidates);
  const swept = await equipment.runtime.sweep();
  if (swept > 0) progress.tell(`removed ${swept} services that an earlier run had left behind`);
  const housed = request.paired
    ? onPortsOfTheirOwn(candidates, catalogue, join(request.output, '.services'))
    : candidates;
  const prepared = await prepareAll(housed, equipment.driver, progress, interrupt.signal, others);
  const contestants = withLimitsInForce(prepared).filter(
    ({ target }) => request.withDirect || target.kind !== 'direct',
  );
  const present = contestants.filter(({ availability }) => availability.state === 'available');
  if (request.paired) checkBothPresent(contestants);
  const plan = layOut(request, equipment, present);
  const made = {
    driver: equipment.driver.name,
    connectionEach: request.asked['connections'] === 'new',
    sides: request.paired ? 2 : 1,
  };
  const limits = hostLimits();
  for (const line of checkNeeds(needsOf(plan, made, limits), limits)) progress.tell(line);
  const described = await describeRun({
    id: runId,
    startedAt: stored?.manifest.startedAt ?? new Date().toISOString(),
    asked: request.asked,
    settings: request.settings,
    plan,
    contestants,
    runtime: equipment.runtime,
    driver: equipment.driver,
    pinning: equipment.placing?.record ?? null,
    awake: equipment.awake,
  });
  const spent = stored?.manifest.time;
  const manifest = { ...described, ...(spent === undefined ? {} : { time: spent }) };
  return { catalogue, contestants, present, plan, manifest };
}

/** Makes room for a new run, or checks that the one that is there can go on. */
function openDirectory({ request, stored, progress }: Job, writer: RunWriter, { plan, manifest }: Prepared): void {
  if (stored === null) {
    // Only now is it sure that there will be a new run.
    const earlier = keepEarlierRun(request.output);
    if (earlier !== null) progress.tell(`the earlier run is kept in ${earlier}`);
    writer.clearTrials();
  } else {
    checkSamePlan(plan, stored.manifest, manifest.versions, manifest.targets, manifest.pinning);
    writer.mendTrials();
  }
  writer.writeManifest(manifest);
  if (stored !== null) progress.tell(`resumed: ${stored.trials.length} finished trials are used`);
}

/** What ended a walk before its plan did, and what the manifest keeps of how far it went. */
type Walked = { readonly failure: BenchError | null } & Pick<Partial<Manifest>, 'precision' | 'blocks' | 'time'>;

/** Measures, and shows what is known behind each block. */
async function walkRun(job: Job, writer: RunWriter, { catalogue, present, plan, manifest }: Prepared): Promise<Walked> {
  const { request, equipment, progress, interrupt } = job;
  const finished = job.stored?.trials ?? [];
  progress.tell(job.walk?.announce ?? planSummary(plan, request.note, equipment.placing?.text));
  if (job.walk !== undefined && equipment.placing !== null) progress.tell(equipment.placing.text);
  progress.begin(plan, finished.length);
  const refresh = (): Summary => analyse(manifest, readRun(request.output).trials);
  const until =
    request.precision === null
      ? null
      : new UntilPrecise(request.precision, request.blocks, refresh, (line) => progress.tell(line));
  const requests = job.walk?.mostRequests ?? mostRequests(plan, FIRST_WARMUP_MS);
  if (requests > MOST_RECORDS) progress.tell(tooManyForLedger(requests));
  // A run that goes on has blocks already, and may know enough before it has come past them.
  let lastBlock = Math.max(0, ...finished.flatMap(({ block, repeats }) => (repeats === undefined ? block : [])));
  const time = new TimeKeeper();
  const walk = job.walk ?? { run: (stage: Stage) => executePlan(plan, stage) };
  const walking = walk.run({
    runtime: equipment.runtime,
    mock: withLedger(catalogue.mock, ledgerRecords(requests)),
    targets: new Map(
      present.map(({ target, availability }) => [
        target.name,
        { ...target, limitsEnforced: availability.state === 'available' && availability.limitsEnforced },
      ]),
    ),
    driver: equipment.driver,
    time,
    writer,
    progress: {
      tell: (line) => progress.tell(line),
      doing: (what) => progress.doing(what),
      trialDone: (trial) => progress.trialDone(trial),
      secondChances: (trials, estimatedMs) => progress.secondChances(trials, estimatedMs),
      blockDone: (block) => {
        progress.blockDone(block);
        if (block <= plan.blocks.length) lastBlock = Math.max(lastBlock, block);
        if (block >= plan.blocks.length) return;
        const run = { manifest, trials: readRun(request.output).trials };
        progress.standing(analyse(manifest, run.trials), run);
      },
    },
    signal: interrupt.signal,
    keepUp: request.keepUp,
    skipHopeless: request.skipHopeless,
    unwatched: new Set(request.unwatched),
    secondChances: request.secondChances,
    requestTimeoutMs: request.timeoutMs,
    finished,
    ...(until === null ? {} : { until }),
    ...(job.onlooker === undefined ? {} : { onlooker: job.onlooker }),
    ...(job.handOut === undefined ? {} : { handOut: job.handOut }),
  });
  const failure = await walking.then(
    () => null,
    (thrown: unknown) => failureOf(thrown, interrupt.signal),
  );
  progress.end();
  const spent = job.walk === undefined ? addTimes(manifest.time, time.account()) : null;
  const told = spent === null ? null : timeText(spent);
  if (told !== null) progress.tell(told);
  return {
    failure,
    ...(spent === null ? {} : { time: spent }),
    ...(until === null ? {} : { precision: until.record() }),
    // A run that knows enough is whole with the blocks that it has.
    ...(until !== null && failure === null ? { blocks: lastBlock } : {}),
  };
}

/**
 * What ended a run, out of what its walk threw. Behind an interruption anything may be thrown, by whoever was waiting for something.
 * @throws what is a fault of this program
 * @internal exported for tests
 */
export function failureOf(thrown: unknown, signal: AbortSignal): BenchError {
  if (thrown instanceof BenchError) return thrown;
  if (signal.reason instanceof BenchError) return signal.reason;
  throw thrown;
}

function tooManyForLedger(requests: number): string {
  return (
    `the longest trials have some ${requests} requests and the mock remembers ${MOST_RECORDS} a worker: ` +
    'where it forgets any there is no per-request overhead; more or shorter blocks have smaller trials'
  );
}

/** Analyses what there is and writes it beside the records, unless there is no room for it. */
function analyseInto(writer: RunWriter, manifest: Manifest, failure: BenchError | null) {
  const { trials } = readRun(writer.directory);
  // Nothing was measured: an empty table would only hide the reason.
  if (failure !== null && trials.length === 0) throw failure;
  const summary = analyse(manifest, trials);
  if (failure?.code !== 'disk-full') {
    writer.writeManifest(manifest);
    writer.writeJson('summary.json', summary);
    keepCertificate(writer, summary);
  }
  return { directory: writer.directory, summary };
}

/** The plan for the targets that can be had. */
export function layOut(
  request: Pick<MeasureRequest, 'scenarios' | 'blocks' | 'precision' | 'durationMs' | 'warmupMs' | 'seed' | 'paired'>,
  equipment: Equipment,
  present: readonly Contestant[],
): Plan {
  const blocks = request.precision?.maxBlocks ?? request.blocks;
  return makePlan({
    seed: request.seed,
    targets: present.map(plannedTarget),
    scenarios: request.scenarios,
    driver: equipment.driver.name,
    blocks,
    // A trial is as long as without a wanted precision; there are more of them.
    durationMs: (request.durationMs * blocks) / request.blocks,
    warmupMs: request.warmupMs,
    ...(equipment.driver.agents === undefined ? {} : { leadMs: MEETING_TIMES.leadMs }),
    paired: request.paired,
  });
}
