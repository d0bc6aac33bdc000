import type {
  V1ConfigMap,
  V1EnvVar,
  V1Pod,
  V1PodSpec,
  V1Secret,
  V1Service,
  V1VolumeMount,
  V1Volume,
} from '@kubernetes/client-node';
import type { Service } from '../../catalogue/service.js';
import { imageName } from './image-names.js';
import type { Network, PodManner } from './manner.js';
import type { MountedFile } from './mounted-files.js';
import type { NodeRole } from './node-roles.js';
import { CONTAINER_SECURITY, podSecurity } from './pod-security.js';
import { cpuQuantity } from './quantity.js';
import { labelValue, metadataOf, ROLE_OF_POD, type RunPlace } from './run-place.js';
import { tokenVariable } from './run-secret.js';
import { watchContainer, type WatchSpec } from './watch-container.js';

/** All that is created for a service. */
export interface ServiceObjects {
  readonly pod: V1Pod;
  readonly configMap: V1ConfigMap | null;
  readonly secret: V1Secret | null;
  /** Null: it is reached without one. */
  readonly service: V1Service | null;
}

const SERVICE_OF_POD = 'crabllm-bench/service';
/** Those that one Service stands before. */
const SET_OF_POD = 'crabllm-bench/pod';
/** The name of the container of a Pod that is the service. */
export const CONTAINER = 'service';
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
        ...podOfRun(node, manner, place),
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

/** What every Pod of a run has: it is started once, ends with the run at the latest, has no rights in the cluster, and is on its node. */
export function podOfRun(
  node: string | undefined,
  { network }: Pick<PodManner, 'network'>,
  { deadlineSeconds }: Pick<RunPlace, 'deadlineSeconds'>,
): Partial<V1PodSpec> {
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 2,
    activeDeadlineSeconds: deadlineSeconds,
    automountServiceAccountToken: false,
    // Variables for each Service of the namespace: nobody reads them, and they are many in a namespace that is shared.
    enableServiceLinks: false,
    ...onNode(node, network),
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

/** On which node it belongs: what a gateway needs beside it stands with the mock, because it is not what is measured. */
export function nodeRoleOf({ role }: Pick<Service, 'role'>): NodeRole {
  return role === 'gateway' ? 'gateway' : 'mock';
}

function environment(service: Service, { controlSecret }: RunPlace): V1EnvVar[] {
  const given = Object.entries(service.environment).map(([name, value]) => ({ name, value: value ?? '' }));
  return service.role === 'mock' ? [...given, tokenVariable(controlSecret)] : given;
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
