import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readCatalogue } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { BenchError, type ExitCode } from '../errors.js';
import { newRunId } from '../measure/describe-run.js';
import { keepEarlierRun } from '../measure/earlier-run.js';
import { layOut } from '../measure/measure.js';
import type { MeasureRequest } from '../measure/request.js';
import { chooseCandidates, type Contestant } from '../measure/targets.js';
import type { Workbench } from '../measure/workbench.js';
import { pause } from '../pause.js';
import { holdsRun } from '../record/run-directory.js';
import { type Cluster, connectCluster } from '../runtime/kubernetes/cluster.js';
import { loadText, seatWarnings } from '../runtime/kubernetes/agent-seats.js';
import { cpuLimitsText } from '../runtime/kubernetes/cpu-manager.js';
import { unpack } from '../runtime/kubernetes/fetch-result.js';
import { followRun, type RunAt } from '../runtime/kubernetes/follow-run.js';
import { KubernetesRuntime } from '../runtime/kubernetes/kubernetes-runtime.js';
import { lookAround, type Surroundings } from '../runtime/kubernetes/look-around.js';
import { NODE_ROLES } from '../runtime/kubernetes/node-roles.js';
import { imageName, imagesText } from '../runtime/kubernetes/image-names.js';
import { objectName } from '../runtime/kubernetes/run-place.js';
import { prepareNamespace } from '../runtime/kubernetes/prepare-namespace.js';
import { RESULTS } from '../runtime/kubernetes/result.js';
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
const FOR_HERE = 'output chart png html markdown json original wait dry-run kubeconfig context namespace seed'.split(
  ' ',
);
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
  const around = await lookAround(cluster, agents, options.namespace);
  tell(`cluster ${cluster.name}, Kubernetes ${cluster.version}, namespace ${options.namespace}`);
  tell(NODE_ROLES.map((role) => `${role} on ${around.places.nodes[role]}`).join(', '));
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
  const ours = [places.nodes.mock, places.orchestrator, ...seats.map(({ node }) => node)];
  const watched = manner.watch && gateways.length > 0 ? [places.nodes.gateway] : [];
  return imagesText(
    [
      ...[...ours, ...watched].map((node) => ({ image: own, node })),
      ...gateways.map((image) => ({ image, node: places.nodes.gateway })),
    ],
    images,
  );
}

/**
 * `--runtime kubernetes` on a machine outside the run: submits it, follows it, fetches its directory and shows it as if it had been measured
 * here. However it ends, nothing of it stays in the cluster.
 * @throws BenchError everything a person can do something about
 */
export async function benchOnCluster(
  { cluster, around, runtime }: OpenedCluster,
  options: ClusterOptions & { readonly show: ShowOptions; readonly output: string; readonly wait: boolean },
  raw: RawOptions,
  request: MeasureRequest,
  bench: Workbench,
): Promise<ExitCode> {
  const { progress, interrupt } = bench;
  const { namespace } = options;
  const tell = (line: string): void => progress.tell(line);
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
    words: [...wordsFor(raw), `--seed=${request.seed}`, `--output=${join(WORK, RESULTS)}`],
    token: randomBytes(24).toString('hex'),
    agentsToken: randomBytes(24).toString('hex'),
    watchToken: randomBytes(24).toString('hex'),
  };
  const at = await submitInTurn(cluster, submitted, job, { ...options, tell }, interrupt.signal);
  interrupt.onSecond(async () => removeRun(cluster, namespace, job, false));
  tell(`submitted as job ${job}; it ends by itself after ${Math.ceil(deadlineMs / 60_000)} minutes at the latest`);
  let keep = false;
  try {
    const { exitCode, archive } = await followRun(
      cluster,
      at,
      (line) => process.stderr.write(`${line}\n`),
      interrupt.signal,
    );
    if (archive !== null) {
      const earlier = keepEarlierRun(options.output);
      if (earlier !== null) tell(`the earlier run is kept in ${earlier}`);
      await unpack(archive, options.output);
    }
    progress.end();
    if (archive !== null && holdsRun(options.output)) await showDirectory(options.output, options.show);
    return exitCode as ExitCode;
  } catch (thrown) {
    // It goes on without us, and what it measures is still to be had.
    keep = thrown instanceof BenchError && thrown.code === 'engine-gone';
    throw thrown;
  } finally {
    if (!keep) await removeRun(cluster, namespace, job);
  }
}

function placeOf(
  { namespace, manner }: ClusterOptions,
  { places, seats }: Surroundings,
  runId: string,
  deadlineSeconds: number,
): Submitted['inside']['place'] {
  const controlSecret = objectName(`bench-${runId}-control`);
  const image = imageName(`crabllm-bench:${IMAGE_TAG}`, manner);
  const { nodes, orchestrator } = places;
  return { namespace, runId, image, nodes, orchestrator, agents: seats, deadlineSeconds, controlSecret };
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
function estimatedMs(request: MeasureRequest, runtime: KubernetesRuntime, { equipment }: Workbench): number {
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
