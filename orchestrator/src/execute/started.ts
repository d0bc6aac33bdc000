import { waitReady } from '../attest/readiness.js';
import type { Scenario } from '../catalogue/scenario.js';
import type { Service } from '../catalogue/service.js';
import type { Reason } from '../record/reason.js';
import type { RunningService, Runtime } from '../runtime/runtime.js';

/**
 * Starts a service that is watched by nobody, and waits until it answers.
 * @returns why it does not; then it is stopped again
 * @throws what starting throws, and the signal's reason
 */
export async function startUntilReady(
  service: Service,
  runtime: Runtime,
  probe: Scenario,
  signal: AbortSignal,
): Promise<RunningService | Reason> {
  const running = await runtime.start(service, signal);
  try {
    const awaited = { ...service, url: running.url, alreadyRuns: false, mock: null };
    const reason = await waitReady(running, awaited, probe, signal);
    if (reason === null) return running;
    await running.stop();
    return reason;
  } catch (thrown) {
    await running.stop();
    throw thrown;
  }
}
