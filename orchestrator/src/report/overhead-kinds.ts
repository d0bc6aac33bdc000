import type { CellSummary, Estimate, OverheadKind, Verdict } from '../record/summary.js';

/**
 * What is shown of overheads: the kinds, and of that per request also what is left when direct’s own is taken off. A verdict is of a
 * difference to direct, so it stands beside such a difference and never beside the whole.
 */
export type ShownKind = OverheadKind | 'beyond-direct';

/** What an overhead is called wherever it is shown. */
export const OVERHEAD_NAME: Readonly<Record<ShownKind, string>> = {
  'per-request': 'per-request overhead',
  'beyond-direct': 'per-request overhead beyond direct’s',
  'quantile-shift': 'quantile shift',
};

/** An overhead as it is shown; `direct` has one a request too, but none against itself. */
export interface ShownOverhead {
  readonly estimate: Estimate;
  readonly verdict: Verdict | null;
}

/**
 * The kinds of overhead by which some cells are known, the headline first: per request wherever the mock's ledger was joined, the
 * quantile shift for the cells of which it was not.
 */
export function overheadKinds(cells: readonly CellSummary[]): OverheadKind[] {
  const against = cells.filter(({ state, overheadUs }) => state === 'ok' && overheadUs !== undefined);
  const joined = against.filter(({ perRequest }) => perRequest !== undefined).length;
  if (joined === 0) return ['quantile-shift'];
  return joined === against.length ? ['per-request'] : ['per-request', 'quantile-shift'];
}

/** A cell's overhead as it is shown; null where it has none. */
export function overheadOf(cell: CellSummary, kind: ShownKind, quantile: 'p50' | 'p90' | 'p99'): ShownOverhead | null {
  if (kind === 'per-request') {
    const estimate = cell.perRequest?.overheadUs[quantile];
    return estimate === undefined ? null : { estimate, verdict: null };
  }
  const shift = (kind === 'beyond-direct' ? cell.perRequest?.shiftUs : cell.overheadUs)?.[quantile];
  return shift === undefined ? null : { estimate: shift, verdict: shift.verdict };
}
