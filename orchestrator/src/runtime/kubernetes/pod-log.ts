import type { Cluster } from './cluster.js';
import { CONTAINER } from './pod-spec.js';

const LOG_BYTES = 256 * 1024;
const LOG_LINES = 2000;

/** The last lines of what the service of a Pod printed. */
export async function readLog(
  cluster: Cluster,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Promise<string> {
  const text = await cluster.call('read a log', async (options) =>
    cluster.core.readNamespacedPodLog({ name, namespace, container: CONTAINER, tailLines: LOG_LINES }, options),
  );
  return (text ?? '').slice(-LOG_BYTES);
}
