import type { V1PolicyRule, V1RoleRef } from '@kubernetes/client-node';
import { clusterForbids, isRefusal } from './api-error.js';
import type { Cluster } from './cluster.js';
import { ACCOUNT_FILE, describedIn } from './deploy-files.js';
import { ACCOUNT } from './run-objects.js';

/** Where a run goes when nobody names a namespace. */
export const NAMESPACE = 'crabllm-bench';

/**
 * Makes sure that the orchestrator has an account in the namespace. Where it has none, namespace, account and role are created as
 * deploy/kubernetes/orchestrator.yaml describes them.
 * @returns whether they were
 * @throws BenchError `cluster-forbids` where they are missing and this user may not create them
 */
export async function prepareNamespace(cluster: Cluster, namespace: string): Promise<boolean> {
  const { core, rbac } = cluster;
  const account = await cluster
    .find('read its account', async (options) =>
      core.readNamespacedServiceAccount({ name: ACCOUNT, namespace }, options),
    )
    .catch((thrown: unknown) => {
      throw isRefusal(thrown, 403) ? clusterForbids(`use the namespace ${namespace}`, thrown) : thrown;
    });
  if (account !== null) return false;
  const role = describedIn(ACCOUNT_FILE, 'Role')[0] as { readonly rules: V1PolicyRule[] };
  const binding = describedIn(ACCOUNT_FILE, 'RoleBinding')[0] as { readonly roleRef: V1RoleRef };
  const metadata = { name: ACCOUNT, namespace };
  const label = { 'app.kubernetes.io/name': 'crabllm-bench' };
  await makeSure('create a namespace', async () =>
    cluster.call('create a namespace', async (options) =>
      core.createNamespace({ body: { metadata: { name: namespace, labels: label } } }, options),
    ),
  );
  await makeSure('create a role', async () =>
    cluster.call('create a role', async (options) =>
      rbac.createNamespacedRole({ namespace, body: { rules: role.rules, metadata } }, options),
    ),
  );
  await makeSure('bind a role', async () =>
    cluster.call('bind a role', async (options) =>
      rbac.createNamespacedRoleBinding(
        {
          namespace,
          body: {
            roleRef: binding.roleRef,
            metadata,
            subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace }],
          },
        },
        options,
      ),
    ),
  );
  // Last: whoever finds it finds the others.
  await makeSure('create an account', async () =>
    cluster.call('create an account', async (options) =>
      core.createNamespacedServiceAccount({ namespace, body: { metadata } }, options),
    ),
  );
  return true;
}

/** What is there already is fine. */
async function makeSure(action: string, create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (thrown) {
    if (isRefusal(thrown, 409)) return;
    throw isRefusal(thrown, 403) ? clusterForbids(action, thrown) : thrown;
  }
}
