import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readCatalogue } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { BenchError, EXIT, type ExitCode } from '../errors.js';
import { newRunId } from '../measure/describe-run.js';
import { keepEarlierRun } from '../measure/earlier-run.js';
import { layOut } from '../measure/measure.js';
import type { MeasureRequest } from '../measure/request.js';
import { chooseCandidates, type Contestant } from '../measure/targets.js';
import type { Workbench } from '../measure/workbench.js';
import { pause } from '../pause.js';
import { holdsRun, readRun, RunWriter, type StoredRun } from '../record/run-directory.js';
import { type Cluster, connectCluster } from '../runtime/kubernetes/cluster.js';
import { loadText, seatWarnings } from '../runtime/kubernetes/agent-seats.js';
import { cpuLimitsText } from '../runtime/kubernetes/cpu-manager.js';
import { followRun, type RunAt } from '../runtime/kubernetes/follow-run.js';
import { KubernetesRuntime } from '../runtime/kubernetes/kubernetes-runtime.js';
import { lookAround, type Surroundings } from '../runtime/kubernetes/look-around.js';
import { imageName, imagesText } from '../runtime/kubernetes/image-names.js';
import { objectName, placesText } from '../runtime/kubernetes/run-place.js';
import { prepareNamespace } from '../runtime/kubernetes/prepare-namespace.js';
import { RESULTS } from '../runtime/kubernetes/result.js';
import { packStored, unpack } from '../runtime/kubernetes/run-archive.js';
import { type Submitted, WORK } from '../runtime/kubernetes/run-objects.js';
import { removeRun, runsIn, sweepRuns } from '../runtime/kubernetes/runs.js';
import { submitRun } from '../runtime/kubernetes/submit-run.js';
import { clusterBusy } from '../runtime/kubernetes/turn.js';
import { IMAGE_TAG } from '../version.js';
import type { ClusterOptions } from './options/cluster.js';
import type { RawOptions } from './options/command.js';
import type { ShowOptions } from './options/shown.js';
import { showDirectory } from './show.js';

/** What of a command line is for this machine and not for the orchestrator. */
const FOR_HERE = 'output chart png html markdown json original wait dry-run kubeconfig context seed'.split(' ');
/** A run takes longer than its plan where gateways start slowly, images are pulled and void trials are measured again. */
const DEADLINE = { factor: 3, spareMs: 1_800_000 } as const;
const POLL_MS = 5000;

/** A cluster that was looked at, and the runtime by which a plan for it is laid out here; that one starts nothing. */
export interface OpenedCluster {
  readonly cluster: Cluster;
  readonly around: Surroundings;
  readonly runtime: KubernetesRuntime;
}

/**
 * Opens the cluster and looks around.
 * @param agents how many make the load; 0: the orchestrator does itself
 * @throws BenchError what is wrong with it
 */
export async function openCluster(
  options: ClusterOptions,
  agents: number,
  tell: (line: string) => void,
): Promise<OpenedCluster> {
  const cluster = await connectCluster(options);
  const around = await lookAround(cluster, { agents, mocks: options.scaling.mocks ?? 1 }, options.namespace);
  tell(`cluster ${cluster.name}, Kubernetes ${cluster.version}, namespace ${options.namespace}`);
  tell(placesText(around.places));
  tell(`the load is made ${loadText(around.seats, around.places.orchestrator)}`);
  tell(
    cpuLimitsText(options.manner, {
      version: cluster.version,
      nodes: around.places.nodes,
      cpuManager: around.facts.cpuManager,
    }),
  );
  for (const line of [...around.places.warnings, ...seatWarnings(around.seats), ...around.beside]) tell(line);
  const place = placeOf(options, around, 'none', 0);
  const runtime = new KubernetesRuntime(
    cluster,
    options.manner,
    { ...place, job: { name: '', uid: '' } },
    around.facts,
  );
  return { cluster, around, runtime };
}

/** Which nodes have the images of what is asked for, in a line. */
export function whereImagesAre(
  { around, runtime }: OpenedCluster,
  { manner }: Pick<ClusterOptions, 'manner'>,
  request: MeasureRequest,
  { equipment }: Workbench,
): string {
  const { places, seats, images } = around;
  const asked = chooseCandidates(request, readCatalogue([COMPOSE_FILE]), runtime, equipment.external);
  const gateways = asked.flatMap(({ target }) =>
    target.kind === 'gateway' && target.service.image !== null ? [imageName(target.service.image, manner)] : [],
  );
  const own = imageName(`crabllm-bench:${IMAGE_TAG}`, manner);
  const ours = [...places.mocks, places.orchestrator, ...seats.map(({ node }) => node)];
  const watched = manner.watch && gateways.length > 0 ? [places.nodes.gateway] : [];
  return imagesText(
    [
      ...[...ours, ...watched].map((node) => ({ image: own, node })),
      ...gateways.map((image) => ({ image, node: places.nodes.gateway })),
    ],
    images,
  );
}

