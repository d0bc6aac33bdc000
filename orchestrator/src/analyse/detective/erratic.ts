import { capitalised } from '../../capitalised.js';
import type { Finding } from '../../record/summary.js';
import { figuresByBlock } from '../block-figures.js';
import { LATENCY, samplesByBlock } from '../samples.js';
import type { AnalysedCell } from '../standing.js';
import { meanOf, medianOf, standardDeviation } from '../student.js';
import { comesAndGoes } from './comes-and-goes.js';
import { type Case, found } from './case.js';

/** Fewer starts show no pattern. */
const LEAST_BLOCKS = 3;
/** Two kinds of starts: so many times apart in the median, and with such a gap between the slowest of the one and the fastest of the other. */
const KINDS = { apart: 3, gap: 2 } as const;
/** Without two kinds: the slowest start is this many times the fastest. */
const VARIES = 4;
/** And a drift: the last starts against the first, with so many that order says something. */
const DRIFTS = { factor: 1.5, blocks: 6, rank: 0.9 } as const;
/** What of it `direct` may do in the same blocks, on the logarithm: more, and it is the machine's. */
const OF_DIRECT = 0.5;

/**
 * Whether a target is erratic, which is a finding and no noise: its starts are of two kinds, or drift, or vary beyond what `direct` does in the
 * same blocks; or its seconds do, within a start.
 */
export function erratic(suspect: Case): Finding[] {
  if (suspect.direct === null || suspect.row.state !== 'ok') return [];
  const starts = besideDirect(suspect.cell, suspect.direct.cell);
  const between = starts.length < LEAST_BLOCKS ? null : (twoKinds(starts) ?? drifting(starts) ?? varying(starts));
  const within = comesAndGoes(suspect.cell, suspect.direct.cell);
  if (between === null && within === null) return [];
  const parts = [between?.text, within?.text].filter((part) => part !== undefined);
  const message = `${capitalised(parts.join('; '))}. Its figures are those of a typical start; more blocks, not longer ones, make them surer.`;
  const evidence = {
    startsUs: starts.map(({ block, ownUs, directUs }) => ({ block, p50Us: ownUs, directP50Us: directUs })),
    ...between?.evidence,
    ...within?.evidence,
  };
  return [found(suspect, 'erratic', 'warning', message, evidence)];
}

/** One start of the target, with what `direct` did in the same block. */
interface Start {
  readonly block: number;
  readonly ownUs: number;
  readonly directUs: number;
}

interface Pattern {
  readonly text: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

function besideDirect(cell: AnalysedCell, direct: AnalysedCell): Start[] {
  const of = ({ standing }: AnalysedCell) => figuresByBlock(samplesByBlock(standing.trials, LATENCY), 'p50');
  const reference = of(direct);
  return [...of(cell)].flatMap(([block, ownUs]) => {
    const directUs = reference.get(block);
    return directUs === undefined || ownUs <= 0 || directUs <= 0 ? [] : [{ block, ownUs, directUs }];
  });
}

/** The split into fast and slow starts that leaves least within either (two means, on the logarithm), where it is a wide one and not in `direct` as well. */
function twoKinds(starts: readonly Start[]): Pattern | null {
  const ordered = starts.toSorted((a, b) => a.ownUs - b.ownUs);
  const splits = ordered.slice(1).map((_, i) => [ordered.slice(0, i + 1), ordered.slice(i + 1)] as const);
  const [fast, slow] = splits.toSorted((a, b) => squaresWithin(a) - squaresWithin(b))[0] as (typeof splits)[number];
  const [fastUs, slowUs] = [fast, slow].map((kind) => medianOf(kind.map(({ ownUs }) => ownUs))) as [number, number];
  const gap = (slow[0] as Start).ownUs / (fast.at(-1) as Start).ownUs;
  const apart = slowUs / fastUs;
  if (gap < KINDS.gap || apart < KINDS.apart) return null;
  const direct = medianOf(slow.map(({ directUs }) => directUs)) / medianOf(fast.map(({ directUs }) => directUs));
  if (Math.abs(Math.log(direct)) > OF_DIRECT * Math.log(apart)) return null;
  const few = slow.length <= fast.length ? slow : fast;
  const factors = few.map(({ ownUs }) => (few === slow ? ownUs / fastUs : slowUs / ownUs));
  const range = rangeText(Math.min(...factors), Math.max(...factors));
  const how = few === slow ? `${range} times that of the others` : `less than in the others, by a factor of ${range}`;
  return {
    text: `in ${few.length} of ${starts.length} starts its median was ${how} (direct differed ${spreadText(starts)} there)`,
    evidence: { kinds: 2, few: few.map(({ block }) => block).toSorted((a, b) => a - b), apart, gap, limits: KINDS },
  };
}

/** The squares that a split leaves within its two kinds, on the logarithm. */
function squaresWithin(split: readonly (readonly Start[])[]): number {
  return split.reduce((sum, kind) => {
    const logs = kind.map(({ ownUs }) => Math.log(ownUs));
    const mean = meanOf(logs);
    return sum + logs.reduce((squares, log) => squares + (log - mean) ** 2, 0);
  }, 0);
}

function drifting(starts: readonly Start[]): Pattern | null {
  if (starts.length < DRIFTS.blocks) return null;
  const half = starts.length >> 1;
  const change = (of: (start: Start) => number): number =>
    medianOf(starts.slice(-half).map(of)) / medianOf(starts.slice(0, half).map(of));
  const [own, direct] = [change(({ ownUs }) => ownUs), change(({ directUs }) => directUs)];
  const ranks = rankCorrelation(starts.map(({ ownUs }) => ownUs));
  if (Math.abs(ranks) < DRIFTS.rank || Math.abs(Math.log(own)) < Math.log(DRIFTS.factor)) return null;
  if (Math.log(direct) * Math.sign(Math.log(own)) > OF_DIRECT * Math.abs(Math.log(own))) return null;
  const text = `from start to start it grew ${own > 1 ? 'slower' : 'faster'}: the median of the later half is ${own.toFixed(2)} times that of the earlier (direct: ${direct.toFixed(2)})`;
  return { text, evidence: { drift: own, directDrift: direct, rankCorrelation: ranks, limit: DRIFTS.factor } };
}

function varying(starts: readonly Start[]): Pattern | null {
  const own = starts.map(({ ownUs }) => Math.log(ownUs));
  const direct = starts.map(({ directUs }) => Math.log(directUs));
  const spread = Math.max(...own) - Math.min(...own);
  if (spread < Math.log(VARIES) || standardDeviation(direct) > OF_DIRECT * standardDeviation(own)) return null;
  return {
    text: `its starts have medians up to ${Math.exp(spread).toFixed(1)} times apart (direct differed ${spreadText(starts)} there)`,
    evidence: { spread: Math.exp(spread), limit: VARIES },
  };
}

/** Spearman's, of a series against its order; no ties among medians of microseconds that matter. */
function rankCorrelation(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const n = values.length;
  const squares = values.reduce((sum, value, i) => sum + (sorted.indexOf(value) - i) ** 2, 0);
  return 1 - (6 * squares) / (n * (n ** 2 - 1));
}

function spreadText(starts: readonly Start[]): string {
  const direct = starts.map(({ directUs }) => directUs);
  return `up to ${(Math.max(...direct) / Math.min(...direct)).toFixed(1)} times`;
}

function rangeText(least: number, most: number): string {
  const [low, high] = [least, most].map((factor) => factor.toFixed(factor < 9.95 ? 1 : 0));
  return low === high ? String(low) : `${low} to ${high}`;
}
