import type { ComparedCase, ComparedRow, Comparison } from '../../record/comparison.js';

/** A condition under which `compare` of two conducts ends with 1: a row that is proven to be worse by more than so much. */
export interface ConductGate {
  readonly text: string;
  /** Null: every case that has the row. */
  readonly case: string | null;
  /** Null: any row. */
  readonly row: string | null;
  /** The least change that counts, as a share of a's figure or in the row's own unit. */
  readonly least: { readonly share: number } | { readonly amount: number };
}

/** What gates say of a comparison: rows that broke one, and what could not be judged. */
export interface ConductGateResult {
  readonly failures: readonly { readonly gate: string; readonly of: ComparedCase; readonly row: ComparedRow }[];
  readonly unjudged: readonly string[];
}

/** A change fails when its whole interval is beyond the limit, and one that was longer than could be seen fails every gate about its row. */
export function checkConductGates(
  gates: readonly ConductGate[],
  { conduct = [] }: Pick<Comparison, 'conduct'>,
): ConductGateResult {
  const failures = gates.flatMap((gate) =>
    about(gate, conduct)
      .filter(({ row }) => row.verdict === 'worse' && exceeds(row, gate))
      .map(({ of, row }) => ({ gate: gate.text, of, row })),
  );
  const unjudged = gates.flatMap((gate) => {
    const rows = about(gate, conduct);
    if (rows.length === 0) return [`${gate.text}: no case has that row on both sides`];
    const open = gate.row === null ? [] : rows.filter(({ row }) => row.verdict === 'not-compared');
    return open.map(({ of, row }) => `${gate.text}: ${of.b} ${of.case}: ${row.reason ?? ''}`);
  });
  return { failures, unjudged };
}

function about(gate: ConductGate, conduct: readonly ComparedCase[]): { of: ComparedCase; row: ComparedRow }[] {
  return conduct
    .filter((each) => gate.case === null || gate.case === each.case)
    .flatMap((of) => of.rows.filter(({ name }) => gate.row === null || gate.row === name).map((row) => ({ of, row })));
}

function exceeds({ a, change, better }: ComparedRow, { least }: ConductGate): boolean {
  if (change === null) return true;
  const leastWorse = better === 'more' ? -change.high : change.low;
  return leastWorse > ('share' in least ? least.share * Math.abs(a ?? 0) : least.amount);
}