/** What is asked of a cluster, and what is there of it already. */
interface ClusterJob extends Workbench {
  readonly request: MeasureRequest;
  /** The interrupted run that goes on; null: a new one. */
  readonly stored: StoredRun | null;
}

/** Where a run goes, and how it is shown. */
type RunOptions = ClusterOptions & { readonly show: ShowOptions; readonly output: string; readonly wait: boolean };

/**
 * `--runtime kubernetes` on a machine outside the run: submits it, follows it, fetches its directory while it grows and shows it as if it had
 * been measured here. However it ends, what could be fetched is kept, and nothing of it stays in the cluster.
 * @throws BenchError everything a person can do something about
 */
export async function benchOnCluster(
  opened: OpenedCluster,
  options: RunOptions,
  raw: RawOptions,
  job: ClusterJob,
): Promise<ExitCode> {
  const { cluster } = opened;
  const { progress, interrupt, stored } = job;
  const { namespace, output, show } = options;
  const tell = (line: string): void => progress.tell(line);
  const at = (await stillMeasured(cluster, options, stored, tell)) ?? (await submit(opened, options, raw, job));
  interrupt.onSecond(async () => removeRun(cluster, namespace, at.job, false));
  let isOurs = stored !== null;
  const deliver = async (archive: Buffer): Promise<void> => {
    // Only now is it sure that there will be a new run.
    const earlier = isOurs ? null : keepEarlierRun(output);
    if (earlier !== null) tell(`the earlier run is kept in ${earlier}`);
    isOurs = true;
    await unpack(archive, output);
  };
  let keep = false;
  try {
    const print = (line: string): unknown => process.stderr.write(`${line}\n`);
    const { exitCode, endedBy } = await followRun(cluster, at, { tell: print, deliver, interrupt: interrupt.signal });
    progress.end();
    const kept = isOurs ? await showKept(output, show) : null;
    if (endedBy !== null) throw brokenOff(endedByCluster(endedBy), kept);
    if (kept !== null && isBrokenOff(exitCode)) process.stderr.write(`${kept}\n`);
    return exitCode as ExitCode;
  } catch (thrown) {
    progress.end();
    if (!(thrown instanceof BenchError) || !LOST.includes(thrown.code)) throw thrown;
    // It goes on without us, and what it measures is still to be had.
    keep = thrown.code === 'engine-gone';
    throw brokenOff(thrown, isOurs ? await showKept(output, show) : null);
  } finally {
    if (!keep) await removeRun(cluster, namespace, at.job);
  }
}

/** Codes of what ends the way to a run, and not the run. */
const LOST: readonly string[] = ['engine-gone', 'run-lost', 'result-lost'];

function isBrokenOff(exitCode: number): boolean {
  return exitCode === EXIT.environment || exitCode === EXIT.interrupted;
}

/** Shows what of a run is here. @returns what there is of it, and how to go on; null: nothing, or all of it */
async function showKept(output: string, show: ShowOptions): Promise<string | null> {
  if (!holdsRun(output)) return null;
  const { manifest, trials } = readRun(output);
  if (trials.length > 0) await showDirectory(output, show);
  if (manifest.complete) return null;
  return `${trials.length} trials of the run are in ${output}. Go on with --resume --output ${output}`;
}

/** The same end, with what is kept and how to go on in the place of what it hints at. */
function brokenOff(failure: BenchError, kept: string | null): BenchError {
  const { code, message, exitCode, cause } = failure;
  const hint = [kept, failure.hint].filter((text) => text !== null && text !== undefined).join('\n  ');
  return new BenchError({ code, message, exitCode, cause, ...(hint === '' ? {} : { hint }) });
}

function endedByCluster(why: string): BenchError {
  return new BenchError({ code: 'run-ended', message: `The run was ended by the cluster: ${why}` });
}

/** The run that is to go on, where it never stopped: only whoever followed it was cut off. */
async function stillMeasured(
  cluster: Cluster,
  { namespace }: RunOptions,
  stored: StoredRun | null,
  tell: (line: string) => void,
): Promise<RunAt | null> {
  if (stored === null) return null;
  const runs = await runsIn(cluster, namespace);
  const run = runs.find(({ measures, state }) => measures === stored.manifest.id && state === 'measures');
  if (run === undefined) return null;
  tell(`it goes on in the cluster as job ${run.name}, and is followed from here on`);
  return { namespace, runId: run.runId, job: run.name };
}

