import { trialQuantile } from '../analyse/merged.js';
import { carries, PROBABILITY } from '../analyse/quantile.js';
import { contrastOf } from '../analyse/judge/contrast.js';
import { meanOf } from '../analyse/student.js';
import { type Certificate, type Outcome, WATCHING_MARGIN } from '../certificate/certificate.js';
import { groupBy } from '../grouping.js';
import { cellKey } from '../record/cell.js';
import type { StoredRun } from '../record/run-directory.js';
import type { TrialRecord } from '../record/trial.js';
import { UNWATCHED, WATCHED } from './relays.js';

/** What became of holding a target that is watched against the same target that is not. */
export type ObserverResult = NonNullable<Certificate['observer']>;

const QUANTILES = ['p50', 'p90', 'p99'] as const;
/** Pairs of trials below which nothing has been shown either way. */
const LEAST_PAIRS = 40;

/**
 * Judges what watching does to a target's latencies: one relay under two names, measured in the same blocks, the one with everything that
 * watches a target, the other with nothing. Of each pair of trials the ratio of a quantile is taken; the interval is Student's t over
 * blocks of the mean logarithm, because the cells of one block share what happened to it.
 *
 * The question is whether they are the same within a margin (equivalence: the whole interval lies within it), and not whether a
 * difference could be shown, which a noisy machine would answer with no (Schuirmann 1987, two one-sided tests).
 */
export function judgeObserver({ manifest, trials }: StoredRun): ObserverResult {
  const pairs = pairsOf(trials);
  const ratios = Object.fromEntries(QUANTILES.map((quantile) => [quantile, ratioOf(pairs, quantile)])) as Pick<
    ObserverResult,
    'p50' | 'p90' | 'p99'
  >;
  return { blocks: manifest.blocks, pairs: pairs.length, ...ratios, outcome: outcomeOf(pairs.length, ratios) };
}

interface Pair {
  readonly block: number;
  readonly watched: TrialRecord;
  readonly unwatched: TrialRecord;
}

function pairsOf(trials: readonly TrialRecord[]): Pair[] {
  const valid = trials.filter(({ state, load }) => state === 'valid' && load !== null);
  const places = groupBy(valid, (trial) => `${trial.block} ${cellKey({ ...trial, target: '' })}`);
  return [...places.values()].flatMap((place) => {
    const of = (name: string): TrialRecord | undefined => place.find(({ target }) => target === name);
    const [watched, unwatched] = [of(WATCHED.name), of(UNWATCHED.name)];
    if (watched === undefined || unwatched === undefined) return [];
    return [{ block: watched.block, watched, unwatched }];
  });
}

/** Watched over unwatched with its 95 % interval; null where fewer than two blocks carry the quantile. */
function ratioOf(pairs: readonly Pair[], quantile: (typeof QUANTILES)[number]): ObserverResult['p50'] {
  const logs = pairs.flatMap(({ block, watched, unwatched }) => {
    const [a, b] = [quantileIn(watched, quantile), quantileIn(unwatched, quantile)];
    return a === null || b === null || a <= 0 || b <= 0 ? [] : [{ block, log: Math.log(a / b) }];
  });
  const blocks = [...groupBy(logs, ({ block }) => block).values()].map((own) => meanOf(own.map(({ log }) => log)));
  const contrast = contrastOf(blocks);
  if (contrast === null) return null;
  const back = (log: number): number => Math.round(1000 * Math.exp(log)) / 1000;
  return { value: back(contrast.mean), low: back(contrast.low), high: back(contrast.high) };
}

function quantileIn({ load }: TrialRecord, quantile: (typeof QUANTILES)[number]): number | null {
  if (load === null || !carries(load.latencyUs.count, PROBABILITY[quantile])) return null;
  return trialQuantile(load.latencyUs, quantile);
}

/** Missed where an interval lies beyond the margin as a whole; passed where all lie within it; anything else is too few to say. */
function outcomeOf(pairs: number, ratios: Pick<ObserverResult, 'p50' | 'p90' | 'p99'>): Outcome {
  const all = QUANTILES.map((quantile) => ratios[quantile]);
  if (all.some((ratio) => ratio !== null && ratio.low > WATCHING_MARGIN)) return 'missed';
  const within = all.every(
    (ratio) => ratio !== null && ratio.high <= WATCHING_MARGIN && ratio.low >= 1 / WATCHING_MARGIN,
  );
  return within && pairs >= LEAST_PAIRS ? 'passed' : 'too-few';
}
