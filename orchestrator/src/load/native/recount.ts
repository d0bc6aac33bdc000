import type { LoadRecord } from '../../record/trial.js';
import { readColumnFile } from './column-file.js';
import { toLoadRecord } from './to-record.js';

/**
 * A trial's record counted anew from the file of its requests. What that file does not hold (gaps between tokens, CPU, connections,
 * messages of errors) is taken from the record itself and so always agrees.
 * @throws BenchError `columns-unreadable`
 */
export function recount(requests: Uint8Array, record: LoadRecord): LoadRecord {
  const { header, columns } = readColumnFile(requests);
  return toLoadRecord([{ columns, rows: header.rows }], {
    version: record.driver.version,
    warmupMs: header.warmupUs / 1000,
    measureMs: header.measureUs / 1000,
    streaming: record.ttftUs !== null,
    open: record.latenessUs !== null,
    connections: record.connections,
    gapSeconds: record.gapUs?.seconds ?? null,
    maxGapUs: record.gapUs?.quantiles.max ?? null,
    errorExamples: record.errorExamples,
    driverCpuUs: record.driverCpuUs,
  });
}
