import type { ClusterLook } from './findings.js';
import { judgeAccess } from './judge-access.js';
import { judgeCpus } from './judge-cpus.js';
import { judgeNodes } from './judge-nodes.js';
import { joined, type Judged } from './judged.js';

/** Says of everything that was found in a cluster what it does to results, and what to change. */
export function diagnoseCluster(look: ClusterLook): Judged {
  return joined([judgeNodes(look), judgeCpus(look), judgeAccess(look)]);
}
