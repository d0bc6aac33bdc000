import type { V1Node } from '@kubernetes/client-node';
import { type NodeFacts, ROLE_LABEL } from './node-roles.js';
import { bytesOf, cpusOf } from './quantity.js';

/** Keeps Pods away that do not tolerate it; ours tolerate nothing. */
const KEEPING_AWAY: readonly string[] = ['NoSchedule', 'NoExecute'];

/** What matters of a node. */
export function nodeFacts({ metadata, spec, status }: V1Node): NodeFacts {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const taint = spec?.taints?.find(({ effect }) => KEEPING_AWAY.includes(effect));
  const unfit =
    ready?.status !== 'True'
      ? `it is not ready (${ready?.message ?? ready?.reason ?? 'its kubelet says nothing'})`
      : spec?.unschedulable === true
        ? 'it is cordoned'
        : taint === undefined
          ? null
          : `its taint ${taint.key} keeps Pods away`;
  return {
    name: metadata?.name ?? '',
    role: metadata?.labels?.[ROLE_LABEL] ?? null,
    unfit,
    cpus: cpusOf(status?.allocatable?.['cpu'] ?? '0'),
    memoryBytes: bytesOf(status?.allocatable?.['memory'] ?? '0'),
  };
}

/** What a node says of itself, for whoever reads figures of it; null: it does not say. */
export interface NodeDetails {
  readonly kernel: string | null;
  /** `v1.34.4`. */
  readonly kubelet: string | null;
  /** `containerd://1.6.20`. */
  readonly containerRuntime: string | null;
  readonly architecture: string | null;
  /** Where its provider has put it, and what it has made of it, by the well-known labels. */
  readonly zone: string | null;
  readonly instanceType: string | null;
  /** Names of the images that it says it has. */
  readonly images: readonly string[];
  /** False: it may have more images than it lists. */
  readonly listsAllImages: boolean;
}

/** A kubelet lists its largest images, so many by itself (`nodeStatusMaxImages`). */
const LISTED_IMAGES = 50;

/** What a node says of itself. */
export function nodeDetails({ metadata, status }: V1Node): NodeDetails {
  const [labels, info, images] = [metadata?.labels, status?.nodeInfo, status?.images ?? []];
  return {
    kernel: info?.kernelVersion ?? null,
    kubelet: info?.kubeletVersion ?? null,
    containerRuntime: info?.containerRuntimeVersion ?? null,
    architecture: info?.architecture ?? null,
    zone: labels?.['topology.kubernetes.io/zone'] ?? null,
    instanceType: labels?.['node.kubernetes.io/instance-type'] ?? null,
    images: images.flatMap(({ names }) => names ?? []),
    listsAllImages: images.length < LISTED_IMAGES,
  };
}

/** What runs on a node, for a record: `kernel 6.1.0, kubelet v1.34.4, containerd://1.6.20`. */
export function nodeSoftware({ kernel, kubelet, containerRuntime }: NodeDetails): string {
  return kernel === null ? 'unknown' : `kernel ${kernel}, kubelet ${kubelet}, ${containerRuntime}`;
}
