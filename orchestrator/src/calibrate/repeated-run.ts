import { cellKey, formatLevel } from '../record/cell.js';
import type { CellSummary, Estimate, Summary } from '../record/summary.js';

/** What became of measuring the same plan twice. */
export interface RepeatedRun {
  readonly cells: number;
  readonly agreeing: number;
  readonly disagreements: readonly string[];
  readonly contradictions: readonly string[];
}

/**
 * Holds two runs of one plan against each other: a cell agrees when its medians are no further apart than their two intervals
 * allow together, √(h₁² + h₂²), h being the side of each interval that faces the other; a cell with a median in one run only does not.
 */
export function judgeRepeatedRun(first: Summary, second: Summary): RepeatedRun {
  const others = new Map(second.cells.map((cell) => [cellKey(cell), cell]));
  const pairs = first.cells.map((cell) => [cell, others.get(cellKey(cell))] as const);
  const disagreements = pairs.flatMap(([one, other]) => disagreement(one, other) ?? []);
  return {
    cells: pairs.length,
    agreeing: pairs.length - disagreements.length,
    disagreements,
    contradictions: contradictionsOf(first, second),
  };
}

function disagreement(one: CellSummary, other: CellSummary | undefined): string | null {
  const name = `${one.target}, ${one.scenario} at ${formatLevel(one.level)}`;
  const [a, b] = [one.latencyUs.p50, other?.latencyUs.p50];
  if (a === undefined && b === undefined && one.state === other?.state) return null;
  if (a === undefined || b === undefined)
    return `${name}: ${one.state} in one run, ${other?.state ?? 'missing'} in the other`;
  return agree(a, b) ? null : `${name}: p50 ${show(a)} in one run, ${show(b)} in the other`;
}

/** @internal exported for tests */
export function agree(a: Estimate, b: Estimate): boolean {
  const [lower, upper] = a.value <= b.value ? [a, b] : [b, a];
  return upper.value - lower.value <= Math.hypot(lower.high - lower.value, upper.value - upper.low);
}

function contradictionsOf(first: Summary, second: Summary): string[] {
  const verdicts = new Map(second.cells.map((cell) => [cellKey(cell), cell.overheadUs ?? {}]));
  return first.cells.flatMap((cell) =>
    (['p50', 'p99'] as const).flatMap((quantile) => {
      const said = [cell.overheadUs?.[quantile]?.verdict, verdicts.get(cellKey(cell))?.[quantile]?.verdict];
      if (!said.includes('above') || !said.includes('below')) return [];
      return [
        `${cell.target}, ${cell.scenario} at ${formatLevel(cell.level)}, ${quantile}: above direct in one run, below in the other`,
      ];
    }),
  );
}

function show({ value, low, high }: Estimate): string {
  return `${Math.round(value)} µs (${Math.round(low)} to ${Math.round(high)})`;
}
