import { cellKey } from '../record/cell.js';
import type { CellSummary, Overhead, OverheadKind, Quantiles, Summary } from '../record/summary.js';

/** The overhead that a report leads with, and what it is held against. */
export interface Headline {
  readonly by: OverheadKind;
  readonly shift: Overhead;
  /** What `direct` itself showed. */
  readonly directUs: Quantiles;
  readonly floorUs: { readonly p50: number | null; readonly p99: number | null };
}

/** Each request's own overhead where the ledger has it, else the shift of quantiles; null where a cell has neither. */
export function headlineOf(cell: CellSummary, { cells, noiseFloor }: Summary): Headline | null {
  const { perRequest, overheadUs } = cell;
  if (perRequest?.shiftUs !== undefined) {
    const { shiftUs, directUs = {}, noiseFloorUs } = perRequest;
    return { by: 'per-request', shift: shiftUs, directUs, floorUs: noiseFloorUs ?? { p50: null, p99: null } };
  }
  if (overheadUs === undefined) return null;
  const floor = noiseFloor.find((candidate) => cellKey({ ...candidate, target: cell.target }) === cellKey(cell));
  const direct = cells.find((other) => cellKey(other) === cellKey({ ...cell, target: 'direct' }));
  return {
    by: 'quantile-shift',
    shift: overheadUs,
    directUs: direct?.latencyUs ?? {},
    floorUs: { p50: floor?.p50Us ?? null, p99: floor?.p99Us ?? null },
  };
}
