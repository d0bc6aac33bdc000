import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rewrittenService } from '../../catalogue/rewritten-service.js';
import type { Service } from '../../catalogue/service.js';
import { filledTemplate } from '../../catalogue/template.js';
import { BenchError, EXIT } from '../../errors.js';
import { IMAGE_TAG } from '../../version.js';
import type { Availability, Look, Observation, RunningService, Runtime, ToolResult } from '../runtime.js';
import { agentPod, type AgentProgram } from './agent-pod.js';
import { type AgentSeat, loadText } from './agent-seats.js';
import { atAddresses, hostOfUrl, inHostList, openMock } from './addresses.js';
import { availabilityOf } from './availability.js';
import type { Cluster } from './cluster.js';
import type { CpuManager } from './cpu-manager.js';
import { addressOf, createService, type RunningPod } from './create-service.js';
import { KubernetesService } from './kubernetes-service.js';
import { readMounts } from './mounted-files.js';
import { removeService } from './remove-service.js';
import { Deployed, type PodSelector } from './deployed.js';
import { PodPoll } from './pod-poll.js';
import { ReplicaSet } from './replica-set.js';
import { imageName } from './image-names.js';
import type { PodManner } from './manner.js';
import { NodeWatches, nodeWatchPod } from './node-watch.js';
import { nodeRoleOf, type ServiceObjects, serviceObjects } from './pod-spec.js';
import { mockPlace, objectName, placesText, type RunPlace } from './run-place.js';
import { SideWatch } from './side-watch.js';
import { watchBeside, type WatchSpec } from './watch-container.js';

/** What is known of the cluster when a run begins, for its record. */
export interface ClusterFacts {
  /** `v1.34.4`. */
  readonly version: string;
  /** By role, the software of the node that has it. */
  readonly software: Readonly<Record<string, string>>;
  /** By role, CPUs that Pods may have of its node. */
  readonly cpus: Readonly<Record<string, number>>;
  /** Of the gateways' node. */
  readonly cpuManager: CpuManager;
  /** Images that the node of the gateways says it has; null: nobody may ask. */
  readonly images: readonly string[] | null;
}

/** A Pod that runs, by its name. */
interface Started {
  readonly running: KubernetesService;
  readonly name: string;
  readonly pod: RunningPod;
  /** Where it itself is, whatever stands before it. */
  readonly ownUrl: string;
}

/** More workers a mock does not have (`mock --workers`). */
const MOST_WORKERS = 64;

const TOOLS_REFUSED =
  'oha is a program of its own on one node, whose requests cannot be told apart: on a cluster the native driver makes the load, whose rows are joined with the ledger';

/** Starts services as Pods. It runs inside the cluster: nothing that is measured crosses the API server. */
export class KubernetesRuntime implements Runtime {
  readonly kind = 'kubernetes';
  readonly sharesHost = false;
  readonly #cluster: Cluster;
  readonly #manner: PodManner;
  readonly #place: RunPlace;
  readonly #facts: ClusterFacts;
  readonly #watchToken: string | null;
  readonly #poll: PodPoll;
  readonly #scratch: string;
  readonly #running = new Map<string, ServiceObjects>();
  /** Of what others are told of: the mock, and what gateways need beside them. */
  readonly #addresses = new Map<number, { readonly host: string; readonly port: number }>();
  /** Aborts when the run is over. */
  readonly #ended = new AbortController();
  #count = 0;

  /** @param watchToken of those who watch beside services; null: nobody is asked, since nothing is started */
  constructor(
    cluster: Cluster,
    manner: PodManner,
    place: RunPlace,
    facts: ClusterFacts,
    watchToken: string | null = null,
  ) {
    this.#watchToken = watchToken;
    this.#cluster = cluster;
    this.#manner = manner;
    this.#place = place;
    this.#facts = facts;
    this.#poll = new PodPoll(cluster, place.namespace, place.runId);
    this.#scratch = mkdtempSync(join(tmpdir(), 'crabllm-bench-kubernetes-'));
  }

  whyNotPinned(): string {
    return 'a cluster pins by its kubelets: whole CPUs under the static CPU manager policy';
  }

