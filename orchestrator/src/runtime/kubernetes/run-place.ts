import type { V1ObjectMeta } from '@kubernetes/client-node';
import type { AgentSeat } from './agent-seats.js';
import { NODE_ROLES, type NodeRole } from './node-roles.js';

/** To what everything of a run belongs. */
export interface RunPlace {
  readonly namespace: string;
  readonly runId: string;
  /** The Job that is the run: deleting it sweeps all. */
  readonly job: { readonly name: string; readonly uid: string };
  /** Of the orchestrator; its agents have to be of the same. */
  readonly image: string;
  /** By name; a role without one goes where the scheduler likes. */
  readonly nodes: Readonly<Partial<Record<NodeRole, string>>>;
  /** Nodes that several mocks take in turn, the mock's own the first. */
  readonly mocks: readonly string[];
  /** The orchestrator's. */
  readonly orchestrator: string;
  /** Those that make the load, by their number; none: the orchestrator does itself. */
  readonly agents: readonly AgentSeat[];
  /** After so many seconds the cluster ends it by itself. */
  readonly deadlineSeconds: number;
  /** The Secret with the tokens of the mock's control endpoint, under the key `token`, and of the run's agents. */
  readonly controlSecret: string;
}

/** The label by which everything of a run is found. */
export const RUN_LABEL = 'crabllm-bench/run';
export const ROLE_OF_POD = 'crabllm-bench/role';

/** What every object of a run carries. */
export function metadataOf(
  name: string,
  { namespace, runId, job }: Pick<RunPlace, 'namespace' | 'runId' | 'job'>,
  labels: Readonly<Record<string, string>>,
): V1ObjectMeta {
  return {
    name,
    namespace,
    labels: {
      'app.kubernetes.io/name': 'crabllm-bench',
      'app.kubernetes.io/managed-by': 'crabllm-bench',
      [RUN_LABEL]: runId,
      ...labels,
    },
    ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: job.name, uid: job.uid, blockOwnerDeletion: false }],
  };
}

/** Letters that the value of a label may have. */
export function labelValue(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 63);
}

/** Letters that the name of a Pod may have, at most so many. */
export function objectName(text: string, length = 63): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, length)
    .replaceAll(/^-+|-+$/g, '');
}

/** The place of a run as the nth of its mocks has it, from 0. */
export function mockPlace(place: RunPlace, nth: number): RunPlace {
  const { nodes, mocks } = place;
  const mock = mocks[nth % mocks.length] ?? nodes.mock;
  return mock === undefined ? place : { ...place, nodes: { ...nodes, mock } };
}

/** Which role is on which node: `mock on a and b, gateway on c, driver on d`. */
export function placesText({ nodes, mocks }: Pick<RunPlace, 'nodes' | 'mocks'>): string {
  return NODE_ROLES.flatMap((role) => {
    const node = nodes[role];
    if (node === undefined) return [];
    return `${role} on ${role === 'mock' && mocks.length > 1 ? mocks.join(' and ') : node}`;
  }).join(', ');
}
