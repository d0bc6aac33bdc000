import type { Reason } from './reason.js';
import type { LedgerRecord, LoadRecord } from './trial.js';

/** Share of the right answers that may be missing in the mock's ledger: what was counted at the very edge of a trial. */
const MOST_UNSEEN_SHARE = 0.001;

/** What is known of where answers came from. */
export interface AnswersSeen {
  readonly load: LoadRecord;
  readonly ledger: LedgerRecord | null;
  /** Requests that reached the mock over the trial, warm-up included; null where that is not known. */
  readonly mockRequests: number | null;
  /** The trial's own; a target that does not pass our ids on is noted there. */
  readonly notes: readonly Reason[];
}

/**
 * Why the right answers of a trial are not the mock's: more of them than can be missed by chance never reached it. Something else answered,
 * from a cache, or because what stands behind the target has changed. Null where they are the mock's, or nobody can know.
 */
export function foreignAnswers({ load, ledger, mockRequests, notes }: AnswersSeen): Reason | null {
  const allowed = Math.ceil(MOST_UNSEEN_SHARE * load.ok);
  const unseen = unseenAnswers(load, ledger, notes) ?? (mockRequests === null ? 0 : load.ok - mockRequests);
  if (unseen <= allowed) return null;
  // A driver that counts lengths has not looked into them.
  const answers = load.answerBytes === undefined ? 'right answers' : 'answers with status 200';
  return {
    code: 'foreign-upstream',
    message: `of ${load.ok} ${answers} ${unseen} were to requests that the mock never saw: a cache, or another provider, answered them`,
    evidence: { ok: load.ok, unseen, limit: allowed },
  };
}

/** By the ledger; null where it cannot tell: none, not whole, or without the ids. Requests that failed may well be missing there. */
function unseenAnswers(load: LoadRecord, ledger: LedgerRecord | null, notes: readonly Reason[]): number | null {
  if (ledger === null || ledger.overwritten > 0 || notes.some(({ code }) => code === 'ids-lost')) return null;
  const failed = Object.values(load.errors).reduce((sum, n) => sum + (n ?? 0), 0);
  return ledger.missing - failed;
}
