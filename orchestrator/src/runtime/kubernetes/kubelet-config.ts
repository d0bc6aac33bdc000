import { z } from 'zod';
import { BenchError } from '../../errors.js';
import { refusalOf } from './api-error.js';
import type { Cluster } from './cluster.js';

/** What a kubelet is configured to do with the CPUs of its node. */
export interface KubeletConfig {
  /** `none`: no container has a CPU of its own; `static`: whole CPUs of Guaranteed Pods are pinned. */
  readonly cpuManagerPolicy: string;
  /** Whether CPU limits are enforced by a quota (CFS), and over which period, as the kubelet writes it: `100ms`. */
  readonly cpuQuota: boolean;
  readonly cpuQuotaPeriod: string;
  /** CPUs that no container gets under the policy `static`, as the kernel lists them; null: none are named. */
  readonly reservedCpus: string | null;
}

/** Or why it is not known. */
export type KnownKubelet = KubeletConfig | { readonly unknown: string };

const PATIENCE_MS = 3000;

/** Members that are left out have the defaults of KubeletConfiguration v1beta1. */
const configSchema = z.object({
  kubeletconfig: z.object({
    cpuManagerPolicy: z.string().default('none'),
    cpuCFSQuota: z.boolean().default(true),
    cpuCFSQuotaPeriod: z.string().default('100ms'),
    reservedSystemCPUs: z.string().default(''),
  }),
});

/**
 * Reads the configuration of a node's kubelet, which the API server passes on to whoever may use `nodes/proxy`.
 * https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/
 */
export async function readKubelet(cluster: Cluster, node: string): Promise<KnownKubelet> {
  try {
    const text = await cluster.call(
      'read the configuration of a kubelet',
      async (options) => cluster.core.connectGetNodeProxyWithPath({ name: node, path: 'configz' }, options),
      // Of a kubelet that is silent: nothing depends on it.
      { timeoutMs: PATIENCE_MS, patienceMs: PATIENCE_MS },
    );
    // The library hands out what it is given: text, or what its text says.
    const { kubeletconfig } = configSchema.parse(typeof text === 'string' ? JSON.parse(text) : text);
    const { cpuManagerPolicy, cpuCFSQuota, cpuCFSQuotaPeriod, reservedSystemCPUs } = kubeletconfig;
    return {
      cpuManagerPolicy,
      cpuQuota: cpuCFSQuota,
      cpuQuotaPeriod: cpuCFSQuotaPeriod,
      reservedCpus: reservedSystemCPUs === '' ? null : reservedSystemCPUs,
    };
  } catch (thrown) {
    if (thrown instanceof BenchError) return { unknown: 'its kubelet does not answer' };
    const refusal = refusalOf(thrown);
    if (refusal === null) return { unknown: 'its kubelet gives no configuration that is understood' };
    return {
      unknown: refusal.statusCode === 403 ? 'this account may not read it (nodes/proxy)' : refusal.reason,
    };
  }
}
