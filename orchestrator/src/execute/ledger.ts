import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import type { Driver, LoadResult } from '../load/driver.js';
import { mergedLedger } from '../load/native/merged-ledger.js';
import { joinGap } from '../record/ledger-coverage.js';
import type { Reason } from '../record/reason.js';
import type { LedgerRecord, LoadRecord, TrialFiles } from '../record/trial.js';
import { askEach, type MockAddress } from '../resources/mock-address.js';
import { fetchLedger, type LedgerAnswer } from '../resources/mock-ledger.js';
import type { Stage } from './stage.js';

/** For the mock to see that the last clients have gone: through a gateway that takes a moment. */
const ABORTS_SETTLE_MS = 250;

/** What is known of a trial's requests one by one, and why not all of it is. */
export interface JoinedRequests {
  /** The driver's record, in which the ledger has settled what the driver could not know. */
  readonly load: LoadRecord | null;
  readonly ledger: LedgerRecord | null;
  readonly files: Pick<TrialFiles, 'requests' | 'ledger'>;
  readonly warnings: readonly Reason[];
}

/** A trial that was run, and what the names of its files begin with. */
export interface NamedResult {
  readonly name: string;
  /** Null when the driver gave none. */
  readonly result: LoadResult | null;
}

/**
 * Joins a trial's requests with the mock's ledger and writes both down; nothing for a driver that cannot tell requests apart. Of trials that
 * were run at the same time it is one ledger, and one file.
 * @returns what is known of each, in the same order
 */
export async function joinRequests(
  { driver, writer }: Stage,
  mock: MockAddress,
  trials: readonly NamedResult[],
): Promise<JoinedRequests[]> {
  const sent = trials.flatMap(({ name, result }) =>
    result?.columns === undefined ? [] : [{ name, record: result.record, columns: result.columns }],
  );
  const [first] = sent;
  if (first === undefined || sent.length < trials.length || driver.joinLedger === undefined)
    return trials.map(({ result }) => ({
      load: result?.record ?? null,
      ledger: null,
      files: { requests: null, ledger: null },
      warnings: [],
    }));
  if (sent.some(({ record: { errors } }) => (errors.timeout ?? 0) + (errors.open ?? 0) > 0))
    await sleep(ABORTS_SETTLE_MS);
  const answer = await wholeLedger(mock);
  const bytes = 'problem' in answer ? null : answer.bytes;
  const known = await Promise.all(
    sent.map(async ({ name, ...trial }) => {
      const { record, columns } = await settled(driver, trial, bytes);
      return { record, columns, requests: writer.writeTrialFile(`${name}.requests.gz`, columns) };
    }),
  );
  if ('problem' in answer) {
    const message = `no ledger came from the mock (${answer.problem}), so that nothing is known of single requests on its side`;
    return known.map(({ record, requests }) => ({
      load: record,
      ledger: null,
      files: { requests, ledger: null },
      warnings: [{ code: 'no-ledger', message }],
    }));
  }
  const packed = await promisify(gzip)(answer.bytes, { level: 1 });
  const ledger = writer.writeTrialFile(`${first.name}.ledger.gz`, packed);
  const joinLedger = driver.joinLedger.bind(driver);
  return Promise.all(
    known.map(async ({ record, columns, requests }, i) => {
      const beside = known.find((_, other) => other !== i)?.columns ?? null;
      const joined = await joinLedger(columns, answer.bytes, beside);
      const files = { requests, ledger };
      if ('code' in joined) return { load: record, ledger: null, files, warnings: [joined] };
      const gap = joinGap({ ledger: joined, load: record });
      return { load: record, ledger: joined, files, warnings: gap === null ? [] : [gap] };
    }),
  );
}

/** The ledger of all that a mock consists of, as if it were one's, or why there is none. */
async function wholeLedger(mock: MockAddress): Promise<LedgerAnswer> {
  const parts: Buffer[] = [];
  for (const answer of await askEach(mock, async (url) => fetchLedger(url))) {
    if ('problem' in answer) return answer;
    parts.push(Buffer.from(answer.bytes));
  }
  try {
    return { bytes: mergedLedger(parts) };
  } catch (thrown) {
    return { problem: messageOf(thrown) };
  }
}

type Trial = Parameters<NonNullable<Driver['settleStale']>>[0];

/** Most trials have nothing to settle, and their files are not read for it. */
async function settled(driver: Driver, trial: Trial, ledger: Uint8Array | null): Promise<Trial> {
  if ((trial.record.staleConnections ?? 0) === 0 || driver.settleStale === undefined) return trial;
  return driver.settleStale(trial, ledger);
}
