import type {
  V1ConfigMap,
  V1Container,
  V1EnvVar,
  V1ObjectMeta,
  V1Pod,
  V1PodSecurityContext,
  V1PodSpec,
  V1Secret,
  V1Service,
  V1VolumeMount,
  V1Volume,
} from '@kubernetes/client-node';
import type { Service } from '../../catalogue/service.js';
import type { AgentSeat } from './agent-seats.js';
import type { NodeRole } from './node-roles.js';
import { cpuQuantity } from './quantity.js';

/** How Pods are reached: by their own address, by the node's, or through a Service (a hop that `direct` then goes, too). */
export const NETWORKS = ['pod', 'host', 'service'] as const;
export type Network = (typeof NETWORKS)[number];

/** Under which level of Pod Security they are to be admitted; `baseline` leaves each image the user that it names. */
export const SECURITY_LEVELS = ['restricted', 'baseline'] as const;
export type SecurityLevel = (typeof SECURITY_LEVELS)[number];

/** How services become Pods, the same for all of a run. */
export interface PodManner {
  readonly network: Network;
  /** False: no CPU quota, which can throttle a container that uses a fifth of its share. */
  readonly cpuLimit: boolean;
  readonly security: SecurityLevel;
  /** Whether a container beside each service reads what that uses. */
  readonly watch: boolean;
  /** Stands before the names of images that are in no registry; null: they are on the nodes. */
  readonly imageRegistry: string | null;
  /** In the place of this project's own image, that of the mock and of the orchestrator; null: as the compose file names it. */
  readonly ownImage: string | null;
}

/** To what everything of a run belongs. */
export interface RunPlace {
  readonly namespace: string;
  readonly runId: string;
  /** The Job that is the run: deleting it sweeps all. */
  readonly job: { readonly name: string; readonly uid: string };
  /** Of the orchestrator; its agents have to be of the same. */
  readonly image: string;
  /** By name; a role without one goes where the scheduler likes. */
  readonly nodes: Readonly<Partial<Record<NodeRole, string>>>;
  /** The orchestrator's. */
  readonly orchestrator: string;
  /** Those that make the load, by their number; none: the orchestrator does itself. */
  readonly agents: readonly AgentSeat[];
  /** After so many seconds the cluster ends it by itself. */
  readonly deadlineSeconds: number;
  /** The Secret with the tokens of the mock's control endpoint, under the key `token`, and of the run's agents. */
  readonly controlSecret: string;
}

/** A file that a container sees. */
export interface MountedFile {
  readonly containerPath: string;
  readonly content: Uint8Array;
  /** Not for everybody's eyes: it goes into a Secret. */
  readonly isPrivate: boolean;
}

/** The container that watches beside a service. */
export interface WatchSpec {
  readonly image: string;
  /** Where it is asked, on the Pod's network. */
  readonly port: number;
  /** Whether its node has room for what it requests of the CPU; without, the Pod is of the class Burstable, and nothing is pinned. */
  readonly requestsCpu: boolean;
}

/** All that is created for a service. */
export interface ServiceObjects {
  readonly pod: V1Pod;
  readonly configMap: V1ConfigMap | null;
  readonly secret: V1Secret | null;
  /** Null: it is reached without one. */
  readonly service: V1Service | null;
}

/** The label by which everything of a run is found. */
export const RUN_LABEL = 'crabllm-bench/run';
export const ROLE_OF_POD = 'crabllm-bench/role';
const SERVICE_OF_POD = 'crabllm-bench/service';
/** Those that one Service stands before. */
const SET_OF_POD = 'crabllm-bench/pod';
/** The name of the container of a Pod that is the service. */
export const CONTAINER = 'service';
/** And of the one that watches beside it. */
export const WATCH_CONTAINER = 'watch';
/** Where the mock and its askers have the token from. */
export const TOKEN_VARIABLE = 'CRABLLM_BENCH_CONTROL_TOKEN';
/** Where those who watch and who ask them have the token from. */
export const WATCH_TOKEN_VARIABLE = 'CRABLLM_BENCH_WATCH_TOKEN';
/** Whoever an image runs as where the level `restricted` allows no root: the user `node` of our own image. */
const PLAIN_USER = 1000;
/** A look takes it a millisecond or two of a CPU; a whole tenth is for its start. */
const WATCH_CPUS = 0.1;
const WATCH_MEMORY_BYTES = 128 * 2 ** 20;
/** Ports for those who watch: below those that systems give out, and one for each of those that may share a node's network. */
const WATCH_PORTS = { first: 29_000, count: 500 } as const;

