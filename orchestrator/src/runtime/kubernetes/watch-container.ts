import type { V1Container, V1VolumeMount } from '@kubernetes/client-node';
import type { Service } from '../../catalogue/service.js';
import { CONTAINER_SECURITY } from './pod-security.js';
import { cpuQuantity } from './quantity.js';
import type { RunPlace } from './run-place.js';
import { secretVariable } from './run-secret.js';

/** The container that watches beside a service. */
export interface WatchSpec {
  readonly image: string;
  /** Where it is asked, on the Pod's network. */
  readonly port: number;
  /** Whether its node has room for what it requests of the CPU; without, the Pod is of the class Burstable, and nothing is pinned. */
  readonly requestsCpu: boolean;
}

/** The name of the container of a Pod that watches beside the service. */
export const WATCH_CONTAINER = 'watch';
/** A look takes it a millisecond or two of a CPU; a whole tenth is for its start. */
const WATCH_CPUS = 0.1;
const WATCH_MEMORY_BYTES = 128 * 2 ** 20;
/** Ports for those who watch: below those that systems give out, and one for each of those that may share a node's network. */
const WATCH_PORTS = { first: 29_000, count: 500 } as const;

/**
 * The container that watches beside a service.
 * @param nth how many services were started before it
 * @param nodeCpus CPUs that Pods may have of its node; null: not known
 */
export function watchBeside(
  { cpus, port }: Pick<Service, 'cpus' | 'port'>,
  image: string,
  nth: number,
  nodeCpus: number | null,
): WatchSpec {
  const own = WATCH_PORTS.first + (nth % WATCH_PORTS.count);
  return {
    image,
    port: own === port ? own + WATCH_PORTS.count : own,
    requestsCpu: cpus !== null && nodeCpus !== null && cpus + WATCH_CPUS <= nodeCpus,
  };
}

/** As its Pod has it. @param more words behind its own, and what they are about */
export function watchContainer(
  { image, port, requestsCpu }: WatchSpec,
  { controlSecret }: Pick<RunPlace, 'controlSecret'>,
  more: { readonly words: readonly string[]; readonly volumeMounts: V1VolumeMount[] } = { words: [], volumeMounts: [] },
): V1Container {
  const limits = { cpu: cpuQuantity(WATCH_CPUS), memory: String(WATCH_MEMORY_BYTES) };
  return {
    name: WATCH_CONTAINER,
    image,
    imagePullPolicy: 'IfNotPresent',
    args: ['agent', '--duty', 'watch', '--listen', `0.0.0.0:${port}`, ...more.words],
    env: [secretVariable('CRABLLM_BENCH_TOKEN', controlSecret, 'watch')],
    ports: [{ containerPort: port }],
    resources: { requests: { ...limits, ...(requestsCpu ? {} : { cpu: '0' }) }, limits },
    securityContext: CONTAINER_SECURITY,
    ...(more.volumeMounts.length === 0 ? {} : { volumeMounts: more.volumeMounts }),
  };
}
