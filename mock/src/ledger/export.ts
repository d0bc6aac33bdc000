import type { ClockDomain } from '../timing/clock-domain.js';
import { answerDigits } from '../wire/answer-id.js';
import { CONNECTION_AT, ID_BYTES, NO_FAULT, NOT_ENDED, OUTCOMES, type Outcome, RECORD_BYTES } from './layout.js';

/** A record as `/__bench/ledger` gives it in JSON. Times are microseconds of the host's monotonic clock. */
export interface LedgerRecord {
  readonly id: string;
  /** The digits that all ids of the answer end with, `x-request-id` included: they tell which attempt a client was answered by. */
  readonly answer: string;
  readonly provider: string;
  /** The phase of the timeline that lasted when it came; null when none did. */
  readonly phase: string | null;
  readonly worker: number;
  /** Which of the worker's connections brought it, from 1. */
  readonly connection: number;
  /** 1 for the first request with this id, 2 for its first retry, and so on. */
  readonly attempt: number;
  readonly arrivedFirstUs: number;
  readonly arrivedLastUs: number;
  /** Null when nothing was sent. */
  readonly sentFirstUs: number | null;
  readonly sentLastUs: number | null;
  /** When it was over: the last byte, the fault, or the moment at which the client was seen to be gone. Null while it is open. */
  readonly endedUs: number | null;
  readonly frames: number;
  readonly bytes: number;
  /** Null when no head was sent. */
  readonly status: number | null;
  readonly outcome: Outcome;
  /** Null when the exchange went as it should. */
  readonly fault: string | null;
}

const MAGIC = 'CBLG';
const VERSION = 4;
const HEADER_BYTES = 24;
/** Records begin at a multiple of this. */
const ALIGNMENT = 8;

/** What the numbers in records stand for, and what happened when. */
export interface LedgerNames {
  readonly faults: readonly string[];
  readonly providers: readonly string[];
  readonly phases: readonly string[];
}

/**
 * The binary form: `CBLG`, version (u16), bytes a record (u16), records (u32), records dropped (u32), bytes of what follows (u32),
 * four unused ones; then what the numbers stand for, what happened when, and by which clock, as JSON, filled up with spaces to a multiple of eight;
 * then the records.
 * @param parts what each worker has
 */
export function binaryLedger(
  parts: readonly Buffer[],
  dropped: number,
  names: LedgerNames & { readonly events: readonly object[]; readonly clockDomain: ClockDomain | null },
): Buffer {
  const json = Buffer.from(JSON.stringify(names));
  const told = Buffer.alloc(Math.ceil(json.length / ALIGNMENT) * ALIGNMENT, ' ');
  json.copy(told);
  const records = parts.reduce((sum, part) => sum + part.length, 0) / RECORD_BYTES;
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(RECORD_BYTES, 6);
  header.writeUInt32LE(records, 8);
  header.writeUInt32LE(dropped, 12);
  header.writeUInt32LE(told.length, 16);
  return Buffer.concat([header, told, ...parts]);
}

/**
 * All records in the order of their arrival, retries counted over all workers and providers.
 */
export function ledgerRecords(parts: readonly Buffer[], names: LedgerNames): LedgerRecord[] {
  const records = parts
    .flatMap((part) =>
      Array.from({ length: part.length / RECORD_BYTES }, (_, i) => decode(part, i * RECORD_BYTES, names)),
    )
    .sort((a, b) => a.arrivedFirstUs - b.arrivedFirstUs);
  const attempts = new Map<string, number>();
  return records.map((record) => {
    const attempt = (attempts.get(record.id) ?? 0) + 1;
    attempts.set(record.id, attempt);
    return { ...record, attempt };
  });
}

function decode(part: Buffer, at: number, { faults, providers, phases }: LedgerNames): LedgerRecord {
  const id = part.toString('latin1', at, at + ID_BYTES);
  const zero = id.indexOf('\0');
  const fault = part.readUInt8(at + 75);
  const worker = part.readUInt16LE(at + 76);
  const answer = part.readUInt16LE(at + 78) * 0x1_0000_0000 + part.readUInt32LE(at + 88);
  const arrivedUs = part.readDoubleLE(at + 32);
  const ended = part.readUInt32LE(at + 84);
  return {
    id: zero === -1 ? id : id.slice(0, zero),
    answer: answerDigits(worker, part.readUInt32LE(at + 92), answer),
    provider: providers[part.readUInt8(at + 96)] ?? 'unknown',
    phase: phases[part.readUInt8(at + 97)] ?? null,
    worker,
    connection: part.readUInt32LE(at + CONNECTION_AT),
    attempt: 1,
    arrivedFirstUs: tenths(arrivedUs),
    arrivedLastUs: tenths(part.readDoubleLE(at + 40)),
    sentFirstUs: orNull(tenths(part.readDoubleLE(at + 48))),
    sentLastUs: orNull(tenths(part.readDoubleLE(at + 56))),
    endedUs: ended === NOT_ENDED ? null : tenths(arrivedUs + ended),
    frames: part.readUInt32LE(at + 64),
    bytes: part.readUInt32LE(at + 68),
    status: orNull(part.readUInt16LE(at + 72)),
    outcome: OUTCOMES[part.readUInt8(at + 74)] ?? 'open',
    fault: fault === NO_FAULT ? null : (faults[fault] ?? 'unknown'),
  };
}

function tenths(us: number): number {
  return Math.round(us * 10) / 10;
}

function orNull(value: number): number | null {
  return value === 0 ? null : value;
}
