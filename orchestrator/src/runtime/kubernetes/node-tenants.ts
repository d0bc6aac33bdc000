import type { V1Pod } from '@kubernetes/client-node';
import { BenchError } from '../../errors.js';
import { refusalOf } from './api-error.js';
import type { Cluster } from './cluster.js';
import { cpusOf } from './quantity.js';

/** What Pods that are there already ask of a node, or why that is not known. */
export type NodeTenants = { readonly pods: number; readonly cpus: number } | { readonly unknown: string };

const OVER: readonly string[] = ['Succeeded', 'Failed'];

/** Counts the Pods that run on a node, and adds up the CPUs that they request. */
export async function readTenants(cluster: Cluster, node: string): Promise<NodeTenants> {
  try {
    const { items } = await cluster.call('list the Pods of a node', async (options) =>
      cluster.core.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${node}` }, options),
    );
    // The selector is the server's to heed, and nothing of other nodes is to be counted where it is not.
    const here = items.filter(({ spec, status }) => spec?.nodeName === node && !OVER.includes(status?.phase ?? ''));
    const cpus = here.reduce((sum, pod) => sum + requestedCpus(pod), 0);
    return { pods: here.length, cpus: Math.round(1000 * cpus) / 1000 };
  } catch (thrown) {
    if (thrown instanceof BenchError) throw thrown;
    const refusal = refusalOf(thrown);
    if (refusal === null) throw thrown;
    return { unknown: refusal.statusCode === 403 ? 'this account may not list Pods of others' : refusal.reason };
  }
}

/** What the scheduler counts of a Pod that runs: its containers, and those beside them that are started before and stay. */
function requestedCpus({ spec }: V1Pod): number {
  const staying = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(spec?.containers ?? []), ...staying].reduce(
    (sum, { resources }) => sum + cpusOf(resources?.requests?.['cpu'] ?? '0'),
    0,
  );
}
