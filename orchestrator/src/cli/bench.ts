import { type Catalogue, readCatalogue } from '../catalogue/catalogue.js';
import { EXIT, type ExitCode } from '../errors.js';
import { formatDuration } from '../measure/pace.js';
import type { SettingsRecord } from '../record/manifest.js';
import { describeAdvice } from '../analyse/best-split.js';
import { readRun, type StoredRun } from '../record/run-directory.js';
import { LEAST_SOAK_MS } from '../record/soak.js';
import { benchOnCluster, type OpenedCluster, openCluster, whereImagesAre } from './on-cluster.js';
import { BENCH_OPTIONS, type BenchOptions, readBenchOptions } from './options/bench.js';
import type { ClusterOptions } from './options/cluster.js';
import { openInside, runIdInside, runsInside } from '../runtime/kubernetes/inside.js';
import type { Observation, Runtime } from '../runtime/runtime.js';
import { restForHandOut } from '../runtime/kubernetes/hand-out.js';
import { KubernetesRuntime } from '../runtime/kubernetes/kubernetes-runtime.js';
import { benchCapacity } from './capacity.js';
import { benchConduct } from './conduct.js';
import { CONDUCT_GROUP, readConductOptions } from './options/conduct.js';
import { choiceOf, requestOf } from './options/bench-request.js';
import { type Command, type RawOptions, valueOf } from './options/command.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { newRunId } from '../measure/describe-run.js';
import { chooseEquipment, type OpenedRuntime } from '../measure/equipment.js';
import { exitCodeOf, gapText } from './exit-code.js';
import { layOut, measure, type Measured } from '../measure/measure.js';
import { measureSeen } from './measure-seen.js';
import { readServe } from './options/serve.js';
import { planSummary, wholePlan } from '../measure/plan-text.js';
import { checkPair, pairIncomplete } from '../measure/pair.js';
import { coresWanted, withPlaces } from '../measure/pinning.js';
import type { MeasureRequest } from '../measure/request.js';
import { resumedOptions } from './options/resumed.js';
import { adviceOfRunIn, windowByRun } from './options/precision-window.js';
import { outputDirectory, readShowOptions, type ShowOptions } from './options/shown.js';
import { showDirectory, showRun } from './show.js';
import { concludeSoak } from './soak.js';
import { overLimits } from '../measure/surface.js';
import { type Contestant, chooseCandidates } from '../measure/targets.js';
import { resolveTargets } from '../measure/resolve-targets.js';
import { atWorkbench, type Workbench } from '../measure/workbench.js';
import { tellOn } from '../measure/tell-on.js';

/** The command that runs when none is named. */
export const benchCommand: Command = {
  name: 'bench',
  about: 'Measure gateways (this is what runs when no command is named)',
  words: [],
  options: BENCH_OPTIONS,
  examples: [
    ['', 'every gateway that can be had, 3 scenarios at 5 rates: over an hour with four of them'],
    ['--quick', 'a look of two to five minutes at whatever can be had'],
    ["--group overhead --rps '100 500 1000' --duration 10", 'three levels, 10 s each'],
    ['--gateways crabllm,litellm --scenarios chat-stream', 'two gateways, one scenario'],
    ['--gateways crabllm --find-capacity --slo "p99<20ms, errors<0.1%"', 'the highest rate that holds the objective'],
    [
      '--gateways crabllm --find-capacity --slo "p99<50ms" --cpus "0.5 1 2" --price cpu-hour=0.04,gib-hour=0.005',
      'the same by CPUs, and what a million requests cost',
    ],
    ['--driver native --mix chat-minimal=3,chat-stream=1 --rps 500', 'several scenarios in one load'],
    ['--driver native --trace AzureLLMInferenceTrace_conv.csv', 'requests as they once came'],
    ['--group conduct --gateways crabllm --quick', 'what it does while its provider fails: five minutes'],
    ['--gateways crabllm --soak 10m', 'does its memory grow?'],
    ['--gateways crabllm --binary crabllm:mine=./target/release/crabllm', 'a build of your own beside the release'],
    ['--gateways crabllm@0.0.24,crabllm@0.0.25 --paired', 'which of two is faster, told as finely as this machine can'],
    ['--quick --serve', 'watched in a browser while it is measured'],
    ['--target mygw=http://127.0.0.1:8080', 'a gateway that already runs, in front of the mock'],
  ],
  run: (given, _words, settings) =>
    given['chart-only'] === true || asksForPageOnly(given)
      ? showStored(given)
      : valueOf(given, 'group') === CONDUCT_GROUP
        ? benchConduct(readConductOptions(given))
        : runBench(given, settings),
};

