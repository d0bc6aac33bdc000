import type { CellId } from '../../record/cell.js';
import type { CellSummary, Finding } from '../../record/summary.js';
import type { LoadRecord } from '../../record/trial.js';
import type { AnalysedCell } from '../standing.js';

/** A cell with what it is held against. */
export interface Case {
  readonly cell: AnalysedCell;
  readonly row: CellSummary;
  /** Direct at the same scenario and level, where it is usable; null for direct itself. */
  readonly direct: { readonly cell: AnalysedCell; readonly row: CellSummary } | null;
  /** The same target and scenario at its lowest level, where that is another one and usable. */
  readonly lowest: CellSummary | null;
}

/** What the trials behind a cell's figures saw. */
export function loadsOf({ standing }: AnalysedCell): LoadRecord[] {
  return standing.trials.flatMap(({ load }) => load ?? []);
}

/** What is found out about a cell. */
export function found(
  { cell }: Case,
  code: string,
  severity: Finding['severity'],
  message: string,
  evidence: Finding['evidence'],
): Finding {
  const { target, scenario, level }: CellId = cell.id;
  return { code, severity, target, scenario, level, message, evidence };
}

/** A share as per cent, for a message. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
