import type { Cluster } from './cluster.js';
import { clusterForbids, isRefusal } from './api-error.js';
import type { RunAt } from './follow-run.js';
import { runBelongings, runJob, type Submitted } from './run-objects.js';
import { removeRun } from './runs.js';
import { takeTurnFor } from './turn.js';

/**
 * Submits a run: the Job, suspended, what belongs to it, and then it is let go. When something of that cannot be had the Job is taken away
 * again, and everything with it.
 * @throws BenchError `cluster-busy` where another run of the namespace was first, `cluster-forbids`, `engine-gone`; the server's refusal
 */
export async function submitRun(cluster: Cluster, run: Submitted, name: string, signal: AbortSignal): Promise<RunAt> {
  const { namespace, runId } = run.inside.place;
  const { core, batch } = cluster;
  const at = { name, namespace };
  try {
    const job = await cluster.create(
      'create a Job',
      async (options) => batch.createNamespacedJob({ namespace, body: runJob(run, name) }, options),
      async (options) => batch.readNamespacedJob(at, options),
      signal,
    );
    const own = { name, uid: job.metadata?.uid ?? '' };
    await takeTurnFor(cluster, { ...run.inside.place, job: own }, signal);
    const { configMaps, secret } = runBelongings(run, own);
    // oxlint-disable-next-line no-await-in-loop -- an API server is not to be flooded with them
    for (const configMap of configMaps)
      await cluster.create(
        'create a ConfigMap',
        async (options) => core.createNamespacedConfigMap({ namespace, body: configMap }, options),
        () => Promise.resolve(configMap),
        signal,
      );
    await cluster.create(
      'create a Secret',
      async (options) => core.createNamespacedSecret({ namespace, body: secret }, options),
      () => Promise.resolve(secret),
      signal,
    );
    await cluster.call('start the run', async (options) => {
      // Read anew at each try: its controller writes to it as well.
      const now = await batch.readNamespacedJob(at, options);
      if (now.spec !== undefined) now.spec.suspend = false;
      return batch.replaceNamespacedJob({ ...at, body: now }, options);
    });
  } catch (thrown) {
    await removeRun(cluster, namespace, name, false).catch(() => undefined);
    throw isRefusal(thrown, 403) ? clusterForbids('start a run', thrown) : thrown;
  }
  return { namespace, runId, job: name };
}
