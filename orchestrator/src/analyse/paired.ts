import { cellKey } from '../record/cell.js';
import { Histogram, type SparseHistogram } from '../record/histogram.js';
import { isWhollyJoined } from '../record/ledger-coverage.js';
import type { Manifest } from '../record/manifest.js';
import type { Reason } from '../record/reason.js';
import type { PairedComparison, PairedQuantiles } from '../record/summary.js';
import type { Distribution, TrialRecord } from '../record/trial.js';
import { blockQuantile, geometricMean, LEAST_US } from './block-figures.js';
import { estimateOf, rounded } from './estimate.js';
import { type Contrast, contrastOf } from './judge/contrast.js';
import { moderate, type Spread, spreadOf } from './judge/spread.js';
import { type ComparedName, judge, roundedRatio } from './overhead.js';
import { carries, countOf, PROBABILITY, quantileOf } from './quantile.js';
import { LATENCY, type PickDistribution, PER_REQUEST, TTFT } from './samples.js';
import type { AnalysedCell } from './standing.js';
import { meanOf } from './student.js';

const COMPARED: readonly ComparedName[] = ['p50', 'p90', 'p99'];

/** What is compared of a pair, by its name in the summary. */
const QUANTITIES = [
  ['latencyUs', LATENCY],
  ['overheadUs', PER_REQUEST],
  ['ttftUs', TTFT],
] as const;
type QuantityName = (typeof QUANTITIES)[number][0];

/**
 * B against A of a run in which both were measured at the same time, at each scenario and level; empty for a run of visits.
 *
 * What a pair has in common is the moment, so that is what is subtracted: the logarithm of the ratio of both sides' quantiles in the same
 * *slice* of time, as many whole seconds as it takes for ten requests of either side beyond the quantile (one second for most). A block is the
 * mean of its slices, the interval Student's t over blocks by the judge of everything else, because each block starts both sides afresh.
 * Running two versions side by side and dividing what was measured at the same time is duet benchmarking (Bulej, Horký, Tůma, Farquet and
 * Prokopec, *Duet Benchmarking: Improving Measurement Accuracy in the Cloud*, ICPE 2020); means of successive slices are batch means (Schmeiser
 * 1982, *Batch Size Effects in the Analysis of Simulation Output*).
 *
 * The difference in microseconds is A's geometric mean × (ratio − 1), whose interval holds 0 just where the ratio's holds 1. With one block its
 * slices take the place of blocks; with one slice there is no interval.
 */
export function pairedOf({ paired, scenarios }: Manifest, cells: readonly AnalysedCell[]): PairedComparison[] {
  if (paired === undefined) return [];
  const byKey = new Map(cells.map((cell) => [cellKey(cell.id), cell]));
  const drafts = scenarios.flatMap(({ name: scenario, levels }) =>
    levels.flatMap((level): Draft[] => {
      const [a, b] = [paired.a, paired.b].map((target) => byKey.get(cellKey({ target, scenario, level })));
      return a === undefined || b === undefined ? [] : [{ a, b, pairs: pairsOf(a, b) }];
    }),
  );
  const spreads = spreadsOf(drafts);
  return drafts.map((draft) => comparisonOf(draft, spreads));
}

interface Draft {
  readonly a: AnalysedCell;
  readonly b: AnalysedCell;
  /** Trials that were run at the same time, a's first, block by block. */
  readonly pairs: readonly TrialPair[];
}

type TrialPair = readonly [a: TrialRecord, b: TrialRecord];

function pairsOf(a: AnalysedCell, b: AnalysedCell): TrialPair[] {
  if (a.standing.state !== 'ok' || b.standing.state !== 'ok') return [];
  const ofB = new Map(b.standing.trials.map((trial) => [trial.paired?.id, trial]));
  return a.standing.trials.flatMap((trial): TrialPair[] => {
    const other = trial.paired === undefined ? undefined : ofB.get(trial.paired.id);
    return other === undefined ? [] : [[trial, other]];
  });
}

