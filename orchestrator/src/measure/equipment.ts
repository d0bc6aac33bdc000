import { type AgentHouse, createAgentsDriver } from '../agent/agents-driver.js';
import { LocalAgents } from '../agent/local-agents.js';
import { PodAgents, type RoomPlace } from '../agent/pod-agents.js';
import { BenchError, EXIT, usageError } from '../errors.js';
import type { Driver } from '../load/driver.js';
import { createNativeDriver } from '../load/native/driver.js';
import { KeepAwake } from '../load/native/keep-awake.js';
import type { NativeOptions } from '../load/native/plan-lanes.js';
import { createOhaDriver } from '../load/oha/driver.js';
import { connectDocker, dockerAnswers } from '../runtime/docker/connect.js';
import type { KubernetesRuntime } from '../runtime/kubernetes/kubernetes-runtime.js';
import { ExternalRuntime } from '../runtime/external/external-runtime.js';
import { ProcessRuntime } from '../runtime/process/process-runtime.js';
import type { Observation, Runtime } from '../runtime/runtime.js';
import type { CoresWanted } from '../plan/core-layout.js';
import type { AwakeRecord } from '../record/awake.js';
import { formatCpuList, parseCpuList } from '../record/cpu-list.js';
import { readTopology } from '../resources/cpu-topology.js';
import { busyAlready } from './busy.js';
import { choosePlaces, driverPlace, type PinChoice, pinningFacts, type Placing } from './pinning.js';
import type { ExternalTarget } from './request.js';

/** Which equipment is wanted. */
export interface EquipmentChoice {
  readonly runtime: 'auto' | 'docker' | 'process' | 'external' | 'kubernetes';
  /** Opens the runtime `kubernetes`; whoever asks for that one gives it. */
  readonly openCluster?: () => Promise<OpenedRuntime>;
  /** How what already runs elsewhere can be seen there, by name, where the runtime can. Left out: it cannot. */
  readonly observeExternals?: (runtime: Runtime) => ReadonlyMap<string, Observation>;
  /** Null: the runtime's own. */
  readonly driver: 'oha' | 'native' | null;
  readonly externals: readonly ExternalTarget[];
  /** Left out: as the native driver does it by itself. */
  readonly load?: NativeOptions;
  /** Left out: nothing is pinned. */
  readonly pin?: PinChoice;
  /** Whether and how cores are kept awake while there is load; left out, or null: they are not. */
  readonly awake?: AwakeChoice | null;
  /** What else is wanted that only the native driver can do, in the words of whoever asks. */
  readonly nativeOnly?: readonly string[];
  /** Whether two targets are measured at the same time. */
  readonly paired?: boolean;
  /** Processes of this host that make the load together; of a cluster its runtime says it. Left out: this one does by itself. */
  readonly agents?: number;
}

/** The runtime `kubernetes`, and where its agents come together. */
export interface OpenedRuntime {
  readonly runtime: KubernetesRuntime;
  readonly room: RoomPlace;
}

/** How cores are to be kept awake; which of them is for the machine to say. */
export type AwakeChoice =
  | { readonly way: 'latency' }
  | { readonly way: 'spin'; readonly beforeUs: number; readonly afterUs: number };

/** What a run is done with. */
export interface Equipment {
  /** Starts the mock and the gateways. */
  readonly runtime: Runtime;
  /** For what already runs elsewhere (`--target`). */
  readonly external: Runtime;
  readonly driver: Driver;
  /** Null: not asked for. */
  readonly placing: Placing | null;
  /** Null: cores are not kept awake. */
  readonly awake: AwakeRecord | null;
}

/**
 * Chooses runtime and driver and says which and why in one line.
 * @param wanted cores that are of use to those who get some of their own; null where nothing is pinned
 * @throws BenchError `engine-unreachable`, `pin-unfit`, `awake-unfit`, `driver-needs-runtime`, `driver-needs-native`
 */
export async function chooseEquipment(
  choice: EquipmentChoice,
  runId: string,
  composeFiles: readonly string[],
  tell: (line: string) => void,
  wanted: CoresWanted | null = null,
): Promise<Equipment> {
  const external = new ExternalRuntime(new Map(choice.externals.map(({ name, url }) => [name, url])));
  const { runtime, why, cluster } = await chooseRuntime(choice, runId, composeFiles, external);
  if (choice.observeExternals !== undefined) external.observe(choice.observeExternals(runtime));
  const placing = placingFor(choice, runtime, wanted);
  const awake = awakeFor(choice.awake ?? null, placing);
  const house = agentHouse(choice, cluster ?? null);
  const driver = chooseDriver(choice, runtime, placing === null ? null : driverPlace(placing), awake, house);
  const busy = await busyAlready();
  tell(`runtime ${runtime.kind}: ${why}; driver ${driver.name}${busy === null ? '' : `; ${busy}`}`);
  return { runtime, external, driver, placing, awake };
}