  versions(): Promise<Record<string, string>> {
    const { network, cpuLimit, security, watch } = this.#manner;
    const { cpuManager } = this.#facts;
    const places = placesText(this.#place);
    return Promise.resolve({
      kubernetes: this.#facts.version,
      places,
      network,
      cpuLimits: cpuLimit ? 'requests = limits' : 'requests alone (--no-cpu-limit)',
      cpuManager: 'policy' in cpuManager ? cpuManager.policy : `unknown: ${cpuManager.unknown}`,
      watch: watch ? 'by a container beside each service' : 'nobody (--no-watch)',
      podSecurity: security,
      load: loadText(this.#place.agents, this.#place.orchestrator),
      ...Object.fromEntries(Object.entries(this.#facts.software).map(([role, text]) => [`node of the ${role}`, text])),
    });
  }

  /** The agents that make the load, by their number; none: the orchestrator makes it itself. */
  get agents(): readonly AgentSeat[] {
    return this.#place.agents;
  }

  look(service: Service): Promise<Look> {
    return this.prepare(service);
  }

  /** Whatever a node lacks it pulls when a Pod wants it, and says so when it cannot. */
  prepare(service: Service): Promise<Availability> {
    return Promise.resolve(availabilityOf(service, this.#manner, this.#facts.images));
  }

  prepareTool(): Promise<Availability> {
    return Promise.resolve({ state: 'absent', reason: { code: 'not-supported', message: TOOLS_REFUSED } });
  }

  async start(service: Service, signal: AbortSignal): Promise<RunningService> {
    const placed = this.#placed(service);
    if (service.replicas === undefined) return (await this.#startOne(placed, null, signal)).running;
    return this.#startSet(placed, service.replicas, signal);
  }

  /** Several Pods behind one Service. @throws what the first of them that did not start threw, when none of them is there any more */
  async #startSet(service: Service, count: number, signal: AbortSignal): Promise<RunningService> {
    const set = this.#nameFor(service);
    const isMock = service.role === 'mock';
    const onOneNode = Math.ceil(count / this.#place.mocks.length);
    const one = async (nth: number): Promise<Started> =>
      this.#startOne(isMock ? nthMock(service, nth, onOneNode) : service, { name: set, nth }, signal);
    const begun = await Promise.allSettled(Array.from({ length: count }, async (_, nth) => one(nth)));
    const started = begun.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    const failed = begun.find((start) => start.status === 'rejected');
    const [first] = started;
    if (failed !== undefined || first === undefined) {
      await Promise.allSettled(started.map(async ({ running }) => running.stop()));
      throw failed?.reason;
    }
    const behind = started.find(({ pod }) => pod.serviceAddress !== null) ?? first;
    return new ReplicaSet(
      first.running,
      behind.running.url,
      started.map(({ running, name, pod, ownUrl }) => ({
        running,
        name,
        address: pod.state.address,
        url: ownUrl,
      })),
    );
  }

  #nameFor(service: Pick<Service, 'name'>): string {
    this.#count += 1;
    return `${objectName(`bench-${this.#place.runId}-${service.name}`, 56)}-${this.#count}`;
  }

  /** @param set the Pods that it is one of, the first of which has their Service; null: it is alone */
  async #startOne(
    placed: Service,
    set: { readonly name: string; readonly nth: number } | null,
    signal: AbortSignal,
  ): Promise<Started> {
    const name = this.#nameFor(placed);
    const watch = this.#watchFor(placed);
    const files = await readMounts(placed);
    const place = placed.role === 'mock' ? mockPlace(this.#place, set?.nth ?? 0) : this.#place;
    const all = serviceObjects(placed, name, this.#manner, place, files, watch, set?.name ?? name);
    const isFirst = set === null || set.nth === 0;
    const objects = isFirst ? all : { ...all, service: null };
    const pod = await this.#create(placed.name, name, objects, signal);
    const host = addressOf(pod, this.#manner.network);
    if (placed.role !== 'gateway' && placed.port !== 0 && isFirst)
      this.#addresses.set(placed.port, { host, port: placed.port });
    // Never through a Service: that is for what is measured.
    const own = addressOf({ ...pod, serviceAddress: null }, this.#manner.network);
    const watched =
      watch === null || this.#watchToken === null ? null : { url: urlOf(own, watch.port), token: this.#watchToken };
    const gone = (): unknown => this.#running.delete(name);
    const url = urlOf(host, placed.port);
    const running = new KubernetesService(this.#cluster, this.#poll, placed, url, objects, gone, watched);
    return { running, name, pod, ownUrl: urlOf(own, placed.port) };
  }

  /**
   * What can be seen of Pods that somebody else has deployed.
   * @param onNodes whether somebody is put on their nodes, who reads the control groups there
   */
  observe(which: PodSelector, onNodes = false): Observation {
    const token = this.#watchToken;
    const watches = onNodes && token !== null ? new NodeWatches(async (node) => this.#watchOn(node, token)) : null;
    return new Deployed(this.#cluster, which, watches);
  }

  async #watchOn(node: string, token: string): Promise<SideWatch> {
    const name = this.#nameFor({ name: 'watch' });
    const image = imageName(`crabllm-bench:${IMAGE_TAG}`, this.#manner);
    // Beside nothing of ours: whether its node has room for a tenth of a CPU is the scheduler's to say.
    const spec = watchBeside({ cpus: null, port: 0 }, image, this.#count, null);
    const pod = nodeWatchPod(node, name, spec, this.#manner, this.#place);
    const objects = { pod, configMap: null, secret: null, service: null };
    const running = await this.#create('the watch on a node', name, objects, this.#ended.signal);
    const url = urlOf(addressOf(running, this.#manner.network), spec.port);
    return new SideWatch(url, token, this.#ended.signal, () => Promise.resolve(null));
  }

  /**
   * Starts the Pod of an agent.
   * @param index its number
   * @throws BenchError with the cluster's own words where it does not come up
   */
  async startAgent(index: number, program: AgentProgram, signal: AbortSignal): Promise<RunningService> {
    const seat = this.#place.agents[index];
    if (seat === undefined) throw new RangeError(`there is no agent ${index} of ${this.#place.agents.length}`);
    const name = this.#nameFor({ name: `agent-${index}` });
    const pod = agentPod(index, name, seat, program, this.#manner, this.#place);
    const objects = { pod, configMap: null, secret: null, service: null };
    const called = { name: `agent ${index}`, headers: {} };
    await this.#create(called.name, name, objects, signal);
    // It watches its host itself.
    return new KubernetesService(
      this.#cluster,
      this.#poll,
      called,
      '',
      objects,
      () => this.#running.delete(name),
      null,
    );
  }

  runTool(): Promise<ToolResult> {
    return Promise.reject(
      new BenchError({
        code: 'not-supported',
        message: TOOLS_REFUSED,
        hint: 'Use --driver native.',
        exitCode: EXIT.usage,
      }),
    );
  }

  /** What runs before this one left behind was looked for by whoever submitted it, before this one was there. */
  sweep(): Promise<number> {
    return Promise.resolve(0);
  }

  async close(): Promise<void> {
    this.#ended.abort();
    this.#poll.close();
    const left = [...this.#running];
    this.#running.clear();
    await Promise.allSettled(
      left.map(async ([name, objects]) =>
        removeService(this.#cluster, { name, namespace: this.#place.namespace }, objects, 0),
      ),
    );
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  async #create(called: string, name: string, objects: ServiceObjects, signal: AbortSignal): Promise<RunningPod> {
    this.#running.set(name, objects);
    try {
      return await createService(this.#cluster, called, objects, () => undefined, signal);
    } catch (thrown) {
      this.#running.delete(name);
      throw thrown;
    }
  }

  /** Who watches beside a service; null: nobody is to. */
  #watchFor(service: Service): WatchSpec | null {
    if (!this.#manner.watch || this.#watchToken === null) return null;
    const image = imageName(`crabllm-bench:${IMAGE_TAG}`, this.#manner);
    const nodeCpus = this.#facts.cpus[nodeRoleOf(service)];
    // All replicas are on one node.
    const share = nodeCpus === undefined ? null : nodeCpus / (service.replicas ?? 1);
    return watchBeside(service, image, this.#count, share);
  }

  /** The service, told of others by the addresses that they have here. */
  #placed(service: Service): Service {
    if (service.role === 'mock') return { ...service, command: openMock(service.command ?? []) };
    const mock = [...this.#addresses].find(([port]) => port === (service.mockPort ?? port));
    const placed = rewrittenService(service, {
      text: (text) => atAddresses(text, service.port, this.#addresses),
      template: (text) => (mock === undefined ? text : filledTemplate(text, mock[1].port, mock[1].host)),
      directory: join(this.#scratch, String(this.#count)),
      copies: 'copies of config files with the addresses of Pods',
    });
    if (mock === undefined) return placed;
    const environment = Object.entries(placed.environment).map(([name, value]): [string, string | null] => [
      name,
      value === null ? null : inHostList(value, mock[1].host),
    ]);
    return { ...placed, environment: Object.fromEntries(environment) };
  }
}

/**
 * One of several mocks. By the numbers of their workers their ledgers can be laid together; those that are on one node share the CPUs
 * that one would have.
 */
function nthMock(service: Service, nth: number, onOneNode: number): Service {
  return {
    ...service,
    command: [...(service.command ?? []), '--first-worker', String(nth * MOST_WORKERS)],
    cpus: service.cpus === null ? null : service.cpus / onOneNode,
  };
}

function urlOf(host: string, port: number): string {
  return `http://${hostOfUrl(host)}:${port}`;
}
