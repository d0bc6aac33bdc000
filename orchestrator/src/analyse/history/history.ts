import { cellKey, type Level } from '../../record/cell.js';
import type { CompareVerdict, ComparedMeasure, MeasureName } from '../../record/comparison.js';
import { seededRandom } from '../../plan/random.js';
import { whyNotComparable } from '../compare/comparable.js';
import { holm } from '../judge/holm.js';
import { meanOf } from '../student.js';
import { changePointsOf, EACH_ERROR } from './change-points.js';
import { isFelt, type NewestStep, newestStep } from './newest.js';
import type { CellFigures, RunFigures } from './run-figures.js';
import {
  centreOf,
  type FigureSeries,
  segmentOf,
  type SeriesBreak,
  type SeriesPoint,
  seriesOf,
  stretchesOf,
  valueOfFigure,
} from './series.js';

/** Many runs of one plan as one page. Times µs, sizes bytes; runs are named by their place in `runs`, oldest first. */
export interface History {
  readonly schemaVersion: 1;
  readonly runs: readonly HistoryRun[];
  readonly lines: readonly HistoryLine[];
  /** Cells that the newest run could not measure, or that did not keep up in it. */
  readonly lost: readonly LostCell[];
}

/** A run of the page. */
export interface HistoryRun {
  readonly id: string;
  readonly startedAt: string;
  /** Of this program. */
  readonly version: string | null;
  /** Of what was measured; null where neither the run nor the commit that brought it says. */
  readonly commit: string | null;
}

/** One figure of one target at one load. Less is better in all of them. */
export interface HistoryLine {
  readonly target: string;
  readonly kind: CellFigures['kind'];
  readonly scenario: string;
  readonly level: Level;
  readonly name: MeasureName;
  readonly unit: ComparedMeasure['unit'];
  readonly points: readonly { readonly run: number; readonly value: number; readonly version: string | null }[];
  readonly breaks: readonly SeriesBreak[];
  readonly changes: readonly Change[];
  /** The newest run against those before it; in words why that is not told. */
  readonly newest: (NewestStep & { readonly verdict: Verdict }) | { readonly absent: string };
  /** Where the newest run is worse, or else where the last change went: what the exit code is about. Null: no change. */
  readonly last: { readonly run: number; readonly verdict: Verdict; readonly share: number } | null;
}

type Verdict = Exclude<CompareVerdict, 'not-compared'>;

/** A change point that is large enough to be felt. */
interface Change {
  /** The first run of the other level. */
  readonly run: number;
  readonly before: number;
  readonly behind: number;
  readonly p: number;
  readonly verdict: Verdict;
}

/** A cell of the newest run without figures. */
export interface LostCell {
  readonly target: string;
  readonly scenario: string;
  readonly level: Level;
  readonly state: CellFigures['state'];
  readonly reason: string;
  /** It kept up in the last run that measured it, and now in no trial. */
  readonly worse: boolean;
}

interface Judged {
  readonly series: FigureSeries;
  readonly changes: readonly Change[];
  readonly step: NewestStep | string;
}

/** One seed for every page: the same runs give the same page. */
const SEED = 20140101;

/**
 * A history of runs: what changed, when, and whether the newest run did.
 * @param given in any order, each once
 */
export function historyOf(given: readonly RunFigures[]): History {
  const runs = given.toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0));
  const all = seriesOf(runs);
  const changes = changesOf(all, runs.length);
  const steps = all.filter(({ points }) => points.at(-1)?.run === runs.length - 1).length;
  const judged = all.map((series, i): Judged => {
    const own = changes[i] ?? [];
    return { series, changes: own, step: stepOf(series, own, runs, steps) };
  });
  const told = toldSteps(judged);
  return {
    schemaVersion: 1,
    runs: runs.map(({ commit, manifest: { id, startedAt, versions } }) => ({
      id,
      startedAt,
      version: versions['crabllm-bench'] ?? null,
      commit,
    })),
    lines: judged.map((one) => lineOf(one, told, runs.length - 1)),
    lost: lostCells(runs),
  };
}

/** Whether a gateway's newest change is one for the worse: what ends the command with 1. */
export function isWorse({ lines, lost }: History): boolean {
  return (
    lost.some(({ worse }) => worse) || lines.some(({ kind, last }) => kind !== 'direct' && last?.verdict === 'worse')
  );
}

function startOf({ manifest }: RunFigures): number {
  return Date.parse(manifest.startedAt);
}

