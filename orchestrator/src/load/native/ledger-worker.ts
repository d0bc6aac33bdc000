import { Buffer } from 'node:buffer';
import { messageOf } from '../../errors.js';
import type { LedgerRecord } from '../../record/trial.js';
import { readColumnFile } from './column-file.js';
import { readLedger } from './ledger-file.js';
import type { LedgerRow } from './ledger-join.js';
import { ledgerRecord } from './ledger-record.js';
import { type SettledTrial, settleStale } from './stale-connections.js';

/** The file of a trial's requests, and the mock's ledger in its binary form. */
export interface JoinTask {
  readonly requests: Uint8Array;
  readonly ledger: Uint8Array;
  /** The requests of the trial that was run at the same time; null: none was. */
  readonly beside: Uint8Array | null;
}

/** The join, or why there is none. */
export type JoinResult = { readonly record: LedgerRecord } | { readonly problem: string };

/** A trial of which requests were sent twice, and the mock's ledger where there is one. */
export interface SettleTask {
  readonly trial: SettledTrial;
  readonly ledger: Uint8Array | null;
}

/** Settles off the main thread, see {@link settleStale}. A ledger that lost records, or cannot be read, proves nothing. */
export function settle({ trial, ledger }: SettleTask): Promise<SettledTrial> {
  return settleStale(trial, ledger === null ? null : wholeLedger(ledger));
}

function wholeLedger(bytes: Uint8Array): readonly LedgerRow[] | null {
  try {
    const { rows, overwritten } = readLedger(Buffer.from(bytes));
    return overwritten === 0 ? rows : null;
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return null;
  }
}

/** Joins off the main thread: hundreds of thousands of rows take a second. */
export function join({ requests, ledger, beside }: JoinTask): JoinResult {
  const file = readColumnFile(requests);
  try {
    const other = beside === null ? null : readColumnFile(beside);
    return { record: ledgerRecord(file, readLedger(Buffer.from(ledger)), other) };
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return { problem: messageOf(thrown) };
  }
}
