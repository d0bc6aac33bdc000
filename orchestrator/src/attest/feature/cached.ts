import { ID_PLACEHOLDER } from '../../catalogue/marker.js';
import type { Scenario } from '../../catalogue/scenario.js';
import { scenarioBody } from '../../catalogue/scenarios.js';
import { ledgerOf } from '../../resources/mock-ledger.js';
import { ask } from '../ask.js';
import { type Proof, proved, type Subject, unproved } from './proof.js';

const TIMES = 3;
const TIMEOUT_MS = 30_000;
const ID_LENGTH = ID_PLACEHOLDER.length;

/** A request that is sent again reaches the mock no more; one with another text does, as it was attested. */
export async function proveByHit({ target, mock }: Subject, scenario: Scenario, signal: AbortSignal): Promise<Proof> {
  const id = `c${performance.now().toString(36).replace('.', '')}`.padEnd(ID_LENGTH, '0').slice(0, ID_LENGTH);
  for (let i = 0; i < TIMES; i += 1)
    await ask(
      {
        url: target.url + scenario.path,
        headers: { ...scenario.headers, ...target.headers },
        body: scenarioBody(scenario, target.modelPrefix, '').replaceAll(ID_PLACEHOLDER, id),
        streaming: scenario.streaming,
        timeoutMs: TIMEOUT_MS,
        mayLackEnd: target.accept?.includes('no-done') ?? false,
      },
      signal,
    );
  const reached = (await ledgerOf(mock.url, id))?.length;
  if (reached === undefined) return unproved('the mock keeps no ledger that would tell');
  return reached === 1
    ? proved(`of ${TIMES} equal requests the mock saw the first alone`, { sent: TIMES, reached })
    : unproved(`of ${TIMES} equal requests the mock saw ${reached}`);
}
