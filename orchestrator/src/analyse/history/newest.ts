import type { MeasureName } from '../../record/comparison.js';
import type { Interval } from '../../record/summary.js';
import { DEFAULT_RUN_TO_RUN, type RunToRun } from '../../record/run-to-run.js';
import { changeOf, changeSeriesOf } from '../compare/change.js';
import { componentOf } from '../compare/compare.js';
import { estimateOf } from '../estimate.js';
import { contrastWith } from '../judge/contrast.js';
import { meanOf, studentQuantile } from '../student.js';
import { LEAST_EFFECT } from '../overhead.js';
import { EACH_ERROR } from './change-points.js';
import type { RunFigures } from './run-figures.js';
import { centreOf, type FigureSeries, type SeriesPoint } from './series.js';

/** From so many degrees of freedom on the runs themselves say what they differ by: ten runs on one level. */
const LEAST_DEGREES = 9;

/** The newest run against those before it on the same level. */
export interface NewestStep {
  readonly before: number;
  readonly here: number;
  readonly change: Interval;
  readonly p: number;
  readonly runsBefore: number;
  /** Where the spread between runs is from: `history` is the runs of this series, the others are of the runs' records. */
  readonly spread: 'history' | RunToRun['source'];
  /** The standard deviation between runs that was taken: of the logarithm, or in the figure's unit where there is none. */
  readonly runToRun: number;
  /** The smallest change, as a share of the figure before, that one run would show in every second case, Holm's correction included. */
  readonly smallest: number;
  /** Whether the change is beyond the noise floor and 3 % of what it is a part of. */
  readonly large: boolean;
}

/**
 * The newest run of a stretch against those before it, by the judge of everything else.
 *
 * From ten runs on their own spread is what is known best: Student's t of one run against the mean of k, of which both have it
 * (√(1 + 1/k)), pooled over the levels between change points. With fewer it is stated by the runs' records, as between two runs
 * ({@link changeOf}).
 * @param levels the stretch's runs before the newest one, parted at its change points; the last part is what is held against
 * @param family how many such steps the page judges
 * @returns the step, or in words why there is none
 */
export function newestStep(
  series: FigureSeries,
  levels: readonly (readonly SeriesPoint[])[],
  newest: SeriesPoint,
  runs: readonly RunFigures[],
  family: number,
): NewestStep | string {
  const before = levels.at(-1) ?? [];
  if (before.length === 0) return 'no comparable run before it';
  const level = levels.map((points) => points.map(({ figure }) => centreOf(figure, series.logarithmic)));
  const degrees = level.reduce((sum, values) => sum + values.length - 1, 0);
  return degrees >= LEAST_DEGREES
    ? byHistory(series, level, degrees, before, newest, family)
    : byRecords(series, before, newest, runs, family);
}

function byHistory(
  series: FigureSeries,
  levels: readonly (readonly number[])[],
  degrees: number,
  before: readonly SeriesPoint[],
  newest: SeriesPoint,
  family: number,
): NewestStep {
  const { logarithmic } = series;
  const squares = levels.map((values) => values.reduce((sum, value) => sum + (value - meanOf(values)) ** 2, 0));
  const runToRun = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / degrees);
  const own = levels.at(-1) as readonly number[];
  const here = centreOf(newest.figure, logarithmic);
  const error = runToRun * Math.sqrt(1 + 1 / own.length);
  const contrast = contrastWith(here - meanOf(own), error, degrees);
  const back = logarithmic ? Math.exp : (at: number): number => at;
  const figureBefore = back(meanOf(own));
  const change = estimateOf(contrast, logarithmic ? (log) => figureBefore * Math.expm1(log) : back);
  const reach = studentQuantile(1 - EACH_ERROR / 2 / family, contrast.degrees) * error;
  return {
    before: figureBefore,
    here: back(here),
    change,
    p: contrast.p,
    runsBefore: own.length,
    spread: 'history',
    runToRun,
    smallest: smallestOf(logarithmic ? Math.expm1(reach) : reach / Math.abs(figureBefore), figureBefore, before),
    large: isLarge(change.value, [...before, newest]),
  };
}

function byRecords(
  { name }: FigureSeries,
  before: readonly SeriesPoint[],
  newest: SeriesPoint,
  runs: readonly RunFigures[],
  family: number,
): NewestStep | string {
  const blocksBefore = before.flatMap(({ figure }) => figure.blocks);
  const numbered = (values: readonly number[]): Map<number, number> => new Map(values.entries());
  const series = changeSeriesOf(
    { a: numbered(blocksBefore), b: numbered(newest.figure.blocks), ...newest.figure },
    'runs',
  );
  if (series === null) return 'one block on a side tells nothing before ten runs';
  const added = [...before, newest].map((point) => addedBy(runs[point.run] as RunFigures, name));
  const ofNewest = added.at(-1) as (typeof added)[number];
  const variance = meanOf(added.slice(0, -1).map(({ sd }) => sd ** 2)) / before.length + ofNewest.sd ** 2;
  const reference = meanOf(before.map(({ figure }) => figure.reference));
  const { a, b, change, p } = changeOf(series, { of: 'runs', variance }, reference);
  const share = Math.max(change.high - change.value, change.value - change.low) / Math.abs(a);
  const reach = (share * studentQuantile(1 - EACH_ERROR / 2 / family, 1000)) / studentQuantile(0.975, 1000);
  return {
    before: a,
    here: b,
    change,
    p,
    runsBefore: before.length,
    spread: ofNewest.source,
    runToRun: ofNewest.sd,
    smallest: smallestOf(reach, a, before),
    large: isLarge(change.value, [...before, newest]),
  };
}

function addedBy(
  { manifest }: RunFigures,
  name: MeasureName,
): { readonly sd: number; readonly source: RunToRun['source'] } {
  const stated = manifest.runToRun ?? DEFAULT_RUN_TO_RUN;
  return { sd: stated[componentOf(name)], source: stated.source };
}

/** No change is told that would not be felt, however well it is known. */
function smallestOf(reach: number, figure: number, points: readonly SeriesPoint[]): number {
  return Math.max(reach, meanOf(points.map(leastOf)) / Math.abs(figure));
}

function leastOf({ figure: { reference } }: SeriesPoint): number {
  return LEAST_EFFECT * Math.abs(reference);
}

/**
 * Beyond the noise floor, that of the middle run: it is a figure of one run, and over many its largest would be an accident. Where no run
 * measured `direct` twice, nothing is.
 */
export function isLarge(change: number, points: readonly SeriesPoint[]): boolean {
  const floors = points.flatMap(({ figure: { floor } }) => floor ?? []).toSorted((a, b) => a - b);
  const floor = floors[floors.length >> 1];
  return floor !== undefined && Math.abs(change) > floor && isFelt(change, points);
}

/** At least 3 % of what a change is a share of. */
export function isFelt(change: number, points: readonly SeriesPoint[]): boolean {
  return Math.abs(change) >= meanOf(points.map(leastOf));
}