function comparisonOf({ a, b, pairs }: Draft, spreads: Spreads): PairedComparison {
  const { scenario, level } = a.id;
  const quantities = QUANTITIES.flatMap(([name, pick]) => {
    const quantiles = quantilesOf(seriesOf(pairs, pick), (quantile) => spreads(a, name, quantile));
    return Object.keys(quantiles).length === 0 ? [] : [[name, quantiles] as const];
  });
  const reason = whyNone(a, b, pairs);
  return {
    a: a.id.target,
    b: b.id.target,
    scenario,
    level,
    blocks: pairs.length,
    ...(reason === null ? {} : { reason }),
    ...Object.fromEntries(quantities),
  };
}

function whyNone(a: AnalysedCell, b: AnalysedCell, pairs: readonly TrialPair[]): Reason | null {
  const text = ({ id, standing }: AnalysedCell): string =>
    `${id.target} ${standing.reason?.message ?? (standing.state === 'ok' ? 'is ok' : standing.state)}`;
  if (a.standing.state !== 'ok' || b.standing.state !== 'ok')
    return { code: 'not-both-ok', message: `${text(a)}; ${text(b)}` };
  if (pairs.length > 0) return null;
  return { code: 'no-pairs', message: 'in no block was there a valid trial of both at the same time' };
}

/** A quantity of both sides in each block; null where it is not there of all. */
type Series = readonly (readonly [a: Distribution, b: Distribution])[];

function seriesOf(pairs: readonly TrialPair[], pick: PickDistribution): Series {
  // Overheads of some requests would stand for all of them.
  if (pick === PER_REQUEST && !pairs.flat().every(isWhollyJoined)) return [];
  const picked = pairs.flatMap(([a, b]): Series => {
    const [ofA, ofB] = [pick(a), pick(b)];
    return ofA === null || ofB === null ? [] : [[ofA, ofB]];
  });
  return picked.length === pairs.length ? picked : [];
}

function quantilesOf(series: Series, spreadOfBlocks: (quantile: ComparedName) => Spread | null): PairedQuantiles {
  const quantiles: PairedQuantiles = {};
  for (const name of COMPARED) {
    const counts = [0, 1].map((side) => series.reduce((sum, pair) => sum + (pair[side as 0 | 1].count ?? 0), 0));
    if (!counts.every((count) => carries(count, PROBABILITY[name]))) continue;
    const blocks = blocksOf(series, name);
    if (blocks.length > 0) quantiles[name] = judged(blocks, spreadOfBlocks(name));
  }
  return quantiles;
}

/** What a block says: A's quantile, and the logarithms of B's over A's in each slice of it. */
interface PairedBlock {
  readonly aUs: number;
  readonly logs: readonly number[];
}

function blocksOf(series: Series, name: ComparedName): PairedBlock[] {
  return series.flatMap(([a, b]): PairedBlock[] => {
    const [aUs, logs] = [blockQuantile([a], name), sliceLogs(a, b, PROBABILITY[name])];
    return aUs === null || logs.length === 0 ? [] : [{ aUs, logs }];
  });
}

/**
 * The logarithm of b over a in each slice of a block: as many of its seconds as it takes for ten requests of either side beyond the quantile.
 * Seconds left over at the end belong to the last slice. A block that is too short for one is one, where a request of each side lies beyond.
 * @internal exported for tests
 */
