import type { MockHealth } from '../record/mock-gate.js';
import type { Reason } from '../record/reason.js';
import type { ReplicaShare } from '../record/trial.js';
import type { MockAddress } from '../resources/mock-address.js';
import { requestsByPeer } from '../resources/mock-peers.js';
import type { RunningService } from '../runtime/runtime.js';

/** Which of a target's replicas brought how many requests, and why that is not known where it is not. */
export interface ReplicaShares {
  readonly replicas: readonly ReplicaShare[];
  readonly warnings: readonly Reason[];
}

/**
 * Asks the mock from whom the requests in its ledger came, which is what it saw since the trial began, warm-up included. Null for a target that
 * is one.
 */
export async function replicaShares(
  { replicas }: Pick<RunningService, 'replicas'>,
  mock: MockAddress,
): Promise<ReplicaShares | null> {
  if (replicas === undefined) return null;
  const answer = await requestsByPeer(mock);
  const unknown = (why: string): ReplicaShares => ({
    replicas: replicas.map(({ name }) => ({ name, requests: null })),
    warnings: [
      { code: 'no-requests-by-replica', message: `which replica took how many requests is not known: ${why}` },
    ],
  });
  if ('problem' in answer) return unknown(`the mock does not say from where they came (${answer.problem})`);
  const { peers } = answer;
  const known = new Set(replicas.map(({ address }) => address));
  const strange = Object.keys(peers).filter((address) => !known.has(address));
  const total = Object.values(peers).reduce((sum, count) => sum + count, 0);
  const ofStrange = strange.reduce((sum, address) => sum + (peers[address] ?? 0), 0);
  // A network that hides who asks: nothing is guessed from what is left.
  if (ofStrange > 0.01 * total)
    return unknown(
      `${ofStrange} of ${total} reached the mock from ${strange.slice(0, 3).join(', ')}, which is none of them`,
    );
  return { replicas: replicas.map(({ name, address }) => ({ name, requests: peers[address] ?? 0 })), warnings: [] };
}

/** How many requests reached each of several mocks, warm-up included. Null for a mock that is one. */
export function mockShares(
  { replicas }: Pick<RunningService, 'replicas'>,
  health: Pick<MockHealth, 'requestsOfEach'> | null,
): ReplicaShare[] | null {
  return replicas?.map(({ name }, i) => ({ name, requests: health?.requestsOfEach?.[i] ?? null })) ?? null;
}
