import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { BenchError, EXIT } from '../../errors.js';
import { pause } from '../../pause.js';
import { refusalOf } from './api-error.js';
import type { AgentSeat } from './agent-seats.js';
import type { Cluster } from './cluster.js';
import { TROUBLE_MS } from './create-service.js';
import type { PodManner } from './manner.js';
import { readLog } from './pod-log.js';
import { CONTAINER_SECURITY, podSecurity } from './pod-security.js';
import { CONTAINER, onNode } from './pod-spec.js';
import { podState } from './pod-state.js';
import { cpuQuantity } from './quantity.js';
import { ROLE_OF_POD, RUN_LABEL } from './run-place.js';
import { ORCHESTRATOR } from './run-objects.js';
import { removeRun, runsIn } from './runs.js';
import { clusterBusy, takeTurnFor } from './turn.js';

/** A program of this project's image that is run to its end on one node. */
export interface NodeProbe {
  readonly namespace: string;
  readonly runId: string;
  /** Of its Job. */
  readonly name: string;
  readonly seat: AgentSeat;
  readonly image: string;
  readonly words: readonly string[];
  readonly manner: PodManner;
  /** After so many seconds the cluster ends it by itself. */
  readonly deadlineSeconds: number;
}

const MEMORY = '1Gi';
/** Whoever wanted it reads it at once, or is gone. */
const KEPT_SECONDS = 60;
const POLL_MS = 1000;
/** Until a Pod of a Job is there; where admission refuses it there never is one. */
const APPEARS_MS = 20_000;

/**
 * Runs a program on a node as a Job, which submitting a run has the rights for, and gives what it printed. To others it is a run of the
 * namespace: they wait for it, `down` ends it, and the next one sweeps what a killed command left. Nothing of it stays.
 * @throws BenchError `cluster-busy`; in the cluster's own words `image-missing`, `unschedulable` and the like, or `probe-failed`; `engine-gone`;
 *   the signal's reason
 */
export async function probeNode(cluster: Cluster, probe: NodeProbe, signal: AbortSignal): Promise<string> {
  const { namespace, name, runId } = probe;
  const { batch } = cluster;
  const other = (await runsIn(cluster, namespace)).find(({ state }) => state === 'measures');
  if (other !== undefined) throw clusterBusy(namespace, other);
  try {
    const job = await cluster.create(
      'create a Job',
      async (options) => batch.createNamespacedJob({ namespace, body: probeJob(probe) }, options),
      async (options) => batch.readNamespacedJob({ name, namespace }, options),
      signal,
    );
    await takeTurnFor(cluster, { namespace, runId, job: { name, uid: job.metadata?.uid ?? '' } }, signal);
    return await readLog(cluster, { name: await untilEnded(cluster, probe, signal), namespace });
  } catch (thrown) {
    const refusal = refusalOf(thrown);
    throw refusal === null ? thrown : probeFailed(probe, refusal.reason);
  } finally {
    await removeRun(cluster, namespace, name);
  }
}

/** With whole cores its Pod is held as an agent's is: requests equal limits. With less it has no quota. */
function probeJob({ namespace, runId, name, seat, image, words, manner, deadlineSeconds }: NodeProbe): V1Job {
  const labels = {
    'app.kubernetes.io/name': 'crabllm-bench',
    'app.kubernetes.io/managed-by': 'crabllm-bench',
    [RUN_LABEL]: runId,
    [ROLE_OF_POD]: ORCHESTRATOR,
  };
  const cpu = cpuQuantity(seat.cpus);
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
              resources: {
                requests: { cpu, memory: MEMORY },
                limits: { ...(Number.isInteger(seat.cpus) ? { cpu } : {}), memory: MEMORY },
              },
              securityContext: CONTAINER_SECURITY,
            },
          ],
        },
      },
    },
  };
}

/** @returns the name of its Pod, whose program has ended well */
async function untilEnded(cluster: Cluster, probe: NodeProbe, signal: AbortSignal): Promise<string> {
  const { namespace, runId } = probe;
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
        throw probeFailed(probe, `its Job has no Pod after ${APPEARS_MS / 1000} s: the namespace does not admit it`);
    } else {
      const state = podState(pod);
      const name = pod.metadata?.name ?? '';
      if (state.phase === 'refused') throw probeFailed(probe, state.reason.message, state.reason.code);
      if (state.phase === 'ended') {
        const { exitCode, outOfMemory, told } = state.exit;
        if (exitCode === 0) return name;
        // oxlint-disable-next-line no-await-in-loop -- once
        const log = await readLog(cluster, { name, namespace }).catch(() => '');
        const last = log.trim().split('\n').slice(-LAST_LINES).join(' | ');
        const how = told?.message ?? (outOfMemory ? 'OOMKilled' : `it exited with code ${exitCode ?? 'unknown'}`);
        throw probeFailed(probe, last === '' ? how : `${how}; its log says: ${last}`);
      }
      const code = state.phase === 'coming' ? (state.trouble?.code ?? '') : '';
      if (code !== trouble.code) trouble = { code, since: now };
      if (state.phase === 'coming' && state.trouble !== null && now - trouble.since > (TROUBLE_MS[code] ?? 0))
        throw probeFailed(probe, state.trouble.message, code);
    }
    // oxlint-disable-next-line no-await-in-loop -- polling
    await pause(POLL_MS, signal);
  }
}

const LAST_LINES = 3;

function probeFailed({ seat }: NodeProbe, why: string, code = 'probe-failed'): BenchError {
  return new BenchError({
    code,
    message: `nothing was measured on ${seat.node}: ${why}`,
    exitCode: EXIT.environment,
  });
}
