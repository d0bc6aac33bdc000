import { cellKey, formatLevel } from '../record/cell.js';
import type { CellSummary, Estimate, Ranking, Summary } from '../record/summary.js';
import { headlineOf } from './headline.js';

/** One figure of several cells, held against itself in another run of the same plan. */
export interface Repeated {
  readonly cells: number;
  readonly agreeing: number;
  /** Cells whose intervals are too wide for an agreement to say anything. */
  readonly vague: readonly string[];
  readonly disagreements: readonly string[];
}

/** What became of measuring the same plan twice. */
export interface RepeatedRun {
  /** What each target adds at p50, as a report leads with it: what the machine did to a whole block is in `direct` too, and falls out. */
  readonly overheads: Repeated;
  /** p50 as it is, at the levels where the machine was the same in both runs. */
  readonly latencies: Repeated;
  /** Levels at which `direct` itself is not repeated: there the machine was another, so no target's latency can be held against the ruler. */
  readonly moved: readonly string[];
  readonly contradictions: readonly string[];
}

/** Where the two intervals together reach further than this share of the smaller value, nothing less would have been seen. */
const WIDEST_SHARE = 0.25;

/** A cell in both runs, with the figure that is compared. */
interface Pair {
  readonly one: CellSummary;
  readonly other: CellSummary | undefined;
  readonly a: Estimate | undefined;
  readonly b: Estimate | undefined;
}

/**
 * Holds two runs of one plan against each other: a figure agrees when its two values are no further apart than their two intervals
 * allow together, √(h₁² + h₂²), h being the side of each interval that faces the other; one that a single run has does not.
 * What agrees only because its intervals would allow nearly anything is neither: it is named.
 */
export function judgeRepeatedRun(first: Summary, second: Summary): RepeatedRun {
  const overheads = pairsOf(first, second, (cell, run) => headlineOf(cell, run)?.shift.p50);
  const latencies = pairsOf(first, second, ({ latencyUs }) => latencyUs.p50);
  const moved = latencies.filter((pair) => pair.one.target === 'direct' && verdictOf(pair) === 'disagrees');
  const movedLevels = new Set(moved.map(levelOf));
  return {
    overheads: tally(
      overheads.filter(({ a, b }) => a !== undefined || b !== undefined),
      'adds at p50',
    ),
    latencies: tally(
      latencies.filter((pair) => !movedLevels.has(levelOf(pair))),
      'p50',
    ),
    moved: moved.map((pair) => describe(pair, 'p50')),
    contradictions: contradictionsOf(first, second),
  };
}

function pairsOf(
  first: Summary,
  second: Summary,
  figureOf: (cell: CellSummary, run: Summary) => Estimate | undefined,
): Pair[] {
  const others = new Map(second.cells.map((cell) => [cellKey(cell), cell]));
  return first.cells.map((one) => {
    const other = others.get(cellKey(one));
    return { one, other, a: figureOf(one, first), b: other === undefined ? undefined : figureOf(other, second) };
  });
}

function tally(pairs: readonly Pair[], what: string): Repeated {
  const named = (verdict: Verdict) =>
    pairs.filter((pair) => verdictOf(pair) === verdict).map((pair) => describe(pair, what));
  return {
    cells: pairs.length,
    agreeing: named('agrees').length,
    vague: named('vague'),
    disagreements: named('disagrees'),
  };
}

type Verdict = 'agrees' | 'vague' | 'disagrees';

function verdictOf({ one, other, a, b }: Pair): Verdict {
  if (a === undefined && b === undefined) return one.state === other?.state ? 'agrees' : 'disagrees';
  if (a === undefined || b === undefined || !agree(a, b)) return 'disagrees';
  return reachOf(a, b) <= WIDEST_SHARE * Math.min(Math.abs(a.value), Math.abs(b.value)) ? 'agrees' : 'vague';
}

function describe({ one, other, a, b }: Pair, what: string): string {
  const here = a === undefined ? one.state : show(a);
  const there = b === undefined ? (other?.state ?? 'missing') : show(b);
  return `${one.target}, ${one.scenario} at ${formatLevel(one.level)}: ${what} ${here} in one run, ${there} in the other`;
}

function levelOf({ one }: Pair): string {
  return cellKey({ ...one, target: '' });
}

/** @internal exported for tests */
export function agree(a: Estimate, b: Estimate): boolean {
  return Math.abs(a.value - b.value) <= reachOf(a, b);
}

function reachOf(a: Estimate, b: Estimate): number {
  const [lower, upper] = a.value <= b.value ? [a, b] : [b, a];
  return Math.hypot(lower.high - lower.value, upper.value - upper.low);
}

/** Pairs that one run puts in one order and the other in the other; a pair that either cannot tell apart contradicts nothing. */
function contradictionsOf(first: Summary, second: Summary): string[] {
  return first.ranking.flatMap((one) => {
    const other = second.ranking.find((candidate) => rankingKey(candidate) === rankingKey(one));
    const turned = one.pairs.filter(
      ({ faster, slower, told }) =>
        told && other?.pairs.some((pair) => pair.told && pair.faster === slower && pair.slower === faster) === true,
    );
    return turned.map(
      ({ faster, slower }) =>
        `${faster} and ${slower}, ${one.scenario} at ${formatLevel(one.level)}, ${one.quantile}: in either order`,
    );
  });
}

function rankingKey({ scenario, level, quantile }: Ranking): string {
  return `${cellKey({ target: '', scenario, level })} ${quantile}`;
}

function show({ value, low, high }: Estimate): string {
  return `${Math.round(value)} µs (${Math.round(low)} to ${Math.round(high)})`;
}
