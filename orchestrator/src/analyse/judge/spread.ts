import { groupBy } from '../../grouping.js';
import { medianOf, standardDeviation } from '../student.js';
import { lnGamma, meanSquareQuantile } from './gamma.js';

/** What the blocks of one cell say of how much they differ, on a logarithmic scale. */
export interface CellSpread {
  readonly variance: number;
  /** Degrees of freedom behind it: blocks − 1. */
  readonly degrees: number;
  /** Whose spread it is: a target, or a pair of them. */
  readonly of: string;
  /** At which load: cells of one at one load are thought to be alike in steadiness, and so a kind. */
  readonly load: string;
  /** Cells that share what is not their own: blocks and `direct` of a scenario and level. */
  readonly shared: string;
}

/** A variance, with the degrees of freedom by which it is known. */
export interface Spread {
  readonly variance: number;
  readonly degrees: number;
}

/** A spread that the others had a part in. */
export interface ModeratedSpread extends Spread {
  /** Of a kind that varies beyond what the others do. */
  readonly erratic: boolean;
}

/** In fewer cells there is nothing to learn a law of variances from: each keeps its own. */
export const LEAST_CELLS = 8;

/** Blocks that agree to the microsecond differ by this share all the same: records are whole microseconds. */
const LEAST_VARIANCE = 1e-6;

/** The normal quantile beyond which a kind of cell is erratic: one kind of steady cells in a hundred is taken for erratic, which widens it. */
const ERRATIC_Z = 2.3263;

/** With fewer degrees of freedom a kind may look steady and not be. */
const LEAST_KIND_DEGREES = 5;

/** A law of variances from fewer steady cells than that would be a guess. */
const LEAST_STEADY = 4;

/** The share of a cell's variance that is of the block and of `direct`, and so in every cell beside it: about half on the machines tried. */
const COMMON = 0.5;

/** How often the law is fitted to those that are not erratic by it. */
const ROUNDS = 3;

/**
 * The spreads of a pool of cells, each moderated by the others: a variance from two blocks is known by one degree of freedom, and a run
 * has dozens of cells on the same machine in the same minutes.
 *
 * Empirical Bayes (Smyth 2004): variances are taken to come from a scaled inverse χ² law, d₀ and s₀² of which the cells' own variances
 * give; the moderated variance is (d₀s₀² + ds²)/(d₀ + d) with d₀ + d degrees of freedom.
 *
 * An erratic target must not borrow the steadiness of the others, nor give them its own (Phipson et al. 2016, who winsorise and lower d₀ for
 * single genes). Here whole *kinds* are told apart (a target at a load), because with one degree of freedom a single erratic cell looks steady every third time:
 * where the pooled variance of a kind lies beyond what a steady one reaches once in a hundred, its cells leave the law. Each then has its
 * kind's variance or its own, whichever is more, with one degree of freedom more than its own.
 *
 * Cells of one scenario and level share blocks and `direct`, so that n of them are no n sources: the degrees of freedom are limited to those
 * of n/(1 + (n − 1)·ρ²) independent cells for each scenario and level, ρ being the share of the variance that is common ({@link COMMON}).
 * @param cells one quantity of one run; fewer than {@link LEAST_CELLS} are given back as they are
 */
export function moderate(cells: readonly CellSpread[]): ModeratedSpread[] {
  const own = inKinds(cells.map((cell) => ({ ...cell, variance: Math.max(LEAST_VARIANCE, cell.variance) })));
  if (own.length < LEAST_CELLS) return own.map(asItIs);
  const kinds = new Map([...groupBy(own, ({ kind }) => kind)].map(([kind, members]) => [kind, pooled(members)]));
  const { law, erratic } = fitToSteady(own, kinds);
  if (law === null) return own.map(asItIs);
  const most = sumOf([...groupBy(own, ({ shared }) => shared).values()].map(independentDegrees));
  return own.map((cell) => {
    if (erratic.has(cell.kind)) return withinKind(cell, kinds.get(cell.kind) as Spread);
    const { variance, degrees } = mix(cell, law);
    return { variance, degrees: Math.max(cell.degrees, Math.floor(Math.min(degrees, most))), erratic: false };
  });
}

/** A variance that takes part in {@link moderate}; null of fewer than two values. */
export function spreadOf(values: readonly number[]): Spread | null {
  return values.length < 2 ? null : ownSpread(values);
}

/** The spread of two values or more. */
export function ownSpread(values: readonly number[]): Spread {
  return { variance: standardDeviation(values) ** 2, degrees: values.length - 1 };
}

/** A cell with the kind by which it is judged erratic or not. */
interface KindredSpread extends CellSpread {
  readonly kind: string;
}

/**
 * A target at a load; or all of a target, where its cells at a load have too few degrees of freedom to show that they are erratic: three cells of
 * two blocks each hit the same mood in both, one time in six.
 */
