import type { V1Job } from '@kubernetes/client-node';
import { pause } from '../../pause.js';
import { isRefusal } from './api-error.js';
import type { Cluster } from './cluster.js';
import { ROLE_OF_POD, RUN_LABEL } from './run-place.js';
import { MEASURES, ORCHESTRATOR } from './run-objects.js';

/** Whoever created a Job and did not start it within this time is gone: it takes seconds. */
const FORGOTTEN_MS = 120_000;
const GONE_MS = 60_000;
const POLL_MS = 500;

/** What a run's Job says of it. */
export interface RunInCluster {
  readonly name: string;
  readonly runId: string;
  /** The id in the manifest of the run that it measures. */
  readonly measures: string;
  /** ISO 8601. */
  readonly since: string;
  /** `leftover`: it ended, or was never started, and whoever wanted it is gone. */
  readonly state: 'measures' | 'leftover';
}

/** The runs of a namespace, the earliest first. @param now for how long one was not started, milliseconds since 1970 */
export async function runsIn(cluster: Cluster, namespace: string, now: number = Date.now()): Promise<RunInCluster[]> {
  const selector = `${RUN_LABEL},${ROLE_OF_POD}=${ORCHESTRATOR}`;
  const { items } = await cluster.call('list the runs', async (options) =>
    cluster.batch.listNamespacedJob({ namespace, labelSelector: selector }, options),
  );
  return items.map((job) => describeRun(job, now)).toSorted((a, b) => a.since.localeCompare(b.since));
}

function describeRun({ metadata, spec, status }: V1Job, now: number): RunInCluster {
  const created = new Date(metadata?.creationTimestamp ?? 0);
  const isOver = (status?.conditions ?? []).some(
    (one) => ['Complete', 'Failed'].includes(one.type) && one.status === 'True',
  );
  const isForgotten = spec?.suspend === true && now - created.getTime() > FORGOTTEN_MS;
  return {
    name: metadata?.name ?? '',
    runId: metadata?.labels?.[RUN_LABEL] ?? '',
    measures: metadata?.labels?.[MEASURES] ?? '',
    since: created.toISOString(),
    state: isOver || isForgotten ? 'leftover' : 'measures',
  };
}

/** Removes what runs that are over left behind; tells how many there were. */
export async function sweepRuns(cluster: Cluster, namespace: string, now: number = Date.now()): Promise<number> {
  const leftovers = (await runsIn(cluster, namespace, now)).filter(({ state }) => state === 'leftover');
  await Promise.all(leftovers.map(async ({ name }) => removeRun(cluster, namespace, name)));
  return leftovers.length;
}

/**
 * Removes a run with all that belongs to it. The cluster's garbage collector does so by the owner references.
 * @param wait whether to return only when no Pod of it is left
 */
export async function removeRun(cluster: Cluster, namespace: string, name: string, wait = true): Promise<void> {
  const job = await cluster.find('read a run', async (options) =>
    cluster.batch.readNamespacedJob({ name, namespace }, options),
  );
  if (job === null) return;
  try {
    await cluster.call('delete a run', async (options) =>
      cluster.batch.deleteNamespacedJob({ name, namespace, propagationPolicy: 'Background' }, options),
    );
  } catch (thrown) {
    if (!isRefusal(thrown, 404)) throw thrown;
  }
  const runId = job.metadata?.labels?.[RUN_LABEL];
  if (!wait || runId === undefined) return;
  const giveUpAt = performance.now() + GONE_MS;
  while (performance.now() < giveUpAt) {
    // oxlint-disable-next-line no-await-in-loop -- polling
    const { items } = await cluster.call('list the Pods of the run', async (options) =>
      cluster.core.listNamespacedPod({ namespace, labelSelector: `${RUN_LABEL}=${runId}` }, options),
    );
    if (items.length === 0) return;
    // oxlint-disable-next-line no-await-in-loop -- polling
    await pause(POLL_MS, NEVER);
  }
}

const NEVER = new AbortController().signal;
