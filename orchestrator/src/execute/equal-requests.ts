import type { AskedTarget } from '../attest/asker.js';
import { ID_PLACEHOLDER } from '../catalogue/marker.js';
import type { Scenario } from '../catalogue/scenario.js';
import { scenarioBody } from '../catalogue/scenarios.js';
import type { MockHealth } from '../record/mock-gate.js';
import type { Reason } from '../record/reason.js';
import type { LoadRecord } from '../record/trial.js';

/** The id of every request that a cache is to answer: as long as one of a driver's, which puts its own only where the placeholder stands. */
const EQUAL_ID = 'equal'.padEnd(ID_PLACEHOLDER.length, '0');
/** Share of the answers whose requests may reach the mock: the first ones, which come before there is anything to find, and are many at once. */
const MOST_MISSED_SHARE = 0.02;

/** The body that a target is loaded with. */
export function loadBody(scenario: Scenario, { modelPrefix, equalRequests }: AskedTarget): string {
  const body = scenarioBody(scenario, modelPrefix);
  return equalRequests === true ? body.replaceAll(ID_PLACEHOLDER, EQUAL_ID) : body;
}

/**
 * What a trial says whose requests a cache was to answer. They have no entry in the ledger, and nothing is joined.
 * @param health of the mock over the trial, warm-up included
 */
export function cacheAccount(
  load: LoadRecord,
  health: MockHealth | null,
): { readonly fault: Reason | null; readonly note: Reason } {
  const reached = health?.requests ?? null;
  const limit = Math.ceil(MOST_MISSED_SHARE * load.ok);
  const evidence = { ok: load.ok, ...(reached === null ? {} : { reached }), limit };
  const saw = reached === null ? 'an unknown number' : `${reached}`;
  const fault =
    reached !== null && reached > limit
      ? {
          code: 'cache-missed',
          message: `its cache was to answer every request, and of ${load.ok} answers the mock gave ${saw}`,
          evidence,
        }
      : null;
  const note = {
    code: 'answered-from-cache',
    message: `its cache answers: of ${load.ok} requests, and those of the warm-up, ${saw} reached the mock, so that nothing is joined with the ledger`,
    evidence,
  };
  return { fault, note };
}
