import type { CellId } from '../record/cell.js';
import type { SparseHistogram } from '../record/histogram.js';
import type { Manifest } from '../record/manifest.js';
import type { Distribution, ResourceRecord, TrialRecord } from '../record/trial.js';
import { analysedCells } from './analyse.js';
import { geometricMean } from './block-figures.js';
import { mergeBlock } from './merged.js';
import { carries, countOf, quantileOf } from './quantile.js';
import type { AnalysedCell } from './standing.js';

/** How far apart the points of a distribution are in log₁₀ of 1/(1−p): sixty of them reach from the least to p99.9. */
export const TAIL_STEP = 0.05;

/** One second of a block: quantiles in microseconds, each null where fewer requests than it needs were due in that second. */
export interface SecondFigures {
  readonly p50Us: number | null;
  readonly p90Us: number | null;
  readonly p99Us: number | null;
  readonly maxUs: number | null;
}

/** One second of what was watched of a target; null where nothing was seen in it. */
export interface SecondUse {
  readonly memoryBytes: number | null;
  /** CPU time a second of time. */
  readonly cores: number | null;
}

/** What of a block the lines over time are drawn from. */
export interface BlockCurves {
  readonly block: number;
  /** Seconds of the measured window; empty where the cell's latency is no figure. */
  readonly seconds: readonly SecondFigures[];
  /** Seconds from the trial's start, its warm-up among them. */
  readonly use: readonly SecondUse[];
}

/** A cell as a curve and as a way through the run, from histograms and samples, never from requests. */
export interface CellCurves extends CellId {
  /**
   * Latency in microseconds at p = 1 − 10^(−i·{@link TAIL_STEP}) for i = 0, 1, …, as far as ten requests lie beyond: the geometric mean of the
   * trials' own quantiles, so that the curve goes through the figures of the summary. Empty where there are none.
   */
  readonly tailUs: readonly number[];
  /** What the mock held the median request, microseconds: the median from sending less the median overhead. Null where not joined. */
  readonly heldUs: number | null;
  readonly blocks: readonly BlockCurves[];
}

/** The curves of every cell of a run, in the order targets × scenarios × levels. Two trials of `direct` in a block: over time the first. */
export function curvesOf(manifest: Manifest, trials: readonly TrialRecord[]): CellCurves[] {
  return analysedCells(manifest, trials).map((cell) => ({
    ...cell.id,
    tailUs: cell.standing.state === 'ok' ? tailOf(cell) : [],
    heldUs: cell.standing.state === 'ok' ? heldOf(cell) : null,
    blocks: cell.trials
      .filter(({ replica }) => replica === 1)
      .map((trial) => ({
        block: trial.block,
        seconds:
          cell.standing.state === 'ok' && cell.standing.trials.includes(trial)
            ? (trial.load?.latencyUs.seconds ?? []).map(secondFigures)
            : [],
        use: trial.resources === null ? [] : useBySecond(trial.resources),
      })),
  }));
}

function tailOf({ standing }: AnalysedCell): number[] {
  const histograms = standing.trials.flatMap(({ load }) => {
    const merged = load === null ? null : mergeBlock([load.latencyUs]);
    return merged === null || merged.length === 0 ? [] : [merged];
  });
  const total = histograms.reduce((sum, histogram) => sum + countOf(histogram), 0);
  const tail: number[] = [];
  for (let i = 0; ; i += 1) {
    const p = 1 - 10 ** (-i * TAIL_STEP);
    const large = histograms.filter((histogram) => countOf(histogram) * (1 - p) >= 1 - 1e-9);
    if (!carries(total, p) || large.length === 0) return tail;
    tail.push(rounded(geometricMean(large.map((histogram) => quantileOf(histogram, p)))));
  }
}

function heldOf({ standing }: AnalysedCell): number | null {
  const held = standing.trials.map(({ load, ledger }) => {
    const [service, added] = [medianIn(load?.serviceUs), medianIn(ledger?.overheadUs)];
    return service === null || added === null ? null : Math.max(0, service - added);
  });
  const known = held.filter((value) => value !== null);
  return known.length === 0 || known.length < held.length ? null : rounded(geometricMean(known));
}

function medianIn(distribution: Distribution | null | undefined): number | null {
  if (distribution === null || distribution === undefined) return null;
  const merged = mergeBlock([distribution]);
  return merged === null || merged.length === 0 ? distribution.quantiles.p50 : quantileOf(merged, 0.5);
}

function secondFigures(second: SparseHistogram): SecondFigures {
  const count = countOf(second);
  const at = (p: number): number | null =>
    count > 0 && count * (1 - p) >= 1 - 1e-9 ? rounded(quantileOf(second, p)) : null;
  return {
    p50Us: at(0.5),
    p90Us: at(0.9),
    p99Us: at(0.99),
    maxUs: count === 0 ? null : rounded(quantileOf(second, 1)),
  };
}

/** The last memory that was seen in each second, and the CPU time between the last readings of it and of the second before. */
function useBySecond({ series }: ResourceRecord): SecondUse[] {
  const last = series.at(-1)?.[0] ?? 0;
  const readings = series.filter((row): row is [number, number | null, number] => row[2] !== null);
  return Array.from({ length: Math.ceil(last / 1000) }, (_, second) => {
    const until = (second + 1) * 1000;
    const seen = series.filter(([at, bytes]) => bytes !== null && at >= until - 1000 && at < until).at(-1);
    const now = readings.filter(([at]) => at <= until).at(-1);
    const before = readings.filter(([at]) => at <= until - 1000).at(-1) ?? readings[0];
    const ms = (now?.[0] ?? 0) - (before?.[0] ?? 0);
    const cores = now === undefined || before === undefined || ms < 100 ? null : (now[2] - before[2]) / (1000 * ms);
    return { memoryBytes: seen?.[1] ?? null, cores: cores === null ? null : rounded(cores) };
  });
}

/** Four digits: a histogram's bucket is 0.8 % wide. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