function changesOf(all: readonly FigureSeries[], runs: number): Change[][] {
  const stretches = all.flatMap((series) => stretchesOf(series).map((stretch) => ({ series, stretch })));
  const segments = stretches.map(({ series, stretch }) => segmentOf(series, stretch));
  const found = changePointsOf(segments, runs, seededRandom(SEED));
  const bySeries = new Map(all.map((series) => [series, [] as Change[]]));
  for (const [i, points] of found.entries()) {
    const { series, stretch } = stretches[i] as (typeof stretches)[number];
    const levels = parted(
      stretch,
      points.map(({ run }) => run),
    );
    for (const [at, { run, p }] of points.entries()) {
      const [before, behind] = [levelOf(series, levels[at]), levelOf(series, levels[at + 1])];
      const felt = isFelt(behind - before, levels[at] ?? []);
      if (felt) bySeries.get(series)?.push({ run, before, behind, p, verdict: behind > before ? 'worse' : 'better' });
    }
  }
  return all.map((series) => bySeries.get(series) ?? []);
}

/** Points parted before each of these runs. */
function parted(points: readonly SeriesPoint[], at: readonly number[]): SeriesPoint[][] {
  const bounds = [Number.NEGATIVE_INFINITY, ...at, Number.POSITIVE_INFINITY];
  return bounds.slice(1).map((end, i) => points.filter(({ run }) => run >= (bounds[i] as number) && run < end));
}

function levelOf({ logarithmic }: FigureSeries, points: readonly SeriesPoint[] = []): number {
  const mean = meanOf(points.map(({ figure }) => centreOf(figure, logarithmic)));
  return logarithmic ? Math.exp(mean) : mean;
}

function stepOf(
  series: FigureSeries,
  changes: readonly Change[],
  runs: readonly RunFigures[],
  family: number,
): NewestStep | string {
  const stretch = stretchesOf(series).at(-1) ?? [];
  const newest = stretch.at(-1);
  if (newest === undefined || newest.run !== runs.length - 1) return 'not in the newest run';
  const before = stretch.slice(0, -1);
  const points = changes.map(({ run }) => run).filter((run) => before.some((point) => point.run === run));
  return newestStep(series, parted(before, points), newest, runs, family);
}

/** Holm's correction over the page. */
function toldSteps(judged: readonly Judged[]): Set<NewestStep> {
  const steps = judged.flatMap(({ step }) => (typeof step === 'string' ? [] : [step]));
  const told = holm(
    steps.map(({ p }) => p),
    EACH_ERROR,
  );
  return new Set(steps.filter(({ large }, i) => told[i] === true && large));
}

function lineOf({ series, changes, step }: Judged, told: ReadonlySet<NewestStep>, newestRun: number): HistoryLine {
  const { id, kind, name, points, breaks } = series;
  const verdict =
    typeof step === 'string' || !told.has(step) ? 'cannot-be-told' : step.change.value > 0 ? 'worse' : 'better';
  const lastChange = changes.at(-1);
  const ofChange =
    lastChange === undefined || breaks.some(({ run }) => run > lastChange.run)
      ? null
      : {
          run: lastChange.run,
          verdict: lastChange.verdict,
          share: (lastChange.behind - lastChange.before) / Math.abs(lastChange.before),
        };
  return {
    ...id,
    kind,
    name,
    unit: (points[0] as SeriesPoint).figure.unit,
    points: points.map(({ run, cell, figure }) => ({
      run,
      value: valueOfFigure(series, figure),
      version: cell.version,
    })),
    breaks,
    changes,
    newest: typeof step === 'string' ? { absent: step } : { ...step, verdict },
    last:
      typeof step === 'string' || verdict === 'cannot-be-told'
        ? ofChange
        : { run: newestRun, verdict, share: step.change.value / Math.abs(step.before) },
  };
}

/** What the newest run has no figures of, and whether the last run that measured it had. */
function lostCells(runs: readonly RunFigures[]): LostCell[] {
  const newest = runs.at(-1);
  if (newest === undefined) return [];
  return newest.cells.flatMap((cell): LostCell[] => {
    const { target, scenario, level, state, certain } = cell;
    if (state === 'ok') return [];
    const earlier = runs.slice(0, -1).flatMap((run) => {
      const there = run.cells.find((other) => cellKey(other) === cellKey(cell));
      return there === undefined || there.state === 'absent' || there.state === 'invalid' ? [] : [{ run, there }];
    });
    const last = earlier.at(-1);
    const keptUp =
      last !== undefined &&
      last.there.state === 'ok' &&
      last.there.certain &&
      whyNotComparable(
        { run: last.run.comparable, targets: [last.there.name] },
        { run: newest.comparable, targets: [cell.name] },
      ).length === 0;
    const worse = cell.kind !== 'direct' && (state === 'saturated' || state === 'failed') && certain && keptUp;
    return [{ target, scenario, level, state, reason: cell.reason ?? state, worse }];
  });
}
