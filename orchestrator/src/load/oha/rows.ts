import initSqlJs from 'sql.js';
import { BenchError } from '../../errors.js';

/** One answered request of oha's SQLite output; times in seconds since the start of the run. */
export interface OhaRow {
  /** When its pacer woke for the request (with latency correction), else when it was sent. */
  readonly intended: number;
  readonly sent: number;
  readonly end: number;
  readonly status: number;
  readonly bytes: number;
}

const QUERY = 'SELECT coalesce(start_latency_correction, start), start, "end", status, len_bytes FROM oha';

/**
 * Reads the answered requests out of the file that `--db-url` writes. Its JSON has only percentiles of the whole run; with the rows
 * the warm-up can be cut off exactly, and distributions can be merged over blocks.
 * @throws BenchError `driver-failed` when the file is not oha's
 */
export async function readOhaRows(database: Uint8Array): Promise<OhaRow[]> {
  const { Database } = await initSqlJs();
  const db = new Database(database);
  try {
    const rows: OhaRow[] = [];
    const statement = db.prepare(QUERY);
    while (statement.step()) {
      const [intended, sent, end, status, bytes] = statement.get().map(Number) as [
        number,
        number,
        number,
        number,
        number,
      ];
      rows.push({ intended, sent, end, status, bytes });
    }
    statement.free();
    return rows;
  } catch (cause) {
    throw new BenchError({ code: 'driver-failed', message: 'the request rows that oha wrote cannot be read', cause });
  } finally {
    db.close();
  }
}
