import type { Buffer } from 'node:buffer';
import type { LedgerRow } from './ledger-join.js';

/** The mock's ledger as `/__bench/ledger?format=binary` gives it. */
export interface LedgerFile {
  readonly rows: readonly LedgerRow[];
  /** Records that had to make room for newer ones. */
  readonly overwritten: number;
}

const MAGIC = 'CBLG';
const VERSION = 3;
const HEADER_BYTES = 16;
const ID_BYTES = 32;
const ENDS = ['open', 'complete', 'aborted', 'fault'] as const;
const NOT_ENDED = 0xffffffff;

/**
 * Reads the ledger; its layout is written down in the mock's ledger/layout.ts.
 * @throws RangeError when the bytes are no ledger, or one of another version
 */
export function readLedger(bytes: Buffer): LedgerFile {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new RangeError(`${bytes.length} bytes that do not begin with ${MAGIC}`);
  const [version, size, count] = [bytes.readUInt16LE(4), bytes.readUInt16LE(6), bytes.readUInt32LE(8)];
  if (version !== VERSION) throw new RangeError(`version ${version} of the ledger, not ${VERSION}`);
  if (bytes.length !== HEADER_BYTES + count * size)
    throw new RangeError(`${count} records of ${size} bytes do not fit ${bytes.length} bytes`);
  const rows: LedgerRow[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += size) rows.push(readRecord(bytes, at));
  return { rows, overwritten: bytes.readUInt32LE(12) };
}

function readRecord(bytes: Buffer, at: number): LedgerRow {
  const id = bytes.toString('latin1', at, at + ID_BYTES);
  const zero = id.indexOf('\0');
  const arrivedUs = bytes.readDoubleLE(at + 32);
  const ended = bytes.readUInt32LE(at + 84);
  return {
    id: zero < 0 ? id : id.slice(0, zero),
    arrivedUs,
    firstByteUs: bytes.readDoubleLE(at + 48) || null,
    lastByteUs: bytes.readDoubleLE(at + 56) || null,
    endUs: ended === NOT_ENDED ? null : arrivedUs + ended,
    frames: bytes.readUInt32LE(at + 64),
    end: ENDS[bytes.readUInt8(at + 74)] ?? 'open',
    connection: `${bytes.readUInt16LE(at + 76)}/${bytes.readUInt32LE(at + 80)}`,
  };
}
