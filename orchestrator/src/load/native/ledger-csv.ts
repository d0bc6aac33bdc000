import type { LedgerRow } from './ledger-join.js';

/** The lines of a CSV file of the mock's ledger, head first, without line ends; times are microseconds of its host's monotonic clock. */
export function* ledgerToCsv(rows: readonly LedgerRow[]): Generator<string> {
  yield 'id,connection,end,arrivedUs,arrivedWholeUs,firstByteUs,lastByteUs,endUs,frames,status,fault,provider,phase';
  for (const row of rows) {
    const moments = [row.arrivedUs, row.arrivedWholeUs, row.firstByteUs, row.lastByteUs, row.endUs].map(
      (us) => us?.toFixed(1) ?? '',
    );
    const told = [row.status ?? '', row.fault ?? '', row.provider, row.phase ?? ''];
    yield [row.id, row.connection, row.end, ...moments, row.frames, ...told].join(',');
  }
}
