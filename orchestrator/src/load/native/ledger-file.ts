import type { Buffer } from 'node:buffer';
import { z } from 'zod';
import { type ClockDomain, clockDomainSchema } from '../../clock/clock-domain.js';
import type { LedgerRow } from './ledger-join.js';

/** The mock's ledger as `/__bench/ledger?format=binary` gives it. */
export interface LedgerFile {
  readonly rows: readonly LedgerRow[];
  /** Records that had to make room for newer ones. */
  readonly overwritten: number;
  /** What really happened when at the mock: phases of its timeline, ports closed and opened. */
  readonly events: readonly LedgerEvent[];
  /** Whose clock its moments are of; null: its mock does not know, or is one that never says. */
  readonly clockDomain: ClockDomain | null;
}

const namesSchema = z.object({
  faults: z.array(z.string()),
  providers: z.array(z.string()),
  phases: z.array(z.string()),
  events: z.array(
    z.object({
      /** Microseconds of the mock's host's monotonic clock. */
      atUs: z.number(),
      worker: z.number(),
      provider: z.string(),
      event: z.string(),
      /** The phase that began, or in which it happened; null: none lasts. */
      phase: z.string().nullable(),
    }),
  ),
  clockDomain: clockDomainSchema.nullable().default(null),
});
/** What the numbers in records stand for, what happened when, and by which clock. */
export type LedgerNames = z.infer<typeof namesSchema>;

/** Something that happened in one worker of the mock. */
export type LedgerEvent = LedgerNames['events'][number];

/** What a ledger begins with, as the mock's ledger/export.ts has it. */
export const MAGIC = 'CBLG';
export const VERSION = 4;
export const HEADER_BYTES = 24;
/** Where the number of its worker stands in a record. */
export const WORKER_AT = 76;
const ID_BYTES = 32;
const ENDS = ['open', 'complete', 'aborted', 'fault'] as const;
const NOT_ENDED = 0xffffffff;

/** A ledger whose records are not read yet. */
export interface OpenedLedger {
  readonly names: LedgerNames;
  readonly records: Buffer;
  /** Bytes of a record. */
  readonly size: number;
  readonly overwritten: number;
}

/**
 * Reads the ledger; its layout is written down in the mock's ledger/layout.ts and ledger/export.ts.
 * @throws RangeError when the bytes are no ledger, or one of another version
 */
export function readLedger(bytes: Buffer): LedgerFile {
  const { names, records, size, overwritten } = openLedger(bytes);
  const rows: LedgerRow[] = [];
  for (let at = 0; at < records.length; at += size) rows.push(readRecord(records, at, names));
  return { rows, overwritten, events: names.events, clockDomain: names.clockDomain };
}

/** Reads all of a ledger but its records. @throws RangeError as {@link readLedger} */
export function openLedger(bytes: Buffer): OpenedLedger {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new RangeError(`${bytes.length} bytes that do not begin with ${MAGIC}`);
  const [version, size, count] = [bytes.readUInt16LE(4), bytes.readUInt16LE(6), bytes.readUInt32LE(8)];
  if (version !== VERSION) {
    throw new RangeError(
      `a ledger of version ${version}, of which only version ${VERSION} can be read; the version of crabllm-bench that wrote it reads it`,
    );
  }
  const start = HEADER_BYTES + bytes.readUInt32LE(16);
  if (bytes.length !== start + count * size)
    throw new RangeError(`${count} records of ${size} bytes do not fit ${bytes.length} bytes`);
  const names = readNames(bytes.toString('utf8', HEADER_BYTES, start));
  return { names, records: bytes.subarray(start), size, overwritten: bytes.readUInt32LE(12) };
}

/** What the numbers in records stand for. */
function readNames(json: string): LedgerNames {
  try {
    return namesSchema.parse(JSON.parse(json));
  } catch {
    throw new RangeError('a ledger that does not say what its numbers stand for');
  }
}

function readRecord(bytes: Buffer, at: number, { faults, providers, phases }: LedgerNames): LedgerRow {
  const id = bytes.toString('latin1', at, at + ID_BYTES);
  const zero = id.indexOf('\0');
  const arrivedUs = bytes.readDoubleLE(at + 32);
  const ended = bytes.readUInt32LE(at + 84);
  return {
    id: zero < 0 ? id : id.slice(0, zero),
    arrivedUs,
    arrivedWholeUs: bytes.readDoubleLE(at + 40),
    firstByteUs: bytes.readDoubleLE(at + 48) || null,
    lastByteUs: bytes.readDoubleLE(at + 56) || null,
    endUs: ended === NOT_ENDED ? null : arrivedUs + ended,
    frames: bytes.readUInt32LE(at + 64),
    status: bytes.readUInt16LE(at + 72) || null,
    end: ENDS[bytes.readUInt8(at + 74)] ?? 'open',
    fault: faults[bytes.readUInt8(at + 75)] ?? null,
    connection: `${bytes.readUInt16LE(at + WORKER_AT)}/${bytes.readUInt32LE(at + 80)}`,
    provider: providers[bytes.readUInt8(at + 96)] ?? '',
    phase: phases[bytes.readUInt8(at + 97)] ?? null,
  };
}