function showStored(given: RawOptions): Promise<ExitCode> {
  readServe(given);
  return showDirectory(outputDirectory(given), { ...readShowOptions(given), chart: true });
}

/** `--markdown PATH` that says nothing of a measurement is for the run that is there, as it was in the original suite. */
function asksForPageOnly(given: RawOptions): boolean {
  if (given['markdown'] === undefined || Object.keys(given).some((name) => !['markdown', 'output'].includes(name)))
    return false;
  process.stderr.write(
    '--markdown alone measures nothing: it shows the run that is there; say what is to be measured beside it (--group overhead)\n',
  );
  return true;
}

/**
 * Measures: plans, prepares, executes, analyses and shows.
 * @param given the options as given, with defaults not filled in
 * @param settings the file that some of them come from; null: none
 * @returns the exit code
 * @throws BenchError everything a person can do something about
 */
async function runBench(given: RawOptions, settings: SettingsRecord | null): Promise<ExitCode> {
  const stored = given['resume'] === true ? readRun(outputDirectory(given)) : null;
  const said = stored === null ? given : resumedOptions(given, stored);
  const read = readBenchOptions(said);
  const window = stored === null ? windowByRun(given, read) : null;
  // As if it had been typed: the run's record says how long its windows are, and --resume takes them from there.
  const raw = window === null ? said : { ...said, duration: window.duration };
  const asked = window === null ? read : { ...read, durationMs: window.durationMs };
  if (asked.cluster !== null && !runsInside())
    // What lies in the record as its directory is the orchestrator's.
    return submitBench({ ...asked, output: outputDirectory(given) }, asked.cluster, raw, settings, stored);
  const options = { ...asked, externals: await resolveTargets(asked.externals) };
  const catalogue = readCatalogue([COMPOSE_FILE, ...options.composeFiles]);
  const request = requestOf(options, raw, settings);

  const runId = stored?.manifest.id ?? (runsInside() ? runIdInside() : newRunId());
  return atWorkbench(
    (tell) =>
      chooseEquipment(
        {
          ...choiceOf(options),
          openCluster: openInside,
          observeExternals: (runtime) => observedOf(options, runtime),
        },
        runId,
        [COMPOSE_FILE, ...options.composeFiles],
        tell,
        coresWanted(catalogue),
      ),
    async (bench) => {
      if (window !== null) bench.progress.tell(window.why);
      if (options.dryRun) return dryRun(request, catalogue, bench);
      const safe = runsInside() ? { handOut: restForHandOut } : {};
      const job = { request, runId, catalogue, stored, ...safe, ...bench };
      if (options.objectives !== null) return benchCapacity(job, options, options.objectives);
      if (options.soakMs !== null && options.soakMs < LEAST_SOAK_MS)
        bench.progress.tell(
          `a soak of less than ${formatDuration(LEAST_SOAK_MS)} tells what it saw, and no growth an hour`,
        );
      const measured = await measureSeen(job, { runId, port: options.servePort, rests: 'block' }, measure);
      if (options.soakMs !== null) concludeSoak(measured.directory, options.show.json);
      return conclude(measured, options.show);
    },
  );
}

/** The Pods behind a target that somebody else has deployed, where they were named. */
function observedOf({ cluster, externals }: BenchOptions, runtime: Runtime): ReadonlyMap<string, Observation> {
  const pods = cluster?.targetPods ?? null;
  if (pods === null || !(runtime instanceof KubernetesRuntime)) return new Map();
  return new Map(externals.map(({ name }) => [name, runtime.observe(pods, cluster?.watchNodes)]));
}

/** A pair is loaded by one driver, and cores are kept awake for one: by the orchestrator itself. */
function agentsOf({ agents, paired, awake }: BenchOptions): number {
  return paired || awake !== null ? 0 : (agents ?? 1);
}

