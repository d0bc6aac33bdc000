import type { CellSummary, Interval, NoiseFloor, OverheadKind, Verdict } from '../record/summary.js';

/** What an overhead is called wherever it is shown. */
export const OVERHEAD_NAME: Readonly<Record<OverheadKind, string>> = {
  'per-request': 'per-request overhead',
  'quantile-shift': 'quantile shift',
};

/** An overhead as it is shown: what a target is above `direct` by, so that figure, interval and verdict are of one thing. */
export interface ShownOverhead {
  readonly estimate: Interval;
  readonly verdict: Verdict;
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

/** A cell's overhead of a kind; null where it has none, as `direct`. */
export function overheadOf(
  cell: CellSummary,
  kind: OverheadKind,
  quantile: 'p50' | 'p90' | 'p99',
): ShownOverhead | null {
  if (kind === 'quantile-shift') {
    const shift = cell.overheadUs?.[quantile];
    return shift === undefined ? null : { estimate: shift, verdict: shift.verdict };
  }
  const shift = cell.perRequest?.shiftUs?.[quantile];
  return shift === undefined ? null : { estimate: shift, verdict: shift.verdict };
}

/**
 * What two equal targets would differ by in an overhead of this kind at one level, microseconds: direct against direct; null where nobody
 * measured it. Of per-request overheads it is that of the requests themselves, as what they are judged by.
 */
export function addedFloorUs(
  kind: OverheadKind,
  { rows, noiseFloor }: { readonly rows: readonly CellSummary[]; readonly noiseFloor: NoiseFloor | null },
  quantile: 'p50' | 'p99',
): number | null {
  const joined = rows.flatMap(({ perRequest }) => perRequest?.noiseFloorUs?.[quantile] ?? []);
  if (kind === 'per-request' && joined.length > 0) return Math.max(...joined);
  return (quantile === 'p50' ? noiseFloor?.p50Us : noiseFloor?.p99Us) ?? null;
}