function inKinds(cells: readonly CellSpread[]): KindredSpread[] {
  const kindOf = ({ of, load }: CellSpread): string => `${of} at ${load}`;
  const groups = groupBy(cells, kindOf);
  return cells.map((cell) => {
    const members = groups.get(kindOf(cell)) ?? [];
    const few = sumOf(members.map(({ degrees }) => degrees)) < LEAST_KIND_DEGREES;
    return { ...cell, kind: few ? cell.of : kindOf(cell) };
  });
}

function fitToSteady(
  cells: readonly KindredSpread[],
  kinds: ReadonlyMap<string, Spread>,
): { readonly law: Spread | null; readonly erratic: ReadonlySet<string> } {
  let law: Spread = {
    variance: medianOf(cells.map(({ variance, degrees }) => variance / meanSquareQuantile(degrees, 0))),
    degrees: 1,
  };
  let erratic = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const limit = law.variance;
    erratic = new Set(
      [...kinds]
        .filter(([, { variance, degrees }]) => variance > limit * meanSquareQuantile(degrees, ERRATIC_Z))
        .map(([kind]) => kind),
    );
    const steady = cells.filter(({ kind }) => !erratic.has(kind));
    if (steady.length < LEAST_STEADY) return { law: null, erratic };
    law = fitLaw(steady);
  }
  return { law, erratic };
}

/**
 * Prior degrees of freedom that are tried: from cells that hardly resemble each other to about as alike as two blocks of each can ever show. More
 * would be believed of cells that happened to agree; in simulations families in which nothing differs were then told apart too often.
 */
const PRIOR_DEGREES = [1, 1.5, 2, 3, 4, 6, 8, 12, 16];

/**
 * The law that the variances come from: s² is distributed as s₀²·F(d, d₀) (Smyth 2004, section 3). Moments of ln s², by which d₀ is usually had,
 * say next to nothing with one degree of freedom a cell, so d₀ is averaged over what may have made the data, each value with its likelihood
 * (and its own best s₀²); what is averaged is 1/d₀, for that is what the cells lend each other little by.
 */
function fitLaw(cells: readonly Spread[]): Spread {
  const tried = PRIOR_DEGREES.map((degrees) => {
    const variance = likeliestVariance(cells, degrees);
    return { degrees, logLikelihood: logLikelihoodOf(cells, { variance, degrees }) };
  });
  const best = Math.max(...tried.map(({ logLikelihood }) => logLikelihood));
  const weights = tried.map(({ logLikelihood }) => Math.exp(logLikelihood - best));
  const inverse = sumOf(tried.map(({ degrees }, i) => (weights[i] as number) / degrees)) / sumOf(weights);
  return { variance: likeliestVariance(cells, 1 / inverse), degrees: 1 / inverse };
}

/** Without what does not depend on the law. */
function logLikelihoodOf(cells: readonly Spread[], law: Spread): number {
  const scaled = law.degrees * law.variance;
  return sumOf(
    cells.map(
      ({ variance, degrees }) =>
        lnGamma((degrees + law.degrees) / 2) -
        lnGamma(law.degrees / 2) +
        (law.degrees / 2) * Math.log(scaled) -
        ((degrees + law.degrees) / 2) * Math.log(scaled + degrees * variance),
    ),
  );
}

/** s₀² for a given d₀, where the derivative of the likelihood is 0: Σ (d + d₀)s₀²/(d₀s₀² + ds²) = number of cells; the sum grows with s₀². */
function likeliestVariance(cells: readonly Spread[], prior: number): number {
  let [low, high] = [LEAST_VARIANCE / 100, Math.max(...cells.map(({ variance }) => variance)) * 100];
  for (let i = 0; i < 60; i += 1) {
    const middle = Math.sqrt(low * high);
    const sum = sumOf(
      cells.map(({ variance, degrees }) => ((degrees + prior) * middle) / (prior * middle + degrees * variance)),
    );
    if (sum < cells.length) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

function mix(own: Spread, law: Spread): Spread {
  const degrees = own.degrees + law.degrees;
  return { variance: (own.degrees * own.variance + law.degrees * law.variance) / degrees, degrees };
}

function withinKind(cell: CellSpread, kind: Spread): ModeratedSpread {
  // A kind of one cell has nothing to lend.
  if (kind.degrees <= cell.degrees) return { ...asItIs(cell), erratic: true };
  return { variance: Math.max(cell.variance, kind.variance), degrees: cell.degrees + 1, erratic: true };
}

function pooled(members: readonly CellSpread[]): Spread {
  const degrees = sumOf(members.map((member) => member.degrees));
  return { variance: sumOf(members.map((member) => member.degrees * member.variance)) / degrees, degrees };
}

function asItIs({ variance, degrees }: CellSpread): ModeratedSpread {
  return { variance, degrees, erratic: false };
}

function independentDegrees(members: readonly CellSpread[]): number {
  return sumOf(members.map(({ degrees }) => degrees)) / (1 + (members.length - 1) * COMMON ** 2);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
