import type { V1ConfigMap } from '@kubernetes/client-node';
import { BenchError, EXIT } from '../../errors.js';
import { pause } from '../../pause.js';
import { isRefusal } from './api-error.js';
import type { Cluster } from './cluster.js';
import { metadataOf, type RunPlace } from './run-place.js';
import { type RunInCluster, runsIn } from './runs.js';

/** There is one of that name in a namespace, so that of two runs that begin at the same moment one is the first. */
const TURN = 'crabllm-bench-turn';
/** That of a run that was removed goes a moment after it. */
const LEAVES_WITHIN_MS = 30_000;
const POLL_MS = 500;

/**
 * Takes the turn of a namespace for a run: it belongs to the run's Job and goes with it.
 * @throws BenchError `cluster-busy` where another run has it
 */
export async function takeTurnFor(
  cluster: Cluster,
  place: Pick<RunPlace, 'namespace' | 'runId' | 'job'>,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, job } = place;
  const body: V1ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(TURN, place, {}),
    data: { run: job.name },
  };
  const giveUpAt = performance.now() + LEAVES_WITHIN_MS;
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- polling
      await cluster.call('take its turn', async (options) =>
        cluster.core.createNamespacedConfigMap({ namespace, body }, options),
      );
      return;
    } catch (thrown) {
      if (!isRefusal(thrown, 409)) throw thrown;
    }
    // oxlint-disable-next-line no-await-in-loop -- polling
    const other = (await runsIn(cluster, namespace)).find(
      ({ name, state }) => name !== job.name && state === 'measures',
    );
    if (other !== undefined) throw clusterBusy(namespace, other);
    if (performance.now() > giveUpAt)
      throw new BenchError({
        code: 'cluster-busy',
        message: `The turn of the namespace ${namespace} is taken, and no run is seen that has it.`,
        hint: `Start it again; if that stays so: kubectl -n ${namespace} delete configmap ${TURN}`,
        exitCode: EXIT.usage,
      });
    // oxlint-disable-next-line no-await-in-loop -- polling
    await pause(POLL_MS, signal);
  }
}

/** @throws BenchError `cluster-busy` where a run measures in a namespace */
export async function refuseWhereBusy(cluster: Cluster, namespace: string): Promise<void> {
  const other = (await runsIn(cluster, namespace)).find(({ state }) => state === 'measures');
  if (other !== undefined) throw clusterBusy(namespace, other);
}

/** Two runs at once take CPUs from each other: the second one's Pods would not even be scheduled. */
export function clusterBusy(namespace: string, { name, since }: Pick<RunInCluster, 'name' | 'since'>): BenchError {
  return new BenchError({
    code: 'cluster-busy',
    message: `A run is measuring in ${namespace} since ${since.slice(11, 16)} UTC (${name}).`,
    hint: 'Wait for its end with --wait, measure in a namespace on other nodes, or end it: crabllm-bench down --runtime kubernetes.',
    exitCode: EXIT.usage,
  });
}
