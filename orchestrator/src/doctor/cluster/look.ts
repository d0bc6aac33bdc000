import type { Catalogue } from '../../catalogue/catalogue.js';
import type { Service } from '../../catalogue/service.js';
import { isRefusal } from '../../runtime/kubernetes/api-error.js';
import type { AgentSeat } from '../../runtime/kubernetes/agent-seats.js';
import type { Cluster } from '../../runtime/kubernetes/cluster.js';
import { SUBMITTER_FILE } from '../../runtime/kubernetes/deploy-files.js';
import { readKubelet } from '../../runtime/kubernetes/kubelet-config.js';
import { lookAround, type Surroundings } from '../../runtime/kubernetes/look-around.js';
import { readNamespaceLevel } from '../../runtime/kubernetes/namespace-level.js';
import { nodeDetails } from '../../runtime/kubernetes/node-facts.js';
import { NODE_ROLES, type Places } from '../../runtime/kubernetes/node-roles.js';
import { readTenants } from '../../runtime/kubernetes/node-tenants.js';
import { imageName, isHomeMade, isListed } from '../../runtime/kubernetes/image-names.js';
import type { PodManner } from '../../runtime/kubernetes/manner.js';
import { preparingRights, reviewRights, rightsIn } from '../../runtime/kubernetes/rights.js';
import { ACCOUNT } from '../../runtime/kubernetes/run-objects.js';
import { IMAGE_TAG } from '../../version.js';
import type { ClusterLook, UsedNode, WantedImage, WantedRoom } from './findings.js';

/** Where in a cluster, and how, a run would be made. */
interface LookedFor {
  readonly namespace: string;
  readonly manner: PodManner;
  readonly agents: number;
  /** Of the mock and the gateways that it would start. */
  readonly catalogue: Pick<Catalogue, 'mock' | 'gateways'>;
}

/**
 * Asks a cluster for all that can be known of it without starting anything.
 * @throws BenchError `cluster-forbids` where the account may not list nodes, `no-node` where none can be used, `engine-gone`
 */
export async function lookAtCluster(cluster: Cluster, asked: LookedFor): Promise<ClusterLook> {
  const { namespace, manner, agents } = asked;
  const around = await lookAround(cluster, { agents }, namespace);
  const { nodes, places, seats, others } = around;
  const { mock, gateways } = asked.catalogue;
  const active = gateways.filter(({ isActive }) => isActive);
  const [used, rights, account, level] = await Promise.all([
    usedNodes(cluster, around),
    reviewRights(cluster, rightsIn(SUBMITTER_FILE, namespace)),
    accountIn(cluster, namespace),
    readNamespaceLevel(cluster, namespace),
  ]);
  return {
    cluster: cluster.name,
    version: cluster.version,
    namespace,
    manner,
    nodes,
    places,
    seats,
    others,
    used,
    room: roomWanted(places, seats, mock, active),
    images: wantedImages(used, places, active, manner),
    rights,
    account,
    level,
  };
}

async function usedNodes(cluster: Cluster, { nodes, details, places, seats }: Surroundings): Promise<UsedNode[]> {
  const names = [...new Set([...Object.values(places.nodes), ...seats.map(({ node }) => node), places.orchestrator])];
  return Promise.all(
    nodes
      .filter(({ name }) => names.includes(name))
      .map(async (node): Promise<UsedNode> => {
        const [kubelet, tenants] = await Promise.all([
          readKubelet(cluster, node.name),
          readTenants(cluster, node.name),
        ]);
        return {
          ...node,
          roles: rolesOf(node.name, places, seats),
          details: details.get(node.name) ?? nodeDetails({}),
          kubelet,
          tenants,
        };
      }),
  );
}

/** In the order in which roles are told of; a second agent's node is the driver's as well. */
function rolesOf(name: string, places: Places, seats: readonly AgentSeat[]): string[] {
  const isDriver = seats.some(({ node }) => node === name);
  const roles = NODE_ROLES.filter((role) => places.nodes[role] === name || (role === 'driver' && isDriver));
  return [...roles, ...(places.orchestrator === name ? ['orchestrator'] : [])];
}

/** The mock, and one gateway at a time, and the agents; the watch beside a service asks for none where there is no room for it. */
function roomWanted(
  { nodes }: Places,
  seats: readonly AgentSeat[],
  mock: Service,
  gateways: readonly Service[],
): WantedRoom[] {
  const largest = Math.max(0, ...gateways.map(({ cpus }) => cpus ?? 0));
  const wants = [
    { node: nodes.mock, cpus: mock.cpus ?? 0, of: 'mock' },
    { node: nodes.gateway, cpus: largest, of: 'gateway' },
    ...seats.map(({ node, cpus }, index) => ({ node, cpus, of: `load/${index}` })),
  ];
  return [...new Set(wants.map(({ node }) => node))].map((node) => {
    const here = wants.filter((want) => want.node === node);
    return {
      node,
      cpus: here.reduce((sum, { cpus }) => sum + cpus, 0),
      of: here.map(({ of, cpus }) => `${of} ${cpus}`),
    };
  });
}

function wantedImages(
  used: readonly UsedNode[],
  places: Places,
  gateways: readonly Service[],
  manner: PodManner,
): WantedImage[] {
  const own = `crabllm-bench:${IMAGE_TAG}`;
  const onGateways = used.filter(({ name }) => name === places.nodes.gateway);
  const wanted = new Map<string, { readonly of: string[]; readonly on: readonly UsedNode[] }>([
    [own, { of: ['orchestrator', 'agents', 'mock', 'watch'], on: used }],
  ]);
  for (const { name, image } of gateways) {
    if (image === null) continue;
    const known = wanted.get(image);
    if (known === undefined) wanted.set(image, { of: [name], on: onGateways });
    else known.of.push(name);
  }
  return [...wanted].map(([written, { of, on }]) => {
    const image = imageName(written, manner);
    const lacking = on.filter(({ details }) => !isListed(details.images, image));
    const names = (some: readonly UsedNode[]): string[] => some.map(({ name }) => name);
    return {
      image,
      of,
      isHomeMade: isHomeMade(written),
      has: names(on.filter((node) => !lacking.includes(node))),
      lacks: names(lacking),
      mayHave: names(lacking.filter(({ details }) => !details.listsAllImages)),
    };
  });
}

async function accountIn(cluster: Cluster, namespace: string): Promise<ClusterLook['account']> {
  try {
    const found = await cluster.find('read the account of the orchestrator', async (options) =>
      cluster.core.readNamespacedServiceAccount({ name: ACCOUNT, namespace }, options),
    );
    if (found !== null) return { state: 'there' };
    return { state: 'missing', rights: await reviewRights(cluster, preparingRights(namespace)) };
  } catch (thrown) {
    if (!isRefusal(thrown, 403)) throw thrown;
    return { state: 'unknown', reason: 'this account may not read it (get serviceaccounts)' };
  }
}