async function chooseRuntime(
  { runtime: asked, openCluster }: EquipmentChoice,
  runId: string,
  composeFiles: readonly string[],
  external: Runtime,
): Promise<{ readonly runtime: Runtime; readonly why: string; readonly cluster?: OpenedRuntime }> {
  const docker = (): Promise<Runtime> => connectDocker({ runId, composeFiles });
  if (asked === 'docker') return { runtime: await docker(), why: 'as asked' };
  if (asked === 'external') return { runtime: external, why: 'as asked; mock and targets are taken to run already' };
  if (asked === 'process') return processes('as asked');
  if (asked === 'kubernetes') {
    if (openCluster === undefined) throw new TypeError('nobody says how the cluster is opened');
    const cluster = await openCluster();
    return { runtime: cluster.runtime, why: 'as asked', cluster };
  }
  const answer = await dockerAnswers();
  if (answer.answers) return { runtime: await docker(), why: answer.detail };
  return processes(answer.detail);
}

function processes(why: string): { readonly runtime: Runtime; readonly why: string } {
  const runtime = new ProcessRuntime();
  const limits = runtime.enforcesLimits ? 'are enforced by control groups' : 'are not enforced';
  return { runtime, why: `${why}; CPU and memory limits ${limits}` };
}

function placingFor(
  { pin = { kind: 'none' }, externals }: EquipmentChoice,
  runtime: Runtime,
  wanted: CoresWanted | null,
): Placing | null {
  if (pin.kind === 'none' || wanted === null) return null;
  return choosePlaces(
    pin,
    wanted,
    pinningFacts(
      runtime.whyNotPinned(),
      externals.map(({ name }) => name),
    ),
  );
}

/** Where places are given, the cores of those who take part in a request are kept awake; else all that may be used. */
function awakeFor(choice: AwakeChoice | null, placing: Placing | null): AwakeRecord | null {
  if (choice === null || choice.way === 'latency') return choice;
  const places = placing?.record.state === 'pinned' ? placing.record : null;
  const pinned = places === null ? [] : [places.mock, places.target, places.driver];
  const all = places?.usable ?? formatCpuList(readTopology()?.cpus.map(({ id }) => id) ?? []);
  const own = pinned.every((place) => place !== null) ? pinned.flatMap((place) => parseCpuList(place ?? '') ?? []) : [];
  return { ...choice, cpus: own.length === 0 ? all : formatCpuList([...new Set(own)].toSorted((a, b) => a - b)) };
}

interface Agents {
  readonly house: AgentHouse;
  readonly count: number;
}

/** Those that make the load; null: none do. */
function agentHouse({ agents }: EquipmentChoice, cluster: OpenedRuntime | null): Agents | null {
  if (cluster !== null) {
    const { runtime, room } = cluster;
    return runtime.agents.length === 0 ? null : { house: new PodAgents(runtime, room), count: runtime.agents.length };
  }
  return agents === undefined ? null : { house: new LocalAgents(agents), count: agents };
}

function chooseDriver(
  { driver: asked, load = {}, nativeOnly = [], paired = false }: EquipmentChoice,
  runtime: Runtime,
  cpuset: string | null,
  awake: AwakeRecord | null,
  agents: Agents | null,
): Driver {
  const name = asked ?? (runtime.kind === 'docker' ? 'oha' : 'native');
  if (name === 'native') {
    const options = { ...load, ...(cpuset === null ? {} : { cpuset }) };
    const own = createNativeDriver({ ...options, ...(awake === null ? {} : { awake: new KeepAwake(awake) }) });
    return agents === null ? own : createAgentsDriver(agents.house, agents.count, options, own);
  }
  if (paired) {
    throw usageError(
      'driver-needs-native',
      'Two targets cannot be measured at the same time by the driver oha: it loads one address, and two of it would keep two schedules.',
      'Add --driver native.',
    );
  }
  const [unknown] = nativeOnly;
  if (unknown !== undefined) {
    throw usageError('driver-needs-native', `${unknown} is not known to the driver oha.`, 'Add --driver native.');
  }
  if (runtime.kind === 'external') {
    throw new BenchError({
      code: 'driver-needs-runtime',
      message: 'The driver oha is run by a runtime that starts programs, and external starts none.',
      hint: 'Use --driver native.',
      exitCode: EXIT.usage,
    });
  }
  if (runtime.kind === 'kubernetes') throw needsNativeDriver();
  return createOhaDriver(runtime, cpuset);
}

/** Why oha makes no load on a cluster. */
export function needsNativeDriver(): BenchError {
  return usageError(
    'driver-needs-runtime',
    'The driver oha is not run on a cluster: it is one program on one node, and its requests cannot be told apart, so nothing is known of each beside the time that the mock held it.',
    'Leave --driver out: there the native driver makes the load.',
  );
}
