import type { AgentSeat } from '../../runtime/kubernetes/agent-seats.js';
import type { KnownKubelet } from '../../runtime/kubernetes/kubelet-config.js';
import type { NamespaceLevel } from '../../runtime/kubernetes/namespace-level.js';
import type { NodeDetails } from '../../runtime/kubernetes/node-facts.js';
import type { NodeFacts, Places } from '../../runtime/kubernetes/node-roles.js';
import type { NodeTenants } from '../../runtime/kubernetes/node-tenants.js';
import type { PodManner } from '../../runtime/kubernetes/manner.js';
import type { OtherRun } from '../../runtime/kubernetes/other-runs.js';
import type { ReviewedRight } from '../../runtime/kubernetes/rights.js';

/** A node that a run would use, as its kubelet and the API server tell of it. */
export interface UsedNode extends NodeFacts {
  /** Roles that a run would give it; `orchestrator` where nothing else is there. */
  readonly roles: readonly string[];
  readonly details: NodeDetails;
  readonly kubelet: KnownKubelet;
  /** Pods that are there already. */
  readonly tenants: NodeTenants;
}

/** An image that a run would want, and which of the nodes that it would be wanted on have it. */
export interface WantedImage {
  readonly image: string;
  /** Services of the compose file, or what of this project it is. */
  readonly of: readonly string[];
  /** Built by this project: no registry has it by itself. */
  readonly isHomeMade: boolean;
  readonly has: readonly string[];
  readonly lacks: readonly string[];
  /** Of those that lack it: they list only a part of their images, so they may have it. */
  readonly mayHave: readonly string[];
}

/** CPUs that a run asks of a node at most at once. */
export interface WantedRoom {
  readonly node: string;
  readonly cpus: number;
  /** What of it is asked for, `mock 1`. */
  readonly of: readonly string[];
}

/** What a cluster says of itself, by its API alone: nothing is started. */
export interface ClusterLook {
  /** Context and address, and the version of its API server. */
  readonly cluster: string;
  readonly version: string;
  readonly namespace: string;
  readonly manner: PodManner;
  /** All of its nodes. */
  readonly nodes: readonly NodeFacts[];
  readonly places: Places;
  readonly seats: readonly AgentSeat[];
  /** Runs that measure elsewhere in the cluster; null: this account may not see them. */
  readonly others: readonly OtherRun[] | null;
  readonly used: readonly UsedNode[];
  readonly room: readonly WantedRoom[];
  readonly images: readonly WantedImage[];
  /** What whoever asks may do of what a run takes (deploy/kubernetes/submitter.yaml). */
  readonly rights: readonly ReviewedRight[];
  /** The account of the orchestrator: whether the namespace has it, and, where it has not, whether whoever asks may create it. */
  readonly account:
    | { readonly state: 'there' }
    | { readonly state: 'missing'; readonly rights: readonly ReviewedRight[] }
    | { readonly state: 'unknown'; readonly reason: string };
  readonly level: NamespaceLevel;
}
