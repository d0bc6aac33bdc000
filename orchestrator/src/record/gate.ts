import type { ComparedCell, ComparedMeasure, MeasureName } from './comparison.js';

/** A condition under which `compare` ends with 1: a quantity that is proven to be worse by more than so much. */
export interface Gate {
  readonly text: string;
  /** Null: any quantity. */
  readonly measure: MeasureName | null;
  /** The least change that counts, as a share of a's figure or in the quantity's own unit. */
  readonly least: { readonly share: number } | { readonly amount: number; readonly unit: ComparedMeasure['unit'] };
}

/** What made a gate fail: a cell that was lost whole, or a quantity of it. */
export interface GateFailure {
  readonly cell: ComparedCell;
  /** Null where the cell itself was lost, which fails every gate. */
  readonly broken: { readonly gate: Gate; readonly measure: ComparedMeasure } | null;
}

/** What the gates say of a comparison. */
export interface GateResult {
  readonly failures: readonly GateFailure[];
  /** What could not be judged, so that passing would be a guess. */
  readonly unjudged: readonly string[];
  /** What a gate that passes did not exclude: a wide interval passes easily, and a cell without the quantity always. */
  readonly reach: readonly string[];
}
