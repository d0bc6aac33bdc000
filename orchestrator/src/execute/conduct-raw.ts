import type { ConductPhase, ConductRequest } from '../analyse/conduct/fate.js';
import { type CaseResult, caseRows, type SeenCase } from '../analyse/conduct/case-rows.js';
import { conductSeries, type ConductSeries } from '../analyse/conduct/series.js';
import { readColumnFile } from '../load/native/column-file.js';
import { readLedger } from '../load/native/ledger-file.js';
import { clientRows } from '../load/native/ledger-join.js';
import { CONDUCT_PROVIDERS, type ConductCase } from '../plan/conduct-cases.js';
import type { ConductLooks } from '../record/conduct.js';
import { readWitnesses, WITNESS_PREFIX } from '../record/conduct-witness.js';
import { ASIDE } from './conduct-load.js';

/** The raw records of a case. */
export interface RawCase {
  /** The driver's rows, gzipped. */
  readonly requests: Uint8Array;
  /** The mock's, in its binary form. */
  readonly ledger: Uint8Array;
  readonly witnesses?: Uint8Array | undefined;
  readonly looks?: ConductLooks | undefined;
  readonly phases: readonly ConductPhase[];
}

/**
 * The rows of a case from its raw records.
 * @throws BenchError `columns-unreadable`; RangeError for bytes that are no ledger; Error for bytes that are no witnesses
 */
export function resultOf(played: ConductCase, raw: RawCase): CaseResult {
  return caseRows(played, seenOf(played, raw));
}

/** What was seen of a case, from its raw records; as {@link resultOf}. */
export function seenOf({ patienceMs }: ConductCase, raw: RawCase): SeenCase {
  const { witnesses, looks, phases } = raw;
  return {
    ...readSeen(raw),
    phases,
    patienceUs: 1000 * patienceMs,
    ...(witnesses === undefined ? {} : { witnesses: readWitnesses(witnesses) }),
    ...(looks === undefined ? {} : { looks }),
  };
}

/** A case over time from its raw records; as {@link resultOf}. */
export function seriesOf(raw: Pick<RawCase, 'requests' | 'ledger' | 'phases'>): ConductSeries {
  const { requests, attempts } = readSeen(raw);
  const ofTheLoad = attempts.filter(({ id }) => !id.startsWith(WITNESS_PREFIX));
  return conductSeries(requests, ofTheLoad, raw.phases, CONDUCT_PROVIDERS);
}

function readSeen({
  requests: columns,
  ledger,
}: Pick<RawCase, 'requests' | 'ledger'>): Pick<SeenCase, 'requests' | 'attempts' | 'overwritten'> {
  const file = readColumnFile(columns);
  const { rows, overwritten } = readLedger(Buffer.from(ledger));
  const { kinds } = file.header;
  const requests = Array.from(
    clientRows(file),
    (row, i): ConductRequest => ({
      ...row,
      dueUs: row.intendedUs,
      status: file.columns.status[i] ?? 0,
      ...(kinds[row.kind]?.part === ASIDE ? { isAside: true } : {}),
    }),
  );
  return { requests, attempts: rows, overwritten };
}
