import { isRefusal } from './api-error.js';
import type { Cluster } from './cluster.js';

/** What a namespace enforces of Pod Security, and whether it is there. */
export type NamespaceLevel =
  /** `level` null: it has no label, so the cluster's own default holds, which is `privileged` unless its admission is configured otherwise. */
  | { readonly state: 'there'; readonly level: string | null }
  | { readonly state: 'missing' }
  | { readonly state: 'unknown'; readonly reason: string };

/** https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
const ENFORCE_LABEL = 'pod-security.kubernetes.io/enforce';

/** Reads the label by which a namespace enforces a level of Pod Security. */
export async function readNamespaceLevel(cluster: Cluster, namespace: string): Promise<NamespaceLevel> {
  try {
    const found = await cluster.find('read a namespace', async (options) =>
      cluster.core.readNamespace({ name: namespace }, options),
    );
    if (found === null) return { state: 'missing' };
    return { state: 'there', level: found.metadata?.labels?.[ENFORCE_LABEL] ?? null };
  } catch (thrown) {
    if (!isRefusal(thrown, 403)) throw thrown;
    return { state: 'unknown', reason: 'this account may not read it (get namespaces)' };
  }
}
