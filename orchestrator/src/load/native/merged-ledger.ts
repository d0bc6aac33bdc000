import { Buffer } from 'node:buffer';
import { isOneClock } from '../../clock/clock-domain.js';
import {
  HEADER_BYTES,
  type LedgerNames,
  MAGIC,
  openLedger,
  type OpenedLedger,
  VERSION,
  WORKER_AT,
} from './ledger-file.js';

/**
 * Lays the ledgers of several mocks together, as if one mock had written them: what each saw is told by the numbers of its workers. Moments
 * of mocks that do not share a clock are of none that is known, so that with the client's only sums are held against them.
 * @throws RangeError when one is no ledger, or they are of mocks that cannot be told apart or are not alike
 */
export function mergedLedger(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const ledgers = parts.map(openLedger);
  const [first] = ledgers;
  if (first === undefined) throw new RangeError('there is no ledger');
  if (ledgers.some((ledger) => tablesOf(ledger) !== tablesOf(first)))
    throw new RangeError('the ledgers are of mocks that are not alike');
  checkWorkers(ledgers);
  const names: LedgerNames = {
    ...first.names,
    events: ledgers.flatMap(({ names: { events } }) => events).toSorted((a, b) => a.atUs - b.atUs),
    clockDomain: ledgers.every((ledger) => isOneClock(ledger.names.clockDomain, first.names.clockDomain))
      ? first.names.clockDomain
      : null,
  };
  const json = Buffer.from(JSON.stringify(names));
  // Records begin at a multiple of eight.
  const told = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(told);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(first.size, 6);
  header.writeUInt32LE(
    ledgers.reduce((sum, { records, size }) => sum + records.length / size, 0),
    8,
  );
  header.writeUInt32LE(
    ledgers.reduce((sum, { overwritten }) => sum + overwritten, 0),
    12,
  );
  header.writeUInt32LE(told.length, 16);
  return Buffer.concat([header, told, ...ledgers.map(({ records }) => records)]);
}

/** What has to be the same for numbers in records to mean the same. */
function tablesOf({ names: { faults, providers, phases }, size }: OpenedLedger): string {
  return JSON.stringify({ faults, providers, phases, size });
}

/** A connection is told by its worker, and would be taken for that of another mock. */
function checkWorkers(ledgers: readonly OpenedLedger[]): void {
  const seen = new Set<number>();
  for (const { records, size } of ledgers) {
    const own = new Set<number>();
    for (let at = WORKER_AT; at < records.length; at += size) own.add(records.readUInt16LE(at));
    for (const worker of own) {
      if (seen.has(worker))
        throw new RangeError(
          `two of the ledgers have a worker ${worker}: start each mock with a --first-worker of its own`,
        );
      seen.add(worker);
    }
  }
}