/** What every object of a run carries. */
export function metadataOf(
  name: string,
  { namespace, runId, job }: RunPlace,
  labels: Readonly<Record<string, string>>,
): V1ObjectMeta {
  return {
    name,
    namespace,
    labels: {
      'app.kubernetes.io/name': 'crabllm-bench',
      'app.kubernetes.io/managed-by': 'crabllm-bench',
      [RUN_LABEL]: runId,
      ...labels,
    },
    ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: job.name, uid: job.uid, blockOwnerDeletion: false }],
  };
}

/**
 * What a service of the compose file becomes: a Pod of one container with its image, command, environment and files, requests that equal the
 * limits (class Guaranteed; whole CPUs are pinned by a static CPU manager), and without probes, which would be charged to it.
 * @param name of all that is created, unique in the namespace
 * @param watch the container beside it; null: there is none
 * @param set what its Service looks for, of several Pods the same; left out: it alone
 */
export function serviceObjects(
  service: Service,
  name: string,
  manner: PodManner,
  place: RunPlace,
  files: readonly MountedFile[],
  watch: WatchSpec | null = null,
  set = name,
): ServiceObjects {
  const labels = { [ROLE_OF_POD]: service.role, [SERVICE_OF_POD]: labelValue(service.name), [SET_OF_POD]: set };
  const metadata = metadataOf(name, place, labels);
  const [secret, plain] = [files.filter(({ isPrivate }) => isPrivate), files.filter(({ isPrivate }) => !isPrivate)];
  const volumes: V1Volume[] = [
    ...(plain.length === 0 ? [] : [{ name: 'files', configMap: { name, defaultMode: 0o444 } }]),
    ...(secret.length === 0 ? [] : [{ name: 'private-files', secret: { secretName: name, defaultMode: 0o444 } }]),
  ];
  const node = place.nodes[nodeRoleOf(service)];
  return {
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 2,
        activeDeadlineSeconds: place.deadlineSeconds,
        automountServiceAccountToken: false,
        // Variables for each Service of the namespace: nobody reads them, and they are many in a namespace that is shared.
        enableServiceLinks: false,
        ...onNode(node, manner.network),
        // The watch sees the service's processes by that, and needs no more rights than those.
        ...(watch === null ? {} : { shareProcessNamespace: true }),
        securityContext: podSecurity(service.user, manner.security),
        containers: [
          {
            name: CONTAINER,
            image: imageName(service.image ?? '', manner),
            imagePullPolicy: 'IfNotPresent',
            ...(service.entrypoint === null ? {} : { command: [...service.entrypoint] }),
            ...(service.command === null ? {} : { args: [...service.command] }),
            env: environment(service, place),
            ports: service.port === 0 ? [] : [{ containerPort: service.port }],
            resources: resources(service, manner.cpuLimit),
            securityContext: CONTAINER_SECURITY,
            volumeMounts: [...mountsOf('files', plain), ...mountsOf('private-files', secret)],
          },
          ...(watch === null ? [] : [watchContainer(watch, place)]),
        ],
        volumes,
      },
    },
    configMap: plain.length === 0 ? null : { apiVersion: 'v1', kind: 'ConfigMap', metadata, binaryData: dataOf(plain) },
    secret: secret.length === 0 ? null : { apiVersion: 'v1', kind: 'Secret', metadata, data: dataOf(secret) },
    service:
      manner.network !== 'service' || service.port === 0
        ? null
        : {
            apiVersion: 'v1',
            kind: 'Service',
            metadata,
            spec: {
              selector: { [SET_OF_POD]: set },
              ports: [{ port: service.port, targetPort: service.port }],
            },
          },
  };
}

/**
 * Where a Pod goes, and on whose network it is. By the node's label and not by nodeName: the scheduler then says why it does not fit, and a
 * kubelet would only refuse it.
 */
