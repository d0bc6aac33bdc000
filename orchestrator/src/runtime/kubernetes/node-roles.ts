/** What a node is for. */
export const NODE_ROLES = ['mock', 'gateway', 'driver'] as const;
export type NodeRole = (typeof NODE_ROLES)[number];

/** The label that says what a node is for. */
export const ROLE_LABEL = 'bench.role';

/** A node as far as it matters where something is put. */
export interface NodeFacts {
  readonly name: string;
  /** Its label {@link ROLE_LABEL}; null: it has none. */
  readonly role: string | null;
  /** Why nothing can be put there; null: something can. */
  readonly unfit: string | null;
  /** The run that measures there already; left out: none. */
  readonly takenBy?: string | undefined;
  /** CPUs that Pods may have of it. */
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** The value of the label for a node that is kept free for the orchestrator; no cluster needs one. */
const ORCHESTRATOR_ROLE = 'orchestrator';
const KNOWN_LABELS: readonly string[] = [...NODE_ROLES, ORCHESTRATOR_ROLE];

/** Which node has which role, and what a reader has to know of it. */
export interface Places {
  readonly nodes: Readonly<Record<NodeRole, string>>;
  /** Those that mocks take in turn where there are several: all that are labelled for it, else that of the mock alone. */
  readonly mocks: readonly string[];
  /** Those that make load, which agents take in turn: all that are labelled for it, else that of the driver and those that nobody has. */
  readonly drivers: readonly string[];
  /** The orchestrator's: one that nobody else has where there is one, else the driver's. */
  readonly orchestrator: string;
  /** Said loudly: what makes the figures those of another set-up than one would want. */
  readonly warnings: readonly string[];
}

/** Who may be put together first where there are too few nodes: the gateway is what is measured, and stays alone the longest. */
const ORDER: readonly NodeRole[] = ['gateway', 'driver', 'mock'];

/**
 * Chooses a node for each role: those that are labelled for it, the largest of them; for a role that no label names, the largest node that
 * has none yet. Nodes that no other run has come first. Only where there are too few do two roles share a node.
 * @param agents how many make the load; so many nodes of the driver's are taken at most
 * @param mocks how many mocks there are; so many nodes of theirs are taken at most
 * @returns null when there is no node at all that could be used
 */
export function placeRoles(all: readonly NodeFacts[], agents = 1, mocks = 1): Places | null {
  const fit = all
    .filter(({ unfit }) => unfit === null)
    .toSorted(
      (a, b) =>
        isTaken(a) - isTaken(b) || b.cpus - a.cpus || b.memoryBytes - a.memoryBytes || a.name.localeCompare(b.name),
    );
  if (fit.length === 0) return null;
  const chosen = new Map<NodeRole, string>();
  for (const role of ORDER) {
    const labelled = fit.find((node) => node.role === role);
    if (labelled !== undefined) chosen.set(role, labelled.name);
  }
  for (const role of ORDER) if (!chosen.has(role)) chosen.set(role, spread(fit, chosen, role));
  const nodes = Object.fromEntries(NODE_ROLES.map((role) => [role, chosen.get(role) as string])) as Places['nodes'];
  const drivers = driversOf(fit, nodes).slice(0, Math.max(1, agents));
  return {
    nodes,
    mocks: mocksOf(fit, nodes).slice(0, Math.max(1, mocks)),
    drivers,
    orchestrator: quietNode(fit, nodes, drivers),
    warnings: [...wasted(all), ...shared(nodes)],
  };
}

function isTaken({ takenBy }: NodeFacts): number {
  return takenBy === undefined ? 0 : 1;
}

function mocksOf(fit: readonly NodeFacts[], nodes: Places['nodes']): string[] {
  const labelled = fit.filter(({ role }) => role === 'mock').map(({ name }) => name);
  return labelled.length === 0 ? [nodes.mock] : labelled;
}

function driversOf(fit: readonly NodeFacts[], nodes: Places['nodes']): string[] {
  const labelled = fit.filter(({ role }) => role === 'driver');
  if (labelled.length > 0) return labelled.map(({ name }) => name);
  return [nodes.driver, ...freeNodes(fit, nodes).map(({ name }) => name)];
}

/** Nodes that have no role, by a label or by choice. */
function freeNodes(fit: readonly NodeFacts[], nodes: Places['nodes']): NodeFacts[] {
  const taken = new Set(Object.values(nodes));
  return fit.filter(({ name, role }) => !taken.has(name) && !KNOWN_LABELS.some((known) => known === role));
}

/** Where what the orchestrator does is in nobody's way. */
function quietNode(fit: readonly NodeFacts[], nodes: Places['nodes'], drivers: readonly string[]): string {
  const kept = fit.find(({ name, role }) => role === ORCHESTRATOR_ROLE && !Object.values(nodes).includes(name));
  const idle = [
    ...freeNodes(fit, nodes),
    ...fit.filter(({ name, role }) => role === 'driver' && name !== nodes.driver),
  ];
  return (kept ?? idle.find(({ name }) => !drivers.includes(name)))?.name ?? nodes.driver;
}

/** A node that nobody has, best one that is labelled for nobody; else that of the role which minds the least. */
function spread(fit: readonly NodeFacts[], chosen: ReadonlyMap<NodeRole, string>, role: NodeRole): string {
  const taken = new Set(chosen.values());
  const free = fit.filter(({ name }) => !taken.has(name));
  const best = free.find((node) => !KNOWN_LABELS.some((other) => other === node.role)) ?? free[0];
  if (best !== undefined) return best.name;
  const least = ORDER.toReversed().find((other) => other !== role && chosen.has(other));
  return (least === undefined ? fit[0]?.name : chosen.get(least)) as string;
}

function shared(nodes: Places['nodes']): string[] {
  const byNode = new Map<string, NodeRole[]>();
  for (const role of NODE_ROLES) byNode.set(nodes[role], [...(byNode.get(nodes[role]) ?? []), role]);
  return [...byNode].flatMap(([node, roles]) =>
    roles.length === 1
      ? []
      : `TOO FEW NODES: ${roles.join(' and ')} share ${node} and take time from each other; a node for each role needs three`,
  );
}

/** Labelled nodes that cannot be used: whoever labelled them expects that they are. */
function wasted(all: readonly NodeFacts[]): string[] {
  return all.flatMap(({ name, role, unfit }) =>
    unfit !== null && KNOWN_LABELS.some((known) => known === role)
      ? `node ${name} is labelled ${ROLE_LABEL}=${role} and cannot be used: ${unfit}`
      : [],
  );
}
