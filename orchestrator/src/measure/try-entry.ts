import { attest } from '../attest/attest.js';
import { PLAIN_ADDRESSING } from '../catalogue/addressing.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import { notServed } from '../catalogue/served.js';
import type { Service } from '../catalogue/service.js';
import type { Reason } from '../record/reason.js';
import type { RunningService } from '../runtime/runtime.js';
import { type NotStarted, whileStarted } from './while-started.js';
import type { Workbench } from './workbench.js';

/** What became of one scenario. `notes` are oddities that are tolerated, and would stand beside its figures. */
export type ScenarioTried =
  | { readonly scenario: string; readonly state: 'passed'; readonly notes: readonly Reason[] }
  | { readonly scenario: string; readonly state: 'not-offered' | 'failed' | 'void'; readonly reason: Reason };

/** What became of an entry: started and asked, or why not and what it printed until then. */
export type EntryTried =
  | { readonly version: string | null; readonly readyAfterMs: number; readonly scenarios: readonly ScenarioTried[] }
  | NotStarted;

/** Scenarios that another one stands for: the same request and the same kind of answer. */
const SAME_QUESTION = new Set(['concurrent-streams', 'error-storm', 'slow-upstream', 'slow-upstream-stream']);

/**
 * Starts a gateway in front of the mock as a run would, and asks it every scenario's question once: nothing is measured.
 * @throws BenchError `interrupted`, `engine-gone`
 */
export async function tryEntry(gateway: Service, mock: RunningService, bench: Workbench): Promise<EntryTried> {
  return whileStarted(gateway, mock.url, bench, async ({ running, version, readyAfterMs }) => ({
    version,
    readyAfterMs,
    scenarios: await askAll(gateway, running, mock, bench.interrupt.signal),
  }));
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
