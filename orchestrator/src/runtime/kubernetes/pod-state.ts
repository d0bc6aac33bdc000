import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { Reason } from '../../record/reason.js';
import type { ServiceExit } from '../runtime.js';
import { CONTAINER } from './pod-spec.js';
import { WATCH_CONTAINER } from './watch-container.js';

/** Where a Pod stands, by the container that is its service. */
export type PodState =
  /** It may still come up. `trouble`: what keeps it, where something does. */
  | { readonly phase: 'coming'; readonly trouble: Reason | null }
  | {
      readonly phase: 'running';
      readonly address: string;
      readonly hostAddress: string;
      readonly imageId: string | null;
    }
  /** It never ran, and will not. */
  | { readonly phase: 'refused'; readonly reason: Reason }
  | { readonly phase: 'ended'; readonly exit: ServiceExit };

/** Why a container waits, where that does not pass by itself. */
const NO_IMAGE: readonly string[] = ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'];
const NO_START: readonly string[] = [
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
];

const DELETED: Reason = { code: 'pod-deleted', message: 'its Pod was deleted by somebody else, or by the cluster' };

/** What a Pod's status says; null: there is none under its name any more. Messages are the cluster's own words. */
export function podState(pod: V1Pod | null): PodState {
  if (pod === null) return ended(null, DELETED);
  const { status } = pod;
  const container = status?.containerStatuses?.find(({ name }) => name === CONTAINER) ?? status?.containerStatuses?.[0];
  const terminated = container?.state?.terminated;
  // Of an evicted Pod the container's end is a consequence.
  if (status?.reason === 'Evicted') return ended(terminated ?? null, told('evicted', 'evicted', status.message));
  if (status?.reason === 'DeadlineExceeded')
    return ended(terminated ?? null, told('deadline-exceeded', 'ended by the deadline of its Pod', status.message));
  const disruption = status?.conditions?.find((one) => one.type === 'DisruptionTarget' && one.status === 'True');
  if (disruption !== undefined && (terminated !== undefined || status?.phase === 'Failed'))
    return ended(terminated ?? null, told('evicted', disruption.reason ?? 'evicted', disruption.message));
  if (terminated !== undefined) {
    // How a container ends whose Pod is being deleted is a consequence as well, unless its memory had ended before.
    if (pod.metadata?.deletionTimestamp !== undefined && terminated.reason !== 'OOMKilled')
      return ended(terminated, DELETED);
    if (terminated.reason === 'StartError' || terminated.reason === 'ContainerCannotRun')
      return { phase: 'refused', reason: told('start-failed', terminated.reason, terminated.message) };
    return ended(terminated, null);
  }
  if (status?.phase === 'Failed')
    return { phase: 'refused', reason: told('pod-refused', status.reason, status.message) };
  if (container?.state?.running !== undefined && status?.podIP !== undefined) return running(pod, container);
  return { phase: 'coming', trouble: troubleOf(pod, container) };
}

/** Why a Pod that may still run will not for long, in the cluster's own words; null: nothing is known of it. */
export function whyEnding(pod: V1Pod | null): string | null {
  const disruption = pod?.status?.conditions?.find((one) => one.type === 'DisruptionTarget' && one.status === 'True');
  if (disruption !== undefined) return told('', disruption.reason ?? 'evicted', disruption.message).message;
  return pod?.metadata?.deletionTimestamp === undefined ? null : DELETED.message;
}

/** Why the container that watches beside a service does not run, in the cluster's own words; null: it runs, or nothing is said. */
export function watchTrouble(pod: V1Pod | null): string | null {
  const state = pod?.status?.containerStatuses?.find(({ name }) => name === WATCH_CONTAINER)?.state;
  const { reason, message } = state?.waiting ?? state?.terminated ?? {};
  return reason === undefined ? null : told('', reason, message).message;
}

function running({ status }: V1Pod, container: V1ContainerStatus): PodState {
  // Without a readiness probe a container that runs is ready, unless its kubelet is not heard of any more.
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  // One whose watch does not run is not ready either, and says so of its containers as well; of a lost node only the Pod is said to be.
  const containers = status?.conditions?.find(({ type }) => type === 'ContainersReady');
  if (ready?.status === 'False' && container.ready && containers?.status !== 'False')
    return ended(
      null,
      told('node-lost', `its node does not answer any more: ${ready.reason ?? 'not ready'}`, ready.message),
    );
  return {
    phase: 'running',
    address: status?.podIP ?? '',
    hostAddress: status?.hostIP ?? '',
    imageId: container.imageID === '' ? null : container.imageID,
  };
}

function troubleOf({ status }: V1Pod, container: V1ContainerStatus | undefined): Reason | null {
  const waiting = container?.state?.waiting;
  if (waiting?.reason !== undefined && NO_IMAGE.includes(waiting.reason))
    return told('image-missing', waiting.reason, waiting.message);
  if (waiting?.reason !== undefined && NO_START.includes(waiting.reason))
    return told('start-failed', waiting.reason, waiting.message);
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return told('unschedulable', scheduled.reason, scheduled.message);
  return null;
}

function told(code: string, what: string | undefined, message: string | undefined): Reason {
  return { code, message: [what, message].filter((text) => text !== undefined && text !== '').join(': ') };
}

function ended(
  terminated: { readonly exitCode: number; readonly signal?: number; readonly reason?: string } | null,
  reason: Reason | null,
): PodState {
  return {
    phase: 'ended',
    exit: {
      exitCode: terminated?.exitCode ?? null,
      signal: terminated?.signal === undefined || terminated.signal === 0 ? null : `signal ${terminated.signal}`,
      outOfMemory: terminated?.reason === 'OOMKilled',
      ...(reason === null ? {} : { told: reason }),
    },
  };
}
