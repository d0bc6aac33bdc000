import { refusalOf } from './api-error.js';
import type { Cluster } from './cluster.js';
import { createNodeJob, jobFailed, type NodeJob, untilEnded } from './node-job.js';
import { readLog } from './pod-log.js';
import { ORCHESTRATOR } from './run-objects.js';
import { removeRun } from './runs.js';
import { refuseWhereBusy, takeTurnFor } from './turn.js';

/**
 * Runs a program on a node to its end, and gives what it printed. To others it is a run of the namespace: they wait for it, `down` ends it,
 * and the next one sweeps what a killed command left. Nothing of it stays.
 * @throws BenchError `cluster-busy`; in the cluster's own words `image-missing`, `unschedulable` and the like, or `probe-failed`; `engine-gone`;
 *   the signal's reason
 */
export async function probeNode(cluster: Cluster, probe: NodeJob, signal: AbortSignal): Promise<string> {
  const { namespace, name, runId } = probe;
  await refuseWhereBusy(cluster, namespace);
  try {
    const job = await createNodeJob(cluster, probe, ORCHESTRATOR, signal);
    await takeTurnFor(cluster, { namespace, runId, job }, signal);
    return await readLog(cluster, { name: await untilEnded(cluster, probe, signal), namespace });
  } catch (thrown) {
    const refusal = refusalOf(thrown);
    throw refusal === null ? thrown : jobFailed(probe, refusal.reason);
  } finally {
    await removeRun(cluster, namespace, name);
  }
}
