import { z } from 'zod';
import { BenchError } from '../../errors.js';
import { refusalOf } from './api-error.js';
import type { Cluster } from './cluster.js';
import type { NodeRole } from './node-roles.js';
import type { PodManner } from './manner.js';

/** What a node's kubelet does with CPUs, or why that is not known. */
export const cpuManagerSchema = z.union([
  z.strictObject({ policy: z.string() }),
  z.strictObject({ unknown: z.string() }),
]);
export type CpuManager = z.infer<typeof cpuManagerSchema>;

const PATIENCE_MS = 3000;

const configSchema = z.object({ kubeletconfig: z.object({ cpuManagerPolicy: z.string().default('none') }) });

/**
 * Reads the CPU manager policy of a node from its kubelet's configuration, which the API server passes on to whoever may use `nodes/proxy`.
 * https://kubernetes.io/docs/tasks/administer-cluster/cpu-management-policies/
 */
export async function readCpuManager(cluster: Cluster, node: string): Promise<CpuManager> {
  try {
    const text = await cluster.call(
      'read the configuration of a kubelet',
      async (options) => cluster.core.connectGetNodeProxyWithPath({ name: node, path: 'configz' }, options),
      // Of a kubelet that is silent: nothing depends on it.
      { timeoutMs: PATIENCE_MS, patienceMs: PATIENCE_MS },
    );
    // The library hands out what it is given: text, or what its text says.
    const { kubeletconfig } = configSchema.parse(typeof text === 'string' ? JSON.parse(text) : text);
    return { policy: kubeletconfig.cpuManagerPolicy };
  } catch (thrown) {
    if (thrown instanceof BenchError) return { unknown: 'its kubelet does not answer' };
    const refusal = refusalOf(thrown);
    if (refusal === null) return { unknown: 'its kubelet gives no configuration that is understood' };
    return {
      unknown: refusal.statusCode === 403 ? 'this account may not read it (nodes/proxy)' : refusal.reason,
    };
  }
}

/** What matters of a cluster for what holds a gateway to its CPUs. */
interface CpuFacts {
  readonly version: string;
  readonly nodes: Readonly<Partial<Record<NodeRole, string>>>;
  readonly cpuManager: CpuManager;
}

/** Exclusive CPUs come without a quota from this minor version on (feature gate DisableCPUQuotaWithExclusiveCPUs). */
const WITHOUT_QUOTA_FROM = 33;

/** What holds a gateway to its CPUs on its node, in a sentence: a quota that throttles, CPUs of its own, or nothing. */
export function cpuLimitsText(
  { cpuLimit, watch }: Pick<PodManner, 'cpuLimit' | 'watch'>,
  { version, nodes, cpuManager }: CpuFacts,
): string {
  const node = nodes.gateway ?? "the gateways' node";
  if (!cpuLimit) return `CPU of gateways: not limited (--no-cpu-limit), so nothing throttles them on ${node}`;
  const seen = watch ? 'throttled time stands beside each latency' : 'throttled time is not watched (--no-watch)';
  if ('unknown' in cpuManager)
    return `CPU of gateways: held by a quota, which may throttle (${seen}); whether ${node} pins whole CPUs is not known: ${cpuManager.unknown}`;
  if (cpuManager.policy !== 'static')
    return `CPU of gateways: held by a quota, which may throttle (${seen}); ${node} pins none (CPU manager policy ${cpuManager.policy}): the static policy, or --no-cpu-limit, is the way out`;
  const minor = Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? 0);
  const quota = minor >= WITHOUT_QUOTA_FROM ? 'without a quota' : `and the quota stays in force (${seen})`;
  return `CPU of gateways: whole CPUs are their own on ${node} (CPU manager policy static), ${quota}; parts of CPUs are held by a quota`;
}
