import initSqlJs, { type Database } from 'sql.js';
import { messageOf } from '../../errors.js';
import type { OhaRows, RowsResult } from './rows.js';

/**
 * Reads oha's database in a thread of its own: sql.js is SQLite compiled to WebAssembly and synchronous, about a microsecond a row,
 * which for a long trial at a high rate adds up to more than the orchestrator's loop may stand still.
 */
export async function readRows(file: Uint8Array): Promise<RowsResult> {
  const sql = await initSqlJs();
  try {
    const database = new sql.Database(file);
    try {
      return { rows: rowsOf(database) };
    } finally {
      database.close();
    }
  } catch (error) {
    // As a value: what sql.js throws does not come through to the main thread as what it is.
    return { problem: messageOf(error) };
  }
}

const US = 1e6;

function rowsOf(database: Database): OhaRows {
  const rows = emptyRows(Number(database.exec('SELECT count(*) FROM oha')[0]?.values[0]?.[0]));
  const statement = database.prepare('SELECT start_latency_correction, start, "end", status, len_bytes FROM oha');
  for (let i = 0; statement.step(); i++) {
    const [intended, start, end, status, bytes] = statement.get();
    rows.intendedUs[i] = typeof intended === 'number' ? intended * US : Number.NaN;
    rows.startUs[i] = Number(start) * US;
    rows.endUs[i] = Number(end) * US;
    rows.status[i] = Number(status);
    rows.bytes[i] = Number(bytes);
  }
  return rows;
}

function emptyRows(count: number): OhaRows {
  return {
    intendedUs: new Float64Array(count),
    startUs: new Float64Array(count),
    endUs: new Float64Array(count),
    status: new Uint16Array(count),
    bytes: new Float64Array(count),
  };
}
