import type { LoadRecord } from '../../record/trial.js';
import { groupBy } from '../../grouping.js';
import { readColumnFile, rewritten } from './column-file.js';
import { outcomeCode } from './columns.js';
import type { LedgerRow } from './ledger-join.js';
import { recount } from './recount.js';
import { requestId } from './request-template.js';

/** A trial's record and the file of its requests. */
export interface SettledTrial {
  readonly record: LoadRecord;
  readonly columns: Uint8Array;
}

/** What a person is told of a request that was lost and not merely sent on a closed connection. */
const LOST = 'reset: closed before the answer, and not stale: the mock had seen the request';
const UNKNOWN = 'reset: closed before the answer, and nothing shows that the request had not arrived';

/**
 * Decides which of the requests that were sent twice were sent on a stale connection: a connection that had been used before, that brought
 * no byte of an answer, and over which the request never reached the mock. Those stay answered, their latency counted from the first
 * intended time. Of the others the first sending was worked on and lost, which is an error however well the second went; and so it is
 * where nobody can say.
 * @param ledger what the mock saw; null where it cannot be asked, or has lost a part
 * @throws BenchError `columns-unreadable`
 */
export async function settleStale(trial: SettledTrial, ledger: readonly LedgerRow[] | null): Promise<SettledTrial> {
  const file = readColumnFile(trial.columns);
  const { header, columns, counter } = file;
  const seen = groupBy(ledger ?? [], ({ id }) => id);
  const ok = outcomeCode('ok');
  const lost: number[] = [];
  for (let row = 0; row < header.rows; row++) {
    if (columns.resent[row] !== 1 || columns.outcome[row] !== ok) continue;
    const times = seen.get(requestId(header.idPrefix, counter[row] as number))?.length ?? 0;
    if (ledger === null || times !== 1) lost.push(row);
  }
  if (lost.length === 0) return trial;
  const measured = lost.filter((row) => (columns.intendedUs[row] as number) >= header.warmupUs).length;
  const examples = { ...trial.record.errorExamples };
  if (measured > 0) examples[ledger === null ? UNKNOWN : LOST] = measured;
  const changed = await rewritten(file, lost, 'reset');
  return { record: recount(changed, { ...trial.record, errorExamples: examples }), columns: changed };
}