/** On a machine outside the cluster nothing is measured: the run happens in there, and here is where it is asked for and shown. */
async function submitBench(
  options: BenchOptions,
  cluster: ClusterOptions,
  raw: RawOptions,
  settings: SettingsRecord | null,
  stored: StoredRun | null,
): Promise<ExitCode> {
  const request = requestOf(options, raw, settings);
  let opened: OpenedCluster | undefined;
  return atWorkbench(
    async (tell) => {
      const open = async (): Promise<OpenedRuntime> => {
        opened = await openCluster(cluster, agentsOf(options), tell);
        // Nobody comes here: the run's agents meet in its orchestrator.
        return { runtime: opened.runtime, room: { address: '127.0.0.1', token: '' } };
      };
      return chooseEquipment({ ...choiceOf(options), openCluster: open }, newRunId(), [COMPOSE_FILE], tell);
    },
    async (bench) => {
      if (opened !== undefined) bench.progress.tell(whereImagesAre(opened, cluster, request, bench));
      if (options.dryRun || opened === undefined) return dryRun(request, readCatalogue([COMPOSE_FILE]), bench);
      const { show, output, wait } = options;
      return benchOnCluster(opened, { ...cluster, show, output, wait }, raw, { request, stored, ...bench });
    },
  );
}

/** Shows what there is, however the run ended. */
async function conclude({ directory, summary, contestants, failure }: Measured, show: ShowOptions): Promise<ExitCode> {
  await showRun(directory, summary, show);
  if (failure === null) {
    const gaps = gapText(summary, contestants);
    if (gaps !== null) process.stderr.write(`${gaps}\n`);
    return exitCodeOf(summary, contestants);
  }
  const { done, planned } = summary.run.blocks;
  // Inside a cluster the directory is not where anybody is; whoever fetches it says the same of theirs.
  const next = failure.hint ?? (runsInside() ? '' : `Go on with --resume --output ${directory}`);
  process.stderr.write(`${failure.message}\n  ${done} of ${planned} blocks are whole. ${next}`.trimEnd() + '\n');
  return failure.exitCode;
}

/** What the run in the directory, where there is one, says of how its time was split; nothing where its records cannot tell. */
function splitOfRunIn(directory: string): string {
  const advice = adviceOfRunIn(directory);
  return advice === null ? '' : `by the run in ${directory}: ${describeAdvice(advice)}\n`;
}

/** Prints the plan of what is there, or would be got; nothing is pulled, built, installed or started. */
async function dryRun(
  request: MeasureRequest,
  catalogue: Catalogue,
  { equipment, progress, interrupt }: Workbench,
): Promise<ExitCode> {
  const placed = withPlaces(catalogue, equipment.placing);
  const asked = chooseCandidates(request, placed, equipment.runtime, equipment.external);
  const candidates = overLimits(asked, request.limits ?? []);
  if (request.paired) checkPair(request, candidates);
  const found: Contestant[] = [];
  for (const candidate of candidates) {
    const { name, service, runtime } = candidate.target;
    const look =
      candidate.notOffered === undefined
        ? await runtime.look(service)
        : ({ state: 'absent', reason: candidate.notOffered } as const);
    // A plan of a pair is of both; without one of them there would be no run.
    if (look.state === 'absent' && request.paired) progress.tell(pairIncomplete(name, look.reason).message);
    else if (look.state === 'absent') progress.tell(`${name} is left out: ${look.reason.message}`);
    else if (look.state === 'obtainable') progress.tell(`${name}: ${look.how}`);
    const isPlanned = look.state !== 'absent' || request.paired;
    if (isPlanned && (request.withDirect || candidate.target.kind !== 'direct'))
      found.push({
        ...candidate,
        availability: { state: 'available', version: null, digest: null, limitsEnforced: false },
      });
  }
  if (equipment.runtime.kind === 'process') {
    const driver = await equipment.driver.prepare(tellOn(progress), interrupt.signal);
    if (driver.state === 'absent')
      progress.tell(`the driver ${equipment.driver.name} cannot be had: ${driver.reason.message}`);
  }
  const plan = layOut(request, equipment, found);
  process.stdout.write(
    `${planSummary(plan, request.note, equipment.placing?.text)}\n${wholePlan(plan)}\n${splitOfRunIn(request.output)}`,
  );
  return EXIT.ok;
}
