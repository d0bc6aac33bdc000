import { cpuManagerOf, heldBy } from '../../runtime/kubernetes/cpu-manager.js';
import type { KubeletConfig } from '../../runtime/kubernetes/kubelet-config.js';
import { good, note, warn } from '../check.js';
import type { ClusterLook, UsedNode } from './findings.js';
import { listed } from '../../report/listed.js';
import { type Advice, joined, type Judged, seen } from './judged.js';

/** What holds Pods to their CPUs: pinning, quotas. */
export function judgeCpus(look: ClusterLook): Judged {
  return joined([judgePolicies(look), judgeQuota(look), judgeHold(look)]);
}

/** Nodes by what their kubelets say, in a line: `static on node2, none on node1 and node3`. */
function byAnswer(used: readonly UsedNode[], answer: (kubelet: KubeletConfig) => string): string {
  const nodes = new Map<string, string[]>();
  for (const { name, kubelet } of used) {
    const key = 'unknown' in kubelet ? 'not known' : answer(kubelet);
    nodes.set(key, [...(nodes.get(key) ?? []), name]);
  }
  return [...nodes].map(([key, names]) => `${key} on ${listed(names)}`).join(', ');
}

function judgePolicies({ used }: ClusterLook): Judged {
  const found = byAnswer(used, ({ cpuManagerPolicy, reservedCpus }) =>
    reservedCpus === null ? cpuManagerPolicy : `${cpuManagerPolicy} (CPUs ${reservedCpus} reserved)`,
  );
  const why = used.flatMap(({ kubelet }) => ('unknown' in kubelet ? [kubelet.unknown] : []));
  if (why.length === 0) return seen(good('CPU manager', found));
  return {
    checks: [note('CPU manager', found, `Of those that are not known: ${[...new Set(why)].join('; ')}.`)],
    advice: why.some((reason) => reason.includes('nodes/proxy'))
      ? [
          {
            change:
              'Have somebody who may apply deploy/kubernetes/kubelet-reader.yaml (for whoever may see all of a node)',
            because: 'this account may not read how kubelets are configured (nodes/proxy)',
            gives: 'a plan and a record that say whether whole CPUs are pinned and whether a quota throttles',
          },
        ]
      : [],
  };
}

function judgeQuota({ used }: ClusterLook): Judged {
  const known = used.flatMap(({ kubelet }) => ('unknown' in kubelet ? [] : [kubelet]));
  if (known.length === 0) return seen();
  const found = byAnswer(used, ({ cpuQuota, cpuQuotaPeriod }) =>
    cpuQuota ? `enforced over ${cpuQuotaPeriod}` : 'not enforced',
  );
  if (known.every(({ cpuQuota }) => cpuQuota)) return seen(good('CPU quota', found));
  return seen(
    note(
      'CPU quota',
      found,
      'Where kubelets enforce none (cpuCFSQuota: false) a CPU limit is only a share under contention: a gateway may use the whole node, whatever its limit says.',
    ),
  );
}

function judgeHold({ manner, version, places, used }: ClusterLook): Judged {
  const kubelet = used.find(({ name }) => name === places.nodes.gateway)?.kubelet ?? { unknown: 'it is not there' };
  const cpuManager = cpuManagerOf(kubelet);
  const found = heldBy(manner, { version, nodes: places.nodes, cpuManager });
  const isPinned = 'policy' in cpuManager && cpuManager.policy === 'static';
  const throttles = manner.cpuLimit && !isPinned && ('unknown' in kubelet || kubelet.cpuQuota);
  if (!throttles) return seen(good('gateway CPUs', found));
  const advice: Advice = {
    change: `Set cpuManagerPolicy: static in the kubelet of ${places.nodes.gateway} (with reserved CPUs for the system), or measure with --no-cpu-limit`,
    because:
      'a quota stops a program with many threads for the rest of a period of 100 ms, though it uses a fraction of its share',
    gives: 'a p99 that is the gateway’s own: whole CPUs that nobody else has, from Kubernetes 1.33 on without a quota',
  };
  return {
    checks: [
      warn(
        'gateway CPUs',
        found,
        'Its p99 may be the period of the quota: read each latency with the throttled time beside it.',
      ),
    ],
    // What is not known may be as it should.
    advice: 'unknown' in cpuManager ? [] : [advice],
  };
}
