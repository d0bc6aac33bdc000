import type { ComparedCell, ComparedMeasure, Comparison, CompareVerdict } from '#src/record/comparison.js';

/** A measure that grew by a share of 1 ms, give or take 10 µs. */
export function madeMeasure(
  name: ComparedMeasure['name'],
  verdict: CompareVerdict,
  growth: number,
  more: Partial<ComparedMeasure> = {},
): ComparedMeasure {
  const change = { value: 1000 * growth, low: 1000 * growth - 10, high: 1000 * growth + 10 };
  const figures = { a: 1000, b: 1000 * (1 + growth), change, noiseFloor: 5, least: 30, blocks: 6 };
  return { name, by: null, unit: 'us', ...figures, verdict, ...more };
}

/** A cell of version 2 of a gateway against version 1, both ok. */
export function madeCell(rps: number, measures: ComparedMeasure[], more: Partial<ComparedCell> = {}): ComparedCell {
  const level = { kind: 'rps', value: rps } as const;
  return { a: 'gw@1', b: 'gw@2', scenario: 'chat', level, verdict: 'cannot-be-told', reason: null, measures, ...more };
}

/** A comparison within one run. */
export function madeComparison(
  cells: ComparedCell[],
  notes: string[] = [],
  more: Partial<Comparison> = {},
): Comparison {
  const side = (version: string): Comparison['a'] => ({
    run: 'r',
    startedAt: '2026-01-01T00:00:00Z',
    targets: [{ name: `gw@${version}`, version, digest: null }],
  });
  return { schemaVersion: 2, a: side('1'), b: side('2'), pairing: 'blocks', runToRun: null, cells, notes, ...more };
}