/** Submits a run, when no other measures in its namespace. @throws BenchError what {@link submitInTurn} throws, `cluster-forbids` */
async function submit(
  { cluster, around, runtime }: OpenedCluster,
  options: RunOptions,
  raw: RawOptions,
  { request, stored, ...bench }: ClusterJob,
): Promise<RunAt> {
  const { namespace, output } = options;
  const tell = (line: string): void => bench.progress.tell(line);
  if (await prepareNamespace(cluster, namespace)) tell(`created the account of the orchestrator in ${namespace}`);
  const swept = await sweepRuns(cluster, namespace);
  if (swept > 0) tell(`removed ${swept} runs that were over, and what they had left behind`);
  const runId = newRunId();
  const job = objectName(`bench-${runId}`, 52);
  const deadlineMs = DEADLINE.factor * estimatedMs(request, runtime, bench) + DEADLINE.spareMs;
  const submitted: Submitted = {
    inside: {
      place: placeOf(options, around, runId, Math.ceil(deadlineMs / 1000)),
      manner: options.manner,
      facts: { ...around.facts, images: around.facts.images === null ? null : [...around.facts.images] },
    },
    words: [...wordsFor({ ...raw, namespace }), `--seed=${request.seed}`, `--output=${join(WORK, RESULTS)}`],
    token: randomBytes(24).toString('hex'),
    agentsToken: randomBytes(24).toString('hex'),
    watchToken: randomBytes(24).toString('hex'),
    stored: stored === null ? null : { runId: stored.manifest.id, archive: await storedArchive(output) },
  };
  const at = await submitInTurn(cluster, submitted, job, { ...options, tell }, bench.interrupt.signal);
  tell(`submitted as job ${job}; it ends by itself after ${Math.ceil(deadlineMs / 60_000)} minutes at the latest`);
  return at;
}

/** What the orchestrator has to know of an interrupted run, without what a crash cut short at its end. */
async function storedArchive(output: string): Promise<Buffer> {
  new RunWriter(output).mendTrials();
  return gzipSync(await packStored(output));
}

function placeOf(
  { namespace, manner }: ClusterOptions,
  { places, seats }: Surroundings,
  runId: string,
  deadlineSeconds: number,
): Submitted['inside']['place'] {
  const controlSecret = objectName(`bench-${runId}-control`);
  const image = imageName(`crabllm-bench:${IMAGE_TAG}`, manner);
  const { nodes, mocks, orchestrator } = places;
  return { namespace, runId, image, nodes, mocks, orchestrator, agents: seats, deadlineSeconds, controlSecret };
}

/** Submits a run when no other measures in its namespace. @throws BenchError `cluster-busy` without `--wait`; what {@link submitRun} throws */
async function submitInTurn(
  cluster: Cluster,
  run: Submitted,
  job: string,
  {
    namespace,
    wait,
    tell,
  }: { readonly namespace: string; readonly wait: boolean; readonly tell: (line: string) => void },
  signal: AbortSignal,
): Promise<RunAt> {
  for (let told = false; ; ) {
    // oxlint-disable-next-line no-await-in-loop -- polling
    const other = (await runsIn(cluster, namespace)).find(({ state }) => state === 'measures');
    const busy = other === undefined ? null : clusterBusy(namespace, other);
    try {
      if (busy !== null) throw busy;
      // oxlint-disable-next-line no-await-in-loop -- until it has its turn
      return await submitRun(cluster, run, job, signal);
    } catch (thrown) {
      if (!wait || !(thrown instanceof BenchError) || thrown.code !== 'cluster-busy') throw thrown;
      if (!told) tell(`${thrown.message} Waiting for its end`);
      told = true;
    }
    // oxlint-disable-next-line no-await-in-loop -- polling
    await pause(POLL_MS * (0.5 + Math.random()), signal);
  }
}

/** What the plan is thought to take; a search has none, and gets the time of a long run. */
function estimatedMs(
  request: MeasureRequest,
  runtime: KubernetesRuntime,
  { equipment }: Pick<Workbench, 'equipment'>,
): number {
  const catalogue = readCatalogue([COMPOSE_FILE]);
  const found = chooseCandidates(request, catalogue, runtime, equipment.external).map(
    (candidate): Contestant => ({
      ...candidate,
      availability: { state: 'available', version: null, digest: null, limitsEnforced: true },
    }),
  );
  if (request.asked['find-capacity'] !== undefined) return 7_200_000;
  return layOut(request, equipment, found).estimatedMs;
}

/** The command line of the orchestrator: what was asked for, less what is done here. */
function wordsFor(raw: RawOptions): string[] {
  return Object.entries(raw).flatMap(([name, value]) => {
    if (FOR_HERE.includes(name) || value === undefined) return [];
    if (typeof value === 'boolean') return [value ? `--${name}` : `--no-${name}`];
    return (Array.isArray(value) ? value : [value]).map((each) => `--${name}=${String(each)}`);
  });
}
