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

/** Names of the images that a node says it has; a kubelet lists its fifty largest. */
export function imagesOn({ status }: V1Node): string[] {
  return (status?.images ?? []).flatMap(({ names }) => names ?? []);
}

/** What runs on a node, for a record: `kernel 6.1.0, kubelet v1.34.4, containerd://1.6.20`. */
export function nodeSoftware({ status }: V1Node): string {
  const info = status?.nodeInfo;
  return info === undefined
    ? 'unknown'
    : `kernel ${info.kernelVersion}, kubelet ${info.kubeletVersion}, ${info.containerRuntimeVersion}`;
}