export function onNode(node: string | undefined, network: Network): Partial<V1PodSpec> {
  return {
    ...(network === 'host' ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
    ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
  };
}

function watchContainer({ image, port, requestsCpu }: WatchSpec, { controlSecret }: RunPlace): V1Container {
  const limits = { cpu: cpuQuantity(WATCH_CPUS), memory: String(WATCH_MEMORY_BYTES) };
  return {
    name: WATCH_CONTAINER,
    image,
    imagePullPolicy: 'IfNotPresent',
    args: ['agent', '--duty', 'watch', '--listen', `0.0.0.0:${port}`],
    env: [secretVariable('CRABLLM_BENCH_TOKEN', controlSecret, 'watch')],
    ports: [{ containerPort: port }],
    resources: { requests: { ...limits, ...(requestsCpu ? {} : { cpu: '0' }) }, limits },
    securityContext: CONTAINER_SECURITY,
  };
}

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

/** On which node it belongs: what a gateway needs beside it stands with the mock, because it is not what is measured. */
export function nodeRoleOf({ role }: Pick<Service, 'role'>): NodeRole {
  return role === 'gateway' ? 'gateway' : 'mock';
}

/**
 * The image as nodes are to name it. Those without a registry in their name (ours, Portkey's) are built by hand, so they are in none, or in
 * the one that is given.
 */
export function imageName(
  image: string,
  { imageRegistry, ownImage }: Pick<PodManner, 'imageRegistry' | 'ownImage'>,
): string {
  if (ownImage !== null && /^crabllm-bench(:|$)/.test(image)) return ownImage;
  return imageRegistry === null || !isHomeMade(image) ? image : `${imageRegistry}/${image}`;
}

/** Whether an image is one that this project builds, and so one that no registry has by itself. */
export function isHomeMade(image: string): boolean {
  return /^crabllm-bench[a-z-]*(:|$)/.test(image);
}

/** What `restricted` wants of a container; it harms none that runs under `baseline`. */
export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

/**
 * What `restricted` wants of a Pod. The group is named too, since the watch may look at processes of its own user and group alone; what an image
 * gives to root's group, which is that of a user whom it does not know, stays readable by the supplementary one.
 * @param user `UID` or `UID:GID` as the compose file has it
 */
export function podSecurity(user: string | null, level: SecurityLevel): V1PodSecurityContext {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(user ?? '') ?? [];
  const asked = {
    ...(uid === undefined ? {} : { runAsUser: Number(uid) }),
    ...(gid === undefined ? {} : { runAsGroup: Number(gid) }),
  };
  const seccompProfile = { type: 'RuntimeDefault' };
  if (level === 'baseline') return { ...asked, seccompProfile };
  const plain = uid === undefined ? { runAsGroup: PLAIN_USER, supplementalGroups: [0] } : {};
  return { runAsNonRoot: true, runAsUser: PLAIN_USER, ...plain, ...asked, seccompProfile };
}

function environment(service: Service, { controlSecret }: RunPlace): V1EnvVar[] {
  const given = Object.entries(service.environment).map(([name, value]) => ({ name, value: value ?? '' }));
  return service.role === 'mock' ? [...given, tokenVariable(controlSecret)] : given;
}

/** The token of the mock's control endpoint, from its Secret. */
export function tokenVariable(controlSecret: string): V1EnvVar {
  return secretVariable(TOKEN_VARIABLE, controlSecret, 'token');
}

/** A variable from a Secret. */
export function secretVariable(name: string, secret: string, key: string): V1EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

function resources({ cpus, memoryBytes }: Service, cpuLimit: boolean) {
  const memory = memoryBytes === null ? {} : { memory: String(memoryBytes) };
  const cpu = cpus === null ? {} : { cpu: cpuQuantity(cpus) };
  return { requests: { ...cpu, ...memory }, limits: { ...(cpuLimit ? cpu : {}), ...memory } };
}

/** A file each, so that what the image has beside it stays. */
function mountsOf(volume: string, files: readonly MountedFile[]): V1VolumeMount[] {
  return files.map(({ containerPath }, i) => ({
    name: volume,
    mountPath: containerPath,
    subPath: keyOf(i),
    readOnly: true,
  }));
}

function dataOf(files: readonly MountedFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ content }, i) => [keyOf(i), Buffer.from(content).toString('base64')]));
}

function keyOf(index: number): string {
  return `file-${index}`;
}

/** Letters that the value of a label may have. */
function labelValue(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 63);
}

/** Letters that the name of a Pod may have, at most so many. */
export function objectName(text: string, length = 63): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, length)
    .replaceAll(/^-+|-+$/g, '');
}
