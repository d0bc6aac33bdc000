import { pause } from '../pause.js';
import type { MockAddress } from '../resources/mock-address.js';
import { mockRequests } from '../resources/mock-health.js';

const INTERVAL_MS = 300;
const LONGEST_MS = 15_000;
/** Gateways look after their upstream now and then; that is no backlog. */
const FEW = 2;

/**
 * Waits until nothing of the trial before arrives at the mock any more: a gateway that did not keep up goes on with its backlog when its
 * clients are gone, and the next trial would be charged for it.
 * @returns requests that still arrived in the last interval; 0 when it is quiet, null when the mock cannot be asked
 * @throws the signal's reason
 */
export async function settle(mock: MockAddress, signal: AbortSignal): Promise<number | null> {
  const until = performance.now() + LONGEST_MS;
  let before = await mockRequests(mock);
  for (;;) {
    await pause(INTERVAL_MS, signal);
    const now = await mockRequests(mock);
    if (before === null || now === null) return null;
    const arrived = now - before;
    if (arrived <= FEW) return 0;
    if (performance.now() > until) return arrived;
    before = now;
  }
}
