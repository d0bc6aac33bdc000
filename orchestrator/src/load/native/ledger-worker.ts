import { Buffer } from 'node:buffer';
import { messageOf } from '../../errors.js';
import type { LedgerRecord } from '../../record/trial.js';
import { readColumnFile } from './column-file.js';
import { readLedger } from './ledger-file.js';
import { ledgerRecord } from './ledger-record.js';

/** The file of a trial's requests, and the mock's ledger in its binary form. */
export interface JoinTask {
  readonly requests: Uint8Array;
  readonly ledger: Uint8Array;
}

/** The join, or why there is none. */
export type JoinResult = { readonly record: LedgerRecord } | { readonly problem: string };

/** Joins off the main thread: hundreds of thousands of rows take a second. */
export function join({ requests, ledger }: JoinTask): JoinResult {
  const file = readColumnFile(requests);
  try {
    return { record: ledgerRecord(file, readLedger(Buffer.from(ledger))) };
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return { problem: messageOf(thrown) };
  }
}
