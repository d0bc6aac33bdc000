import type { ClusterLook } from './findings.js';
import type { NodeFigures } from './figures.js';
import { judgeAccess } from './judge-access.js';
import { judgeCpus } from './judge-cpus.js';
import { judgeFigures } from './judge-figures.js';
import { judgeNodes } from './judge-nodes.js';
import { joined, type Judged } from './judged.js';

/**
 * Says of everything that was found in a cluster what it does to results, and what to change.
 * @param figures of each node that has a role; none: nothing was measured
 */
export function diagnoseCluster(look: ClusterLook, figures: readonly NodeFigures[] = []): Judged {
  const rolesOf = (node: string): string => look.used.find(({ name }) => name === node)?.roles.join(', ') ?? '';
  return joined([judgeNodes(look), judgeCpus(look), judgeAccess(look), judgeFigures(figures, rolesOf)]);
}
