import type { NodeFacts, Places } from './node-roles.js';

/** Where an agent that makes load goes, and how large it is. */
export interface AgentSeat {
  readonly node: string;
  /** Whole where its node has one for it: then it is of class Guaranteed, and a static CPU manager pins it. */
  readonly cpus: number;
}

/** More than four threads an agent does not have. */
const MOST_CPUS = 4;
const LEAST_CPUS = 0.1;
/** For what runs on every node of a cluster: its network, its logs. */
const SYSTEM_CPUS = 0.5;
/** What the orchestrator asks for where agents make the load; between trials it may take what nobody uses. */
export const ORCHESTRATOR_CPUS = 0.25;
/** What the mock or a gateway is thought to take of a node that it shares with a driver. */
const OTHER_ROLE_CPUS = 2;

/**
 * Seats for so many agents, on the nodes of the driver in turn. Each has whole cores, as many as all of them on its node can have; where
 * that is less than one for each, they share what there is.
 */
export function agentSeats(count: number, places: Places, nodes: readonly NodeFacts[]): AgentSeat[] {
  const nodeOf = (index: number): string => places.drivers[index % places.drivers.length] ?? places.nodes.driver;
  const names = Array.from({ length: count }, (_, index) => nodeOf(index));
  return names.map((node) => {
    const beside = names.filter((name) => name === node).length;
    const others = [places.nodes.mock, places.nodes.gateway].filter((name) => name === node).length;
    const own = places.orchestrator === node ? ORCHESTRATOR_CPUS : 0;
    const all = nodes.find(({ name }) => name === node)?.cpus ?? 0;
    const each = (all - SYSTEM_CPUS - own - others * OTHER_ROLE_CPUS) / beside;
    const cpus = each >= 1 ? Math.min(MOST_CPUS, Math.floor(each)) : Math.max(LEAST_CPUS, Math.floor(each * 10) / 10);
    return { node, cpus };
  });
}

/** Who makes the load, and where, in a line: for the plan and for the record. */
export function loadText(seats: readonly AgentSeat[], orchestrator: string): string {
  if (seats.length === 0) return `by the orchestrator itself, on ${orchestrator}`;
  const each = seats.map(({ node, cpus }, index) => `load/${index} on ${node} with ${cpuText(cpus)}`);
  const who = seats.length === 1 ? 'an agent in a Pod of its own' : `${seats.length} agents in Pods of their own`;
  return `by ${who}: ${each.join(', ')}; the orchestrator on ${orchestrator}`;
}

/** What makes the load another one than one would want, said loudly. */
export function seatWarnings(seats: readonly AgentSeat[]): string[] {
  const crowded = [...new Set(seats.filter(({ cpus }) => cpus < 1).map(({ node }) => node))];
  return crowded.map(
    (node) =>
      `AGENTS SHARE CORES: ${node} has less than a core for each of ${seats.filter((seat) => seat.node === node).length}; label more nodes bench.role=driver, or take fewer agents`,
  );
}

function cpuText(cpus: number): string {
  if (!Number.isInteger(cpus)) return `${cpus} of a core, no limit`;
  return cpus === 1 ? 'a whole core' : `${cpus} whole cores`;
}
