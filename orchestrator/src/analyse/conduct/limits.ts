import type { ConductRow } from './row.js';
import { isMeasured } from './row.js';

/** An absolute limit of a row: what somebody requires of gateways. Times in microseconds, shares 0 to 1. */
export interface ConductLimit {
  /** As it was written. */
  readonly text: string;
  /** Null: every case that has the row. */
  readonly case: string | null;
  readonly row: string;
  readonly least: boolean;
  readonly bound: number;
}

/** What became of a limit in one case of one target. */
export interface LimitOutcome {
  readonly limit: string;
  readonly target: string;
  readonly case: string;
  readonly outcome: 'held' | 'broken' | 'cannot-tell';
  /** For a person: the value, or why there is none. */
  readonly found: string;
}

/** A case with its rows, of one target. */
interface LimitedCase {
  readonly target: string;
  readonly case: string;
  readonly rows: Readonly<Record<string, ConductRow | undefined>>;
}

/**
 * Holds limits against every case that has their row; `direct` is a control and held to nothing. A value decides, not its interval: who gives a
 * limit gives the margin with it. What lasted longer than could be seen breaks an upper limit below what was seen, and is else not told; what did
 * not happen breaks nothing.
 */
export function holdLimits(limits: readonly ConductLimit[], cases: readonly LimitedCase[]): LimitOutcome[] {
  return limits.flatMap((limit) =>
    cases
      .filter(({ target, case: name }) => target !== 'direct' && (limit.case === null || limit.case === name))
      .flatMap(({ target, case: name, rows }) => {
        const row = rows[limit.row];
        return row === undefined ? [] : [{ limit: limit.text, target, case: name, ...outcomeOf(row, limit) }];
      }),
  );
}

function outcomeOf(row: ConductRow, { least, bound }: ConductLimit): Pick<LimitOutcome, 'outcome' | 'found'> {
  if (isMeasured(row)) {
    const holds = least ? row.value >= bound : row.value <= bound;
    return { outcome: holds ? 'held' : 'broken', found: String(row.value) };
  }
  if (row.state === 'nothing-seen') return { outcome: 'held', found: row.reason };
  // Whoever requires something requires that it is there.
  if (row.state === 'not-offered') {
    const holds = row.value !== undefined && (least ? row.value >= bound : row.value <= bound);
    return { outcome: holds ? 'held' : 'broken', found: `not offered: ${row.reason}` };
  }
  const seen = row.value ?? 0;
  if (row.state === 'beyond-phase' && (least || seen > bound)) {
    const outcome = seen >= bound ? (least ? 'held' : 'broken') : 'cannot-tell';
    return { outcome, found: `more than ${seen}: ${row.reason}` };
  }
  return { outcome: 'cannot-tell', found: row.reason };
}
