import { attest } from '../attest/attest.js';
import { waitReady } from '../attest/readiness.js';
import { PLAIN_ADDRESSING } from '../catalogue/addressing.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import { notServed } from '../catalogue/served.js';
import type { Service } from '../catalogue/service.js';
import { Helpers } from '../execute/helpers.js';
import type { Reason } from '../record/reason.js';
import type { RunningService } from '../runtime/runtime.js';
import type { Workbench } from './workbench.js';
import { tellOn } from './tell-on.js';

/** What became of one scenario. `notes` are oddities that are tolerated, and would stand beside its figures. */
export type ScenarioTried =
  | { readonly scenario: string; readonly state: 'passed'; readonly notes: readonly Reason[] }
  | { readonly scenario: string; readonly state: 'not-offered' | 'failed' | 'void'; readonly reason: Reason };

/** What became of an entry: started and asked, or why not and what it printed until then. */
export type EntryTried =
  | { readonly version: string | null; readonly readyAfterMs: number; readonly scenarios: readonly ScenarioTried[] }
  | { readonly reason: Reason; readonly log: string };

/** Scenarios that another one stands for: the same request and the same kind of answer. */
const SAME_QUESTION = new Set(['concurrent-streams', 'error-storm', 'slow-upstream', 'slow-upstream-stream']);

/**
 * Starts a gateway in front of the mock as a run would, and asks it every scenario's question once: nothing is measured.
 * @throws BenchError `interrupted`, `engine-gone`
 */
export async function tryEntry(
  gateway: Service,
  mock: RunningService,
  { equipment: { runtime }, progress, interrupt: { signal } }: Workbench,
): Promise<EntryTried> {
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
      const awaited = { ...gateway, url: running.url, alreadyRuns: false, mockUrl: mock.url };
      const probe = SCENARIOS.find((scenario) => notServed(scenario, gateway.serves) === null) ?? SCENARIOS[0];
      const reason = probe === undefined ? null : await waitReady(running, awaited, probe, signal);
      if (reason !== null) return { reason, log: await running.logs() };
      const readyAfterMs = performance.now() - beganMs;
      return { version, readyAfterMs, scenarios: await askAll(gateway, running, mock, signal) };
    } finally {
      await running.stop();
    }
  } finally {
    await helpers.release(gateway);
  }
}

async function askAll(
  gateway: Service,
  { url }: RunningService,
  mock: RunningService,
  signal: AbortSignal,
): Promise<ScenarioTried[]> {
  const tried: ScenarioTried[] = [];
  for (const scenario of SCENARIOS.filter(({ name }) => !SAME_QUESTION.has(name))) {
    const kind = notServed(scenario, gateway.serves);
    if (kind !== null) {
      const reason = { code: 'not-offered', message: `its entry does not serve ${kind}` };
      tried.push({ scenario: scenario.name, state: 'not-offered', reason });
      continue;
    }
    const provider = { url: mock.url, ...PLAIN_ADDRESSING, headers: {} };
    const attestation = await attest({ ...gateway, url }, provider, scenario, signal);
    tried.push(
      attestation.state === 'passed'
        ? { scenario: scenario.name, state: 'passed', notes: attestation.notes }
        : {
            scenario: scenario.name,
            state: attestation.state === 'absent' ? 'not-offered' : attestation.state,
            reason: attestation.reason,
          },
    );
  }
  return tried;
}