export function sliceLogs(a: Distribution, b: Distribution, p: number): number[] {
  if (a.seconds === null || b.seconds === null) return [];
  const slices: (readonly [Histogram, Histogram])[] = [];
  let open = [new Histogram(), new Histogram()] as const;
  for (let second = 0; second < Math.max(a.seconds.length, b.seconds.length); second += 1) {
    open[0].merge(a.seconds[second] ?? []);
    open[1].merge(b.seconds[second] ?? []);
    if (!open.every(({ total }) => carries(total, p))) continue;
    slices.push(open);
    open = [new Histogram(), new Histogram()];
  }
  const last = slices.at(-1);
  if (last !== undefined) for (const [side, histogram] of last.entries()) histogram.merge(sparse(open, side));
  else if (open.every(({ total }) => total * (1 - p) >= 1 - 1e-9)) slices.push(open);
  return slices.map(([ofA, ofB]) => Math.log(quantileIn(ofB.toSparse(), p) / quantileIn(ofA.toSparse(), p)));
}

function sparse(sides: readonly [Histogram, Histogram], side: number): SparseHistogram {
  return (sides[side] as Histogram).toSparse();
}

/** A difference of clocks may be below 0. */
function quantileIn(histogram: SparseHistogram, p: number): number {
  return countOf(histogram) === 0 ? LEAST_US : geometricMean([quantileOf(histogram, p)]);
}

type Judged = NonNullable<PairedQuantiles['p50']>;

function judged(blocks: readonly PairedBlock[], lent: Spread | null): Judged {
  const aUs = geometricMean(blocks.map((block) => block.aUs));
  const [only, ...others] = blocks;
  const logs = others.length === 0 ? (only?.logs ?? []) : blocks.map((block) => meanOf(block.logs));
  const own = judgedBy(logs, aUs, contrastOf(logs));
  const slices = blocks.reduce((sum, block) => sum + block.logs.length, 0);
  const leant = lent === null || others.length === 0 ? own : judgedBy(logs, aUs, contrastOf(logs, lent));
  const same = leant.low === own.low && leant.high === own.high && leant.verdict === own.verdict;
  const beside = same ? {} : { own: { low: own.low, high: own.high, verdict: own.verdict } };
  return rounded({ ...leant, aUs: Math.round(aUs * 10) / 10, slices, ...beside });
}

function judgedBy(
  logs: readonly number[],
  aUs: number,
  contrast: Contrast | null,
): Pick<Judged, 'value' | 'low' | 'high' | 'verdict' | 'ratio'> {
  const mean = meanOf(logs);
  const known = contrast ?? { mean, low: mean, high: mean };
  const difference = estimateOf(known, (log) => aUs * Math.expm1(log));
  const ratio = roundedRatio(estimateOf(known, Math.exp));
  // Of one slice nobody knows how sure it is.
  return { ...difference, verdict: contrast === null ? 'within-noise' : judge(difference, aUs), ratio };
}

/** The spread of a cell's blocks in a quantity and quantile, moderated by all cells of the pair. */
type Spreads = (cell: AnalysedCell, name: QuantityName, quantile: ComparedName) => Spread | null;

function spreadsOf(drafts: readonly Draft[]): Spreads {
  const spreads = new Map<string, Spread>();
  for (const [name, pick] of QUANTITIES)
    for (const quantile of COMPARED) {
      const members = drafts.flatMap(({ a, b, pairs }) => {
        const logs = blocksOf(seriesOf(pairs, pick), quantile).map((block) => meanOf(block.logs));
        // Two that are one differ by nothing, and nothing is lent to that.
        const own = logs.every((log) => log === 0) ? null : spreadOf(logs);
        const { target, level, ...at } = a.id;
        const shared = cellKey({ ...at, level, target: '' });
        const load = `${level.value} ${level.kind}`;
        return own === null ? [] : [{ cell: a, ...own, of: `${target} ${b.id.target}`, load, shared }];
      });
      const moderated = moderate(members);
      for (const [i, { cell }] of members.entries()) spreads.set(keyOf(cell, name, quantile), moderated[i] as Spread);
    }
  return (cell, name, quantile) => spreads.get(keyOf(cell, name, quantile)) ?? null;
}

function keyOf({ id }: AnalysedCell, name: QuantityName, quantile: ComparedName): string {
  return `${cellKey(id)} ${name} ${quantile}`;
}
