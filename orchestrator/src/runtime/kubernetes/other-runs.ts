import { isRefusal } from './api-error.js';
import type { Cluster } from './cluster.js';
import type { Places } from './node-roles.js';
import { RUN_LABEL } from './run-place.js';

/** A run that measures in another namespace of the cluster, and the nodes on which it has Pods. */
export interface OtherRun {
  readonly namespace: string;
  readonly runId: string;
  readonly nodes: readonly string[];
}

const PATIENCE_MS = 5000;

/**
 * Runs that measure elsewhere in the cluster, as their Pods tell.
 * @param own the namespace whose runs are waited for anyway
 * @returns null: this account may not list the Pods of all namespaces
 */
export async function otherRuns(cluster: Cluster, own: string): Promise<OtherRun[] | null> {
  let pods;
  try {
    ({ items: pods } = await cluster.call(
      'list the Pods of other runs',
      async (options) => cluster.core.listPodForAllNamespaces({ labelSelector: RUN_LABEL }, options),
      { timeoutMs: PATIENCE_MS },
    ));
  } catch (thrown) {
    if (isRefusal(thrown, 403)) return null;
    throw thrown;
  }
  const byRun = new Map<string, { readonly namespace: string; readonly runId: string; readonly nodes: Set<string> }>();
  for (const { metadata, spec, status } of pods) {
    const { namespace = '', labels = {} } = metadata ?? {};
    const runId = labels[RUN_LABEL] ?? '';
    if (namespace === own || ['Succeeded', 'Failed'].includes(status?.phase ?? '')) continue;
    const run = byRun.get(`${namespace}/${runId}`) ?? { namespace, runId, nodes: new Set() };
    byRun.set(`${namespace}/${runId}`, run);
    if (spec?.nodeName !== undefined) run.nodes.add(spec.nodeName);
  }
  return [...byRun.values()]
    .map((run) => ({ ...run, nodes: [...run.nodes].toSorted() }))
    .toSorted((a, b) => a.namespace.localeCompare(b.namespace) || a.runId.localeCompare(b.runId));
}

/** Which run has a node; undefined: none. */
export function takerOf(others: readonly OtherRun[], node: string): string | undefined {
  const run = others.find(({ nodes }) => nodes.includes(node));
  return run === undefined ? undefined : nameOfRun(run);
}

/** What other runs mean for this one, a line each: said loudly where they share nodes with it. */
export function besideText(others: readonly OtherRun[] | null, places: Places): string[] {
  if (others === null)
    return [
      'whether a run measures in another namespace is not known: this account may not list the Pods of all namespaces (deploy/kubernetes/runs-reader.yaml)',
    ];
  return others.map((run) => {
    const roles: readonly (readonly [string, readonly string[]])[] = [
      ...Object.entries(places.nodes).map(([role, node]) => [role, [node]] as const),
      ['mocks', places.mocks.filter((node) => node !== places.nodes.mock)],
      ['agents', places.drivers.filter((node) => node !== places.nodes.driver)],
      ['orchestrator', places.orchestrator === places.nodes.driver ? [] : [places.orchestrator]],
    ];
    const shared = roles.flatMap(([role, nodes]) =>
      nodes.filter((node) => run.nodes.includes(node)).map((node) => `${role} on ${node}`),
    );
    const where = run.nodes.length === 0 ? 'no node yet' : run.nodes.join(', ');
    return shared.length === 0
      ? `another run measures in ${nameOfRun(run)}, on ${where}; this one has other nodes`
      : `ANOTHER RUN MEASURES in ${nameOfRun(run)}, on ${where}; of this one ${shared.join(', ')}: both take time from each other there; wait for its end, or label other nodes bench.role`;
  });
}

function nameOfRun({ namespace, runId }: OtherRun): string {
  return `${namespace} (${runId})`;
}
