import type { V1Node } from '@kubernetes/client-node';
import { BenchError, EXIT } from '../../errors.js';
import { clusterForbids, isRefusal } from './api-error.js';
import type { Cluster } from './cluster.js';
import { readCpuManager } from './cpu-manager.js';
import type { ClusterFacts } from './kubernetes-runtime.js';
import { type NodeDetails, nodeDetails, nodeFacts, nodeSoftware } from './node-facts.js';
import { type AgentSeat, agentSeats } from './agent-seats.js';
import { besideText, type OtherRun, otherRuns, takerOf } from './other-runs.js';
import { NODE_ROLES, type NodeFacts, type NodeRole, type Places, placeRoles } from './node-roles.js';

/** A cluster as it is before a run. */
export interface Surroundings {
  readonly nodes: readonly NodeFacts[];
  /** What each of them says of itself, by its name. */
  readonly details: ReadonlyMap<string, NodeDetails>;
  readonly places: Places;
  readonly seats: readonly AgentSeat[];
  readonly facts: ClusterFacts;
  /** What each node says it has. */
  readonly images: Readonly<Record<string, readonly string[]>>;
  /** Runs that measure elsewhere in the cluster; null: this account may not see them. */
  readonly others: readonly OtherRun[] | null;
  /** What a reader has to know of runs that measure elsewhere in the cluster, a line each. */
  readonly beside: readonly string[];
}

/**
 * Looks at the nodes and chooses one for each role.
 * @param agents how many make the load; 0: the orchestrator does itself, on the driver's node
 * @param mocks how many mocks there are behind one address
 * @param namespace of the run: another one of it is waited for, and is no reason to go elsewhere
 * @throws BenchError `cluster-forbids` where the account may not list nodes, `no-node` where none can be used
 */
export async function lookAround(
  cluster: Cluster,
  { agents, mocks = 1 }: { readonly agents: number; readonly mocks?: number },
  namespace: string,
): Promise<Surroundings> {
  const all = await listNodes(cluster);
  const others = await otherRuns(cluster, namespace);
  const nodes = all.map(nodeFacts).map((node) => ({ ...node, takenBy: takerOf(others ?? [], node.name) }));
  const chosen = placeRoles(nodes, agents, mocks);
  if (chosen === null)
    throw new BenchError({
      code: 'no-node',
      message: `The cluster ${cluster.name} has no node that could be used: ${nodes.map(({ name, unfit }) => `${name}: ${unfit ?? ''}`).join('; ') || 'it has none at all'}.`,
      hint: 'See kubectl get nodes.',
      exitCode: EXIT.environment,
    });
  const places = agents === 0 ? { ...chosen, orchestrator: chosen.nodes.driver } : chosen;
  const details = new Map(all.map((node) => [node.metadata?.name ?? '', nodeDetails(node)]));
  const of = (role: NodeRole): NodeDetails => details.get(places.nodes[role]) ?? nodeDetails({});
  const software = Object.fromEntries(NODE_ROLES.map((role) => [role, nodeSoftware(of(role))]));
  const cpus = Object.fromEntries(
    NODE_ROLES.map((role) => [role, nodes.find(({ name }) => name === places.nodes[role])?.cpus ?? 0]),
  );
  const cpuManager = await readCpuManager(cluster, places.nodes.gateway);
  const images = Object.fromEntries([...details].map(([name, node]) => [name, node.images]));
  const facts = { version: cluster.version, software, cpus, cpuManager, images: of('gateway').images };
  const seats = agentSeats(agents, places, nodes);
  return { nodes, details, places, seats, facts, images, others, beside: besideText(others, places) };
}

async function listNodes(cluster: Cluster): Promise<readonly V1Node[]> {
  try {
    return (await cluster.call('list its nodes', async (options) => cluster.core.listNode({}, options))).items;
  } catch (thrown) {
    if (isRefusal(thrown, 403)) throw clusterForbids('list its nodes', thrown);
    throw thrown;
  }
}
