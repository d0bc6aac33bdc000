import { request } from 'undici';
import type { AskedTarget } from '../attest/attest.js';
import { type Scenario, scenarioBody } from '../catalogue/scenarios.js';
import type { ExpectedAnswer } from '../load/driver.js';
import { expectedOf } from '../load/native/expected-of.js';
import { wireFormatOf } from '../load/native/frame.js';

const TIMEOUT_MS = 30_000;

/**
 * What every answer to a scenario has to say: what the mock says when it is asked itself, without faults. Null when that is no
 * answer of the format; then form and end are all that can be checked.
 */
export async function expectedAnswer(
  mock: AskedTarget,
  scenario: Scenario,
  signal: AbortSignal,
): Promise<ExpectedAnswer | null> {
  const url = mock.url + scenario.path;
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...mock.headers },
    body: scenarioBody(scenario, mock.modelPrefix, scenario.expectedErrorShare > 0 ? '' : scenario.behaviour),
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    signal,
  });
  const bytes = new Uint8Array(await body.arrayBuffer());
  return statusCode === 200 ? expectedOf(wireFormatOf(url), scenario.streaming, bytes) : null;
}
