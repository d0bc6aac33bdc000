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
type LedgerNames = z.infer<typeof namesSchema>;

/** Something that happened in one worker of the mock. */
export type LedgerEvent = LedgerNames['events'][number];

const MAGIC = 'CBLG';
const VERSION = 4;
const HEADER_BYTES = 24;
const ID_BYTES = 32;
const ENDS = ['open', 'complete', 'aborted', 'fault'] as const;
const NOT_ENDED = 0xffffffff;

/**
 * Reads the ledger; its layout is written down in the mock's ledger/layout.ts and ledger/export.ts.
 * @throws RangeError when the bytes are no ledger, or one of another version
 */
export function readLedger(bytes: Buffer): LedgerFile {
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
  const rows: LedgerRow[] = [];
  for (let at = start; at < bytes.length; at += size) rows.push(readRecord(bytes, at, names));
  return { rows, overwritten: bytes.readUInt32LE(12), events: names.events, clockDomain: names.clockDomain };
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
    firstByteUs: bytes.readDoubleLE(at + 48) || null,
    lastByteUs: bytes.readDoubleLE(at + 56) || null,
    endUs: ended === NOT_ENDED ? null : arrivedUs + ended,
    frames: bytes.readUInt32LE(at + 64),
    status: bytes.readUInt16LE(at + 72) || null,
    end: ENDS[bytes.readUInt8(at + 74)] ?? 'open',
    fault: faults[bytes.readUInt8(at + 75)] ?? null,
    connection: `${bytes.readUInt16LE(at + 76)}/${bytes.readUInt32LE(at + 80)}`,
    provider: providers[bytes.readUInt8(at + 96)] ?? '',
    phase: phases[bytes.readUInt8(at + 97)] ?? null,
  };
}
