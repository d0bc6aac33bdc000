import { z } from 'zod';
import type { Cluster } from './cluster.js';
import { type KnownKubelet, readKubelet } from './kubelet-config.js';
import type { NodeRole } from './node-roles.js';
import type { PodManner } from './manner.js';

/** What a node's kubelet does with CPUs, or why that is not known. */
export const cpuManagerSchema = z.union([
  z.strictObject({ policy: z.string() }),
  z.strictObject({ unknown: z.string() }),
]);
export type CpuManager = z.infer<typeof cpuManagerSchema>;

/**
 * The CPU manager policy of a node, from its kubelet's configuration.
 * https://kubernetes.io/docs/tasks/administer-cluster/cpu-management-policies/
 */
export async function readCpuManager(cluster: Cluster, node: string): Promise<CpuManager> {
  return cpuManagerOf(await readKubelet(cluster, node));
}

/** What a kubelet's configuration says of it. */
export function cpuManagerOf(kubelet: KnownKubelet): CpuManager {
  return 'unknown' in kubelet ? { unknown: kubelet.unknown } : { policy: kubelet.cpuManagerPolicy };
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
export function cpuLimitsText(manner: Pick<PodManner, 'cpuLimit' | 'watch'>, facts: CpuFacts): string {
  return `CPU of gateways: ${heldBy(manner, facts)}`;
}

/** The same, without what it is about. */
export function heldBy(
  { cpuLimit, watch }: Pick<PodManner, 'cpuLimit' | 'watch'>,
  { version, nodes, cpuManager }: CpuFacts,
): string {
  const node = nodes.gateway ?? "the gateways' node";
  if (!cpuLimit) return `not limited (--no-cpu-limit), so nothing throttles them on ${node}`;
  const seen = watch ? 'throttled time stands beside each latency' : 'throttled time is not watched (--no-watch)';
  if ('unknown' in cpuManager)
    return `held by a quota, which may throttle (${seen}); whether ${node} pins whole CPUs is not known: ${cpuManager.unknown}`;
  if (cpuManager.policy !== 'static')
    return `held by a quota, which may throttle (${seen}); ${node} pins none (CPU manager policy ${cpuManager.policy}): the static policy, or --no-cpu-limit, is the way out`;
  const minor = Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? 0);
  const quota = minor >= WITHOUT_QUOTA_FROM ? 'without a quota' : `and the quota stays in force (${seen})`;
  return `whole CPUs are their own on ${node} (CPU manager policy static), ${quota}; parts of CPUs are held by a quota`;
}
