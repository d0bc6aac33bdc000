import { pause } from '../../pause.js';
import { isRefusal } from './api-error.js';
import type { Cluster } from './cluster.js';
import type { ServiceObjects } from './pod-spec.js';

const POLL_MS = 500;
const GONE_MS = 90_000;

/** Deletes all that a service consists of, and returns when its Pod is gone. What is gone already is fine. */
export async function removeService(
  cluster: Cluster,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  { configMap, secret, service }: Pick<ServiceObjects, 'configMap' | 'secret' | 'service'>,
  graceSeconds = 2,
): Promise<void> {
  const { core } = cluster;
  const remove = async (action: string, request: Parameters<Cluster['call']>[1]): Promise<void> => {
    try {
      await cluster.call(action, request);
    } catch (thrown) {
      if (!isRefusal(thrown, 404)) throw thrown;
    }
  };
  await remove('delete a Pod', async (options) =>
    core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: graceSeconds }, options),
  );
  if (service !== null)
    await remove('delete a Service', async (options) => core.deleteNamespacedService({ name, namespace }, options));
  if (configMap !== null)
    await remove('delete a ConfigMap', async (options) => core.deleteNamespacedConfigMap({ name, namespace }, options));
  if (secret !== null)
    await remove('delete a Secret', async (options) => core.deleteNamespacedSecret({ name, namespace }, options));
  const giveUpAt = performance.now() + GONE_MS;
  while (
    (await cluster.find('read a Pod', async (options) => core.readNamespacedPod({ name, namespace }, options))) !== null
  ) {
    // Of a node that is lost it stays until that is back or removed; it is in nobody's way there.
    if (performance.now() > giveUpAt) return;
    // oxlint-disable-next-line no-await-in-loop -- polling
    await pause(POLL_MS, NEVER);
  }
}

const NEVER = new AbortController().signal;
