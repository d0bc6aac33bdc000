import { waitReady } from '../attest/readiness.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import { notServed } from '../catalogue/served.js';
import type { Service } from '../catalogue/service.js';
import { Helpers } from '../execute/helpers.js';
import type { Reason } from '../record/reason.js';
import type { RunningService } from '../runtime/runtime.js';
import type { Workbench } from './workbench.js';
import { tellOn } from './tell-on.js';

/** A gateway that is up and answers. */
export interface StartedGateway {
  readonly running: RunningService;
  readonly version: string | null;
  readonly readyAfterMs: number;
}

/** Why a gateway is not up, and what it printed until then. */
export interface NotStarted {
  readonly reason: Reason;
  readonly log: string;
}

/**
 * Starts a gateway and what it needs, as a run would, does something with it, and stops it however that ends.
 * @param mockUrl the mock, to tell what it was asked in vain; null: something else stands in its place
 * @throws BenchError `interrupted`, `engine-gone`; whatever the work throws
 */
export async function whileStarted<T>(
  gateway: Service,
  mockUrl: string | null,
  { equipment: { runtime }, progress, interrupt: { signal } }: Workbench,
  work: (started: StartedGateway) => Promise<T>,
): Promise<T | NotStarted> {
  let version: string | null = null;
  for (const service of [...(gateway.helpers ?? []), gateway]) {
    const found = await runtime.prepare(service, tellOn(progress), signal);
    if (found.state === 'absent') return { reason: found.reason, log: '' };
    ({ version } = found);
  }
  const helpers = new Helpers();
  const { reason: without } = await helpers.start(gateway, runtime, signal);
  if (without !== null) return { reason: without.reason, log: without.log ?? '' };
  try {
    const beganMs = performance.now();
    const running = await runtime.start(gateway, signal);
    try {
      const awaited = {
        ...gateway,
        url: running.url,
        alreadyRuns: false,
        mock: mockUrl === null ? null : { url: mockUrl },
      };
      const probe = SCENARIOS.find((scenario) => notServed(scenario, gateway.serves) === null) ?? SCENARIOS[0];
      const reason = probe === undefined ? null : await waitReady(running, awaited, probe, signal);
      if (reason !== null) return { reason, log: await running.logs() };
      return await work({ running, version, readyAfterMs: performance.now() - beganMs });
    } finally {
      await running.stop();
    }
  } finally {
    await helpers.release(gateway);
  }
}
