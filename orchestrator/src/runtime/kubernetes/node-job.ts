import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { BenchError, EXIT } from '../../errors.js';
import { pause } from '../../pause.js';
import type { AgentSeat } from './agent-seats.js';
import type { Cluster } from './cluster.js';
import { TROUBLE_MS } from './create-service.js';
import type { PodManner } from './manner.js';
import { readLog } from './pod-log.js';
import { CONTAINER_SECURITY, podSecurity } from './pod-security.js';
import { CONTAINER, onNode } from './pod-spec.js';
import { type PodState, podState } from './pod-state.js';
import { cpuQuantity } from './quantity.js';
import { ROLE_OF_POD, RUN_LABEL } from './run-place.js';

/** A program of this project's image on one node, as a Job: submitting a run has the rights for that. */
export interface NodeJob {
  readonly namespace: string;
  readonly runId: string;
  readonly name: string;
  /** No CPUs: it requests none, and has no quota. */
  readonly seat: AgentSeat;
  /** Request and limit, a quantity. */
  readonly memory: string;
  readonly image: string;
  readonly words: readonly string[];
  /** Read by whoever may read Jobs, so nothing that guards more than this program. */
  readonly variables: Readonly<Record<string, string>>;
  readonly manner: PodManner;
  /** After so many seconds the cluster ends it by itself. */
  readonly deadlineSeconds: number;
}

/** Whoever wanted it reads it at once, or is gone. */
const KEPT_SECONDS = 60;
const POLL_MS = 1000;
/** Until a Pod of a Job is there; where admission refuses it there never is one. */
const APPEARS_MS = 20_000;
const LAST_LINES = 3;

/** Creates it. @param role of its Pod: `orchestrator` makes it a run of the namespace. @returns its UID */
export async function createNodeJob(
  cluster: Cluster,
  job: NodeJob,
  role: string,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly uid: string }> {
  const { namespace, name } = job;
  const { batch } = cluster;
  const created = await cluster.create(
    'create a Job',
    async (options) => batch.createNamespacedJob({ namespace, body: jobBody(job, role) }, options),
    async (options) => batch.readNamespacedJob({ name, namespace }, options),
    signal,
  );
  return { name, uid: created.metadata?.uid ?? '' };
}

/** With whole cores its Pod is held as an agent's is: requests equal limits. With less it has no quota. */
function jobBody(job: NodeJob, role: string): V1Job {
  const { namespace, runId, name, seat, memory, image, words, variables, manner, deadlineSeconds } = job;
  const labels = {
    'app.kubernetes.io/name': 'crabllm-bench',
    'app.kubernetes.io/managed-by': 'crabllm-bench',
    [RUN_LABEL]: runId,
    [ROLE_OF_POD]: role,
  };
  const cpu = cpuQuantity(seat.cpus);
  const isWhole = seat.cpus > 0 && Number.isInteger(seat.cpus);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: deadlineSeconds,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 2,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          ...onNode(seat.node, manner.network),
          securityContext: podSecurity(null, manner.security),
          containers: [
            {
              name: CONTAINER,
              image,
              imagePullPolicy: 'IfNotPresent',
              args: [...words],
              env: Object.entries(variables).map(([variable, value]) => ({ name: variable, value })),
              resources: {
                requests: { cpu, memory },
                limits: { ...(isWhole ? { cpu } : {}), memory },
              },
              securityContext: CONTAINER_SECURITY,
            },
          ],
        },
      },
    },
  };
}

/**
 * Waits until its program has ended well.
 * @returns the name of its Pod
 * @throws BenchError in the cluster's own words `image-missing`, `unschedulable` and the like, or `probe-failed`; the signal's reason
 */
export async function untilEnded(cluster: Cluster, job: NodeJob, signal: AbortSignal): Promise<string> {
  return untilPod(cluster, job, signal, (state) => state.phase === 'ended');
}

/** Waits until it runs. @returns the address of its Pod. @throws as {@link untilEnded}; also where it has ended */
export async function untilRunning(cluster: Cluster, job: NodeJob, signal: AbortSignal): Promise<string> {
  let address = '';
  await untilPod(cluster, job, signal, (state) => {
    if (state.phase !== 'running') return false;
    ({ address } = state);
    return true;
  });
  return address;
}

/** @returns the name of its Pod, as soon as its state is the one that is wanted; one that has ended is so only with exit code 0 */
async function untilPod(
  cluster: Cluster,
  job: NodeJob,
  signal: AbortSignal,
  isWanted: (state: PodState) => boolean,
): Promise<string> {
  const { namespace, runId } = job;
  const begun = performance.now();
  let trouble = { code: '', since: begun };
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- polling
    const { items } = await cluster.call(
      'look at a Pod',
      async (options) => cluster.core.listNamespacedPod({ namespace, labelSelector: `${RUN_LABEL}=${runId}` }, options),
      { signal },
    );
    const pod: V1Pod | undefined = items[0];
    const now = performance.now();
    if (pod === undefined) {
      if (now - begun > APPEARS_MS)
        throw jobFailed(job, `its Job has no Pod after ${APPEARS_MS / 1000} s: the namespace does not admit it`);
    } else {
      const state = podState(pod);
      const name = pod.metadata?.name ?? '';
      if (state.phase === 'refused') throw jobFailed(job, state.reason.message, state.reason.code);
      if (isWanted(state) && (state.phase !== 'ended' || state.exit.exitCode === 0)) return name;
      if (state.phase === 'ended') {
        const { exitCode, outOfMemory, told } = state.exit;
        // oxlint-disable-next-line no-await-in-loop -- once
        const log = await readLog(cluster, { name, namespace }).catch(() => '');
        const last = log.trim().split('\n').slice(-LAST_LINES).join(' | ');
        const how = told?.message ?? (outOfMemory ? 'OOMKilled' : `it exited with code ${exitCode ?? 'unknown'}`);
        throw jobFailed(job, last === '' ? how : `${how}; its log says: ${last}`);
      }
      const code = state.phase === 'coming' ? (state.trouble?.code ?? '') : '';
      if (code !== trouble.code) trouble = { code, since: now };
      if (state.phase === 'coming' && state.trouble !== null && now - trouble.since > (TROUBLE_MS[code] ?? 0))
        throw jobFailed(job, state.trouble.message, code);
    }
    // oxlint-disable-next-line no-await-in-loop -- polling
    await pause(POLL_MS, signal);
  }
}

/** What became of it, and of the node. */
export function jobFailed({ seat }: NodeJob, why: string, code = 'probe-failed'): BenchError {
  return new BenchError({
    code,
    message: `nothing was measured on ${seat.node}: ${why}`,
    exitCode: EXIT.environment,
  });
}
