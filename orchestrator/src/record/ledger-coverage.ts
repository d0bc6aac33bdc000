import type { Reason } from './reason.js';
import type { TrialRecord } from './trial.js';

/**
 * Share of the right answers that has to be joined for their figures to stand for all. A 99th percentile rests on the slowest 1 %, and
 * what is not joined is no random sample: the ledger loses the oldest records of the busiest worker, and retried requests are the slow ones.
 */
const LEAST_JOINED_SHARE = 0.99;

/** Why the joined requests of a trial may not stand for all of them; null where they may, and where nothing was joined at all. */
export function joinGap({ ledger, load }: Pick<TrialRecord, 'ledger' | 'load'>): Reason | null {
  if (ledger === null || load === null || load.ok === 0) return null;
  const { joined, overwritten } = ledger;
  const share = joined / load.ok;
  if (overwritten === 0 && share >= LEAST_JOINED_SHARE) return null;
  const lost =
    overwritten === 0
      ? ''
      : `; it had no room left and overwrote ${overwritten} records, the oldest of its busiest worker`;
  return {
    code: 'ledger-incomplete',
    message: `no per-request overhead: of ${load.ok} right answers ${joined} could be joined with the mock's ledger${lost}`,
    evidence: { joined, ok: load.ok, share, overwritten, limit: LEAST_JOINED_SHARE },
  };
}

/** Whether the per-request figures of a trial are of its requests and not of some of them. */
export function isWhollyJoined(trial: Pick<TrialRecord, 'ledger' | 'load'>): boolean {
  return (trial.ledger?.overheadUs.count ?? 0) > 0 && joinGap(trial) === null;
}
