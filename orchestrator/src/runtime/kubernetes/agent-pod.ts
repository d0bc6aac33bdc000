import type { V1Pod } from '@kubernetes/client-node';
import type { AgentSeat } from './agent-seats.js';
import type { PodManner } from './manner.js';
import { CONTAINER_SECURITY, podSecurity } from './pod-security.js';
import { CONTAINER, podOfRun } from './pod-spec.js';
import { metadataOf, ROLE_OF_POD, type RunPlace } from './run-place.js';
import { secretVariable } from './run-secret.js';
import { cpuQuantity } from './quantity.js';

/** What an agent is started with. */
export interface AgentProgram {
  /** Behind the program's name. */
  readonly words: readonly string[];
  /** The variable from which it has the token of the run's room of agents. */
  readonly tokenVariable: string;
}

/** Which agent a Pod is, from 0. */
const AGENT_OF_POD = 'crabllm-bench/agent';
/** Of the run's Secret: the token of its agents, which the mock has no need of. */
export const AGENTS_KEY = 'agents-token';
/** An agent keeps the rows of its share of a trial in memory, 70 bytes a request. */
const MEMORY = '1Gi';

/**
 * The Pod of an agent: never started again by the cluster, which would be a second agent of its number. With whole cores its requests equal
 * its limits; with less it has no quota, which would stop it for a tenth of a second at a time.
 */
export function agentPod(
  index: number,
  name: string,
  { node, cpus }: AgentSeat,
  { words, tokenVariable }: AgentProgram,
  manner: PodManner,
  place: RunPlace,
): V1Pod {
  const cpu = cpuQuantity(cpus);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadataOf(name, place, { [ROLE_OF_POD]: 'agent', [AGENT_OF_POD]: `${index}` }),
    spec: {
      ...podOfRun(node, manner, place),
      securityContext: podSecurity(null, manner.security),
      containers: [
        {
          name: CONTAINER,
          image: place.image,
          imagePullPolicy: 'IfNotPresent',
          args: [...words],
          env: [secretVariable(tokenVariable, place.controlSecret, AGENTS_KEY)],
          resources: {
            requests: { cpu, memory: MEMORY },
            limits: { ...(Number.isInteger(cpus) ? { cpu } : {}), memory: MEMORY },
          },
          securityContext: CONTAINER_SECURITY,
        },
      ],
    },
  };
}
