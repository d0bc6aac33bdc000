import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadResult } from '../load/driver.js';
import { joinGap } from '../record/ledger-coverage.js';
import type { Reason } from '../record/reason.js';
import type { LedgerRecord, TrialFiles } from '../record/trial.js';
import { fetchLedger } from '../resources/mock-ledger.js';
import type { Stage } from './stage.js';

/** For the mock to see that the last clients have gone: through a gateway that takes a moment. */
const ABORTS_SETTLE_MS = 250;

/** What is known of a trial's requests one by one, and why not all of it is. */
export interface JoinedRequests {
  readonly ledger: LedgerRecord | null;
  readonly files: Pick<TrialFiles, 'requests' | 'ledger'>;
  readonly warnings: readonly Reason[];
}

/** Joins a trial's requests with the mock's ledger and writes both down; nothing for a driver that cannot tell requests apart. */
export async function joinRequests(
  { driver, writer }: Stage,
  name: string,
  mockUrl: string,
  result: LoadResult | null,
): Promise<JoinedRequests> {
  if (result?.columns === undefined || driver.joinLedger === undefined)
    return { ledger: null, files: { requests: null, ledger: null }, warnings: [] };
  const { columns, record } = result;
  const requests = writer.writeTrialFile(`${name}.requests.gz`, columns);
  if ((record.errors.timeout ?? 0) + (record.errors.open ?? 0) > 0) await sleep(ABORTS_SETTLE_MS);
  const answer = await fetchLedger(mockUrl);
  if ('problem' in answer) {
    const message = `no ledger came from the mock (${answer.problem}), so that nothing is known of single requests on its side`;
    return { ledger: null, files: { requests, ledger: null }, warnings: [{ code: 'no-ledger', message }] };
  }
  const { bytes } = answer;
  const ledger = writer.writeTrialFile(`${name}.ledger.gz`, await promisify(gzip)(bytes, { level: 1 }));
  const joined = await driver.joinLedger(columns, bytes);
  const files = { requests, ledger };
  if ('code' in joined) return { ledger: null, files, warnings: [joined] };
  const gap = joinGap({ ledger: joined, load: record });
  return { ledger: joined, files, warnings: gap === null ? [] : [gap] };
}
