import { questionUrl } from '../../catalogue/addressing.js';
import { EQUAL_ID, loadBody } from '../../catalogue/equal-requests.js';
import { ID_PLACEHOLDER } from '../../catalogue/marker.js';
import type { Scenario } from '../../catalogue/scenario.js';
import { ledgerOf } from '../../resources/mock-ledger.js';
import { ask } from '../ask.js';
import { type Proof, proved, type Subject, unproved } from './proof.js';

const TIMES = 3;
const TIMEOUT_MS = 30_000;

/**
 * A request that is sent again reaches the mock no more; one with another text does, as it was attested. Where the load will be that one
 * request, it is the one that is sent, and the cache holds it from then on.
 */
export async function proveByHit({ target, mock }: Subject, scenario: Scenario, signal: AbortSignal): Promise<Proof> {
  const id = target.equalRequests === true ? EQUAL_ID : ownId();
  const before = (await ledgerOf(mock, id))?.length;
  for (let i = 0; i < TIMES; i += 1)
    await ask(
      {
        url: questionUrl(target, scenario),
        headers: { ...scenario.headers, ...target.headers },
        body: loadBody(scenario, target).replaceAll(ID_PLACEHOLDER, id),
        streaming: scenario.streaming,
        timeoutMs: TIMEOUT_MS,
        mayLackEnd: target.accept?.includes('no-done') ?? false,
      },
      signal,
    );
  const after = (await ledgerOf(mock, id))?.length;
  if (before === undefined || after === undefined) return unproved('the mock keeps no ledger that would tell');
  const reached = after - before;
  // None at all where it stays up and holds the request from an earlier block.
  return reached <= 1
    ? proved(`of ${TIMES} equal requests ${reached} reached the mock`, { sent: TIMES, reached })
    : unproved(`of ${TIMES} equal requests ${reached} reached the mock`);
}

function ownId(): string {
  return `c${performance.now().toString(36).replace('.', '')}`
    .padEnd(ID_PLACEHOLDER.length, '0')
    .slice(0, ID_PLACEHOLDER.length);
}
