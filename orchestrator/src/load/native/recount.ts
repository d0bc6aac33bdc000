import { gunzipSync } from 'node:zlib';
import type { LedgerRecord, LoadRecord } from '../../record/trial.js';
import { readColumnFile } from './column-file.js';
import { readLedger } from './ledger-file.js';
import { ledgerRecord, type LedgerRule } from './ledger-record.js';
import { toLoadRecord } from './to-record.js';

/**
 * A trial's record counted anew from the file of its requests. What that file does not hold (gaps between tokens, CPU, standing still, connections,
 * messages of errors) is taken from the record itself and so always agrees.
 * @throws BenchError `columns-unreadable`
 */
export function recount(requests: Uint8Array, record: LoadRecord): LoadRecord {
  const { header, columns } = readColumnFile(requests);
  const parts = record.parts ?? [{ name: '', load: record }];
  return toLoadRecord([{ columns, rows: header.rows }], {
    version: record.driver.version,
    warmupMs: header.warmupUs / 1000,
    measureMs: header.measureUs / 1000,
    parts: parts.map(({ name, load: { ttftUs, gapUs } }) => ({
      name,
      streaming: ttftUs !== null,
      gaps: gapUs === null ? null : { seconds: gapUs.seconds ?? [], maxUs: gapUs.quantiles.max },
    })),
    partOf: header.kinds.map(({ part }) =>
      Math.max(
        0,
        parts.findIndex(({ name }) => name === part),
      ),
    ),
    open: record.latenessUs !== null,
    uneven: header.uneven,
    connections: record.connections,
    errorExamples: record.errorExamples,
    driverCpuUs: record.driverCpuUs,
    stalls: (record.standstill?.stalls ?? []).map(({ fromUs, lengthUs }) => ({
      fromUs: fromUs + header.warmupUs,
      lengthUs,
    })),
    runQueueWaitUs: record.standstill?.runQueueWaitUs ?? null,
  });
}

/**
 * What driver and mock saw of each request, joined anew from the files of both.
 * @param beside the file of requests of the trial that was run at the same time; null: none was
 * @param recorded how the record was made; null: there is none
 * @throws BenchError `columns-unreadable`; RangeError when the ledger is
 */
export function rejoin(
  requests: Uint8Array,
  ledger: Uint8Array,
  beside: Uint8Array | null,
  recorded: LedgerRule | null,
): LedgerRecord {
  const other = beside === null ? null : readColumnFile(beside);
  return ledgerRecord(readColumnFile(requests), readLedger(gunzipSync(ledger)), other, recorded ?? undefined);
}

/**
 * When a trial began, microseconds of the monotonic clock of the host that made its load.
 * @throws BenchError `columns-unreadable`
 */
export function startOf(requests: Uint8Array): number {
  return readColumnFile(requests).header.startedAtUs;
}
