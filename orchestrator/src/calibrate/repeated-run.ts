import { cellKey, formatLevel } from '../record/cell.js';
import type { CellSummary, Estimate, Ranking, Summary } from '../record/summary.js';

/** What became of measuring the same plan twice. */
export interface RepeatedRun {
  readonly cells: number;
  readonly agreeing: number;
  /** Cells whose intervals are too wide for an agreement to say anything. */
  readonly vague: readonly string[];
  readonly disagreements: readonly string[];
  readonly contradictions: readonly string[];
}

/** Where the two intervals together reach further than this share of the smaller median, nothing less would have been seen. */
const WIDEST_SHARE = 0.25;

/**
 * Holds two runs of one plan against each other: a cell agrees when its medians are no further apart than their two intervals
 * allow together, √(h₁² + h₂²), h being the side of each interval that faces the other; a cell with a median in one run only does not.
 * What agrees only because its intervals would allow nearly anything is neither: it is named.
 */
export function judgeRepeatedRun(first: Summary, second: Summary): RepeatedRun {
  const others = new Map(second.cells.map((cell) => [cellKey(cell), cell]));
  const pairs = first.cells.map((cell) => [cell, others.get(cellKey(cell))] as const);
  const disagreements = pairs.flatMap(([one, other]) => disagreement(one, other) ?? []);
  const vague = pairs.flatMap(([one, other]) => vagueness(one, other) ?? []);
  return {
    cells: pairs.length,
    agreeing: pairs.length - disagreements.length - vague.length,
    vague,
    disagreements,
    contradictions: contradictionsOf(first, second),
  };
}

function disagreement(one: CellSummary, other: CellSummary | undefined): string | null {
  const name = nameOf(one);
  const [a, b] = [one.latencyUs.p50, other?.latencyUs.p50];
  if (a === undefined && b === undefined && one.state === other?.state) return null;
  if (a === undefined || b === undefined)
    return `${name}: ${one.state} in one run, ${other?.state ?? 'missing'} in the other`;
  return agree(a, b) ? null : `${name}: p50 ${show(a)} in one run, ${show(b)} in the other`;
}

/** A cell that agrees, where that says nothing. */
function vagueness(one: CellSummary, other: CellSummary | undefined): string | null {
  const [a, b] = [one.latencyUs.p50, other?.latencyUs.p50];
  if (a === undefined || b === undefined || !agree(a, b)) return null;
  if (reachOf(a, b) <= WIDEST_SHARE * Math.min(a.value, b.value)) return null;
  return `${nameOf(one)}: p50 ${show(a)} in one run, ${show(b)} in the other`;
}

/** @internal exported for tests */
export function agree(a: Estimate, b: Estimate): boolean {
  return Math.abs(a.value - b.value) <= reachOf(a, b);
}

function reachOf(a: Estimate, b: Estimate): number {
  const [lower, upper] = a.value <= b.value ? [a, b] : [b, a];
  return Math.hypot(lower.high - lower.value, upper.value - upper.low);
}

function nameOf({ target, scenario, level }: CellSummary): string {
  return `${target}, ${scenario} at ${formatLevel(level)}`;
}

/** Pairs that one run puts in one order and the other in the other; sharing a place contradicts nothing. */
function contradictionsOf(first: Summary, second: Summary): string[] {
  return first.ranking.flatMap((one) => {
    const other = second.ranking.find((candidate) => rankingKey(candidate) === rankingKey(one));
    const [here, there] = [placesOf(one), placesOf(other)];
    const pairs = [...here.keys()].flatMap((a, i) => [...here.keys()].slice(i + 1).map((b) => [a, b] as const));
    return pairs.flatMap(([a, b]) => {
      if (orderOf(here, a, b) * orderOf(there, a, b) >= 0) return [];
      return [`${a} and ${b}, ${one.scenario} at ${formatLevel(one.level)}, ${one.quantile}: in either order`];
    });
  });
}

/** Negative when the first is placed better; 0 when they share a place or one has none. */
function orderOf(places: ReadonlyMap<string, number>, a: string, b: string): number {
  const [one, other] = [places.get(a), places.get(b)];
  return one === undefined || other === undefined ? 0 : one - other;
}

function rankingKey({ scenario, level, quantile }: Ranking): string {
  return `${cellKey({ target: '', scenario, level })} ${quantile}`;
}

function placesOf(ranking: Ranking | undefined): Map<string, number> {
  return new Map((ranking?.places ?? []).flatMap(({ place, targets }) => targets.map((target) => [target, place])));
}

function show({ value, low, high }: Estimate): string {
  return `${Math.round(value)} µs (${Math.round(low)} to ${Math.round(high)})`;
}
