import type { MockHealth } from '../record/mock-gate.js';
import type { Reason } from '../record/reason.js';
import type { LoadRecord } from '../record/trial.js';

/** Share of the answers whose requests may reach the mock: the cache was filled when it was attested. */
const MOST_MISSED_SHARE = 0.01;

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
          message: `its cache was to answer every request, and beside ${load.ok} right answers ${saw} requests reached the mock`,
          evidence,
        }
      : null;
  const note = {
    code: 'answered-from-cache',
    message: `its cache answers: beside ${load.ok} right answers ${saw} requests reached the mock, so that nothing is joined with its ledger`,
    evidence,
  };
  return { fault, note };
}
