import { Piscina } from 'piscina';
import { programFile } from '../../installation.js';
import { BenchError } from '../../errors.js';

/**
 * The answers that oha wrote with `--db-url`, one index an answer, in no particular order. Errors have no row.
 * Times are microseconds since oha started its schedule.
 */
export interface OhaRows {
  /** When the request was to be sent: the pacer's wake-up. NaN in a closed loop, which has no schedule. */
  readonly intendedUs: Float64Array;
  /** When a connection took it up. */
  readonly startUs: Float64Array;
  /** When the last byte had come. */
  readonly endUs: Float64Array;
  readonly status: Uint16Array;
  /** Length of the answer's body. */
  readonly bytes: Float64Array;
}

/** What comes back from the worker: the rows, or why the file is not what oha writes. */
export type RowsResult = { readonly rows: OhaRows } | { readonly problem: string };

/** Reads oha's databases off the main thread. */
export interface RowsReader {
  /** @throws BenchError `driver-failed` when the file is not the SQLite database that oha writes. */
  read(file: Uint8Array): Promise<OhaRows>;
  close(): Promise<void>;
}

/** A reader whose thread lives only while it reads, so that nothing of it runs during a trial. */
export function createRowsReader(): RowsReader {
  const pool = new Piscina<Uint8Array, RowsResult>({
    filename: programFile('load/oha/rows-worker.js'),
    name: 'readRows',
    minThreads: 0,
    maxThreads: 1,
  });
  return {
    async read(file) {
      const result = await pool.run(file);
      if ('rows' in result) return result.rows;
      throw new BenchError({
        code: 'driver-failed',
        message: `oha's database of ${file.length} bytes cannot be read: ${result.problem}`,
        hint: 'oha 1.13.0 to 1.16.0 is supported; check which one ran with `oha --version`, and that the disk is not full.',
      });
    },
    async close() {
      await pool.destroy();
    },
  };
}
