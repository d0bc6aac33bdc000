import type { CellId } from '../record/cell.js';
import { bucketBounds, type SparseHistogram } from '../record/histogram.js';
import type { Manifest } from '../record/manifest.js';
import type { Distribution, LoadRecord, TrialRecord } from '../record/trial.js';
import { analysedCells } from './analyse.js';
import { mergeBlock } from './merged.js';
import { countOf, quantileOf } from './quantile.js';
import type { AnalysedCell } from './standing.js';
import { sumIfKnown } from '../sum-if-known.js';
import { medianOf } from './student.js';
import { achievedRps } from './totals.js';

/** What the original suite would have of a cell: oha's JSON, and the resident memory that it looked at once behind the load. */
export interface OriginalResult {
  readonly cell: CellId;
  /** In oha's shape: times in seconds, null where there is nothing to say. */
  readonly json: OhaJson;
  /** KiB; null: unknown. */
  readonly memoryKb: number | null;
}

/** A cell that has no file, and why. */
export interface WithoutResult {
  readonly cell: CellId;
  readonly message: string;
}

/** The part of oha's JSON that can be made of a run. */
export interface OhaJson {
  readonly summary: Readonly<Record<string, number | null>>;
  readonly responseTimeHistogram: Readonly<Record<string, number>>;
  readonly latencyPercentiles: Readonly<Record<string, number | null>>;
  readonly firstBytePercentiles?: Readonly<Record<string, number | null>>;
  readonly statusCodeDistribution: Readonly<Record<string, number>>;
  readonly errorDistribution: Readonly<Record<string, number>>;
}

/**
 * The results of a run as the original suite would have written them: a cell's blocks pooled, without warm-up. Cells that the instrument
 * itself spoiled, or that were never driven, have none.
 */
export function originalResults(manifest: Manifest, trials: readonly TrialRecord[]) {
  const results: OriginalResult[] = [];
  const without: WithoutResult[] = [];
  for (const cell of analysedCells(manifest, trials)) {
    const { state, reason } = cell.standing;
    const loads = cell.standing.trials.flatMap(({ load }) => load ?? []);
    if (state === 'invalid' || loads.length === 0)
      without.push({ cell: cell.id, message: reason?.message ?? 'it was not driven' });
    else results.push({ cell: cell.id, json: ohaJson(cell, loads), memoryKb: memoryKb(cell) });
  }
  return { results, without };
}

/** One cell of the original suite's `summary.json`: latencies in milliseconds, memory in MiB. */
export interface OriginalFigures {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly rps: number | null;
  /** Answers of any status over those and connections that failed, 0 to 1, as oha has it. */
  readonly success: number | null;
  readonly memory_mb: number | null;
}

/** Its `summary.json`: target → scenario → level. */
export type OriginalSummary = Record<string, Record<string, Record<string, OriginalFigures>>>;

/** Only what is read of a result, which may also be one that the original suite wrote. */
export interface SummarisedResult {
  readonly cell: CellId;
  readonly json: {
    readonly summary: Readonly<Record<string, unknown>>;
    readonly latencyPercentiles: Readonly<Record<string, unknown>>;
  };
  readonly memoryKb: number | null;
}

/** Targets, then scenarios, then levels, in the order of the results. */
export function originalSummary(results: readonly SummarisedResult[]): OriginalSummary {
  const summary: OriginalSummary = {};
  for (const { cell, json, memoryKb: kb } of results) {
    const levels = ((summary[cell.target] ??= {})[originalScenario(cell)] ??= {});
    const [ms, figure] = [scaled(json.latencyPercentiles, 1000), scaled(json.summary, 1)];
    levels[cell.level.value] = {
      p50: ms('p50'),
      p90: ms('p90'),
      p99: ms('p99'),
      rps: figure('requestsPerSec'),
      success: figure('successRate'),
      memory_mb: kb === null ? null : kb / 1024,
    };
  }
  return summary;
}

function scaled(of: Readonly<Record<string, unknown>>, factor: number): (name: string) => number | null {
  return (name) => {
    const value = of[name];
    return typeof value === 'number' ? value * factor : null;
  };
}

/** The group of streams at once had a name of its own there. */
function originalScenario({ scenario, level }: CellId): string {
  if (level.kind === 'rps') return scenario;
  return scenario === 'concurrent-streams' ? 'concurrent' : `${scenario}-closed`;
}

function ohaJson({ streaming, standing }: AnalysedCell, loads: readonly LoadRecord[]): OhaJson {
  const statuses = addedUp(loads.map((load) => load.statuses));
  const errors = addedUp(loads.map((load) => withoutStatus(load)));
  const answered = sum(Object.values(statuses));
  const failed = sum(Object.entries(errors).flatMap(([kind, count]) => (kind === DEADLINE ? [] : [count])));
  const totalS = sum(loads.map(({ windowMs }) => windowMs)) / 1000;
  const bytes = sumIfKnown(loads.map((load) => load.bytes));
  // Behind a load that was not kept up with, latency is the length of the window.
  const latency = standing.state === 'saturated' ? null : pooled(loads.map(({ latencyUs }) => latencyUs));
  const firstByte =
    !streaming || standing.state === 'saturated' ? null : pooled(loads.flatMap(({ ttftUs }) => ttftUs ?? []));
  return {
    summary: {
      successRate: answered + failed === 0 ? null : answered / (answered + failed),
      total: totalS,
      slowest: latency?.quantileS(1) ?? null,
      fastest: latency?.quantileS(0) ?? null,
      average: latency?.meanS ?? null,
      requestsPerSec: achievedRps(standing.trials),
      totalData: bytes,
      sizePerRequest: bytes === null || answered === 0 ? null : Math.round(bytes / answered),
      sizePerSec: bytes === null ? null : bytes / totalS,
    },
    responseTimeHistogram: latency?.bars() ?? {},
    latencyPercentiles: percentiles(latency),
    ...(streaming ? { firstBytePercentiles: percentiles(firstByte) } : {}),
    statusCodeDistribution: statuses,
    errorDistribution: errors,
  };
}

/** What oha calls a request that was under way when time was up. */
const DEADLINE = 'aborted due to deadline';

/** As oha sees it an answer is an answer, whatever its status. */
function withoutStatus({ errors }: LoadRecord): Record<string, number> {
  return Object.fromEntries(
    Object.entries(errors).flatMap(([kind, count]) => {
      if (kind === 'status' || count === 0) return [];
      return [[kind === 'open' ? DEADLINE : kind, count]];
    }),
  );
}

function addedUp(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const added: Record<string, number> = {};
  for (const counts of all)
    for (const [name, count] of Object.entries(counts)) added[name] = (added[name] ?? 0) + count;
  return added;
}

interface Pooled {
  /** @param p 0 to 1 */
  readonly quantileS: (p: number) => number | null;
  readonly meanS: number | null;
  /** oha's histogram: eleven steps from the least to the most, each with the answers up to it. */
  readonly bars: () => Record<string, number>;
}

/** All trials together; where a driver gave no histograms, the median of what it said of each. Null when there is nothing. */
function pooled(distributions: readonly Distribution[]): Pooled | null {
  const histogram = mergeBlock(distributions);
  if (histogram !== null && histogram.length > 0) return ofHistogram(histogram);
  const said = { 0.5: 'p50', 0.9: 'p90', 0.99: 'p99', 0.999: 'p999', 1: 'max' } as const;
  const quantileS = (p: number): number | null => {
    const name = said[p as keyof typeof said];
    const values = name === undefined ? [] : distributions.flatMap(({ quantiles }) => quantiles[name] ?? []);
    return values.length === 0 ? null : medianOf(values) / 1e6;
  };
  return quantileS(0.5) === null ? null : { quantileS, meanS: null, bars: () => ({}) };
}

function ofHistogram(histogram: SparseHistogram): Pooled {
  const middles = pairs(histogram).map(([bucket, count]): [number, number] => {
    const { lowUs, widthUs } = bucketBounds(bucket);
    return [(lowUs + widthUs / 2) / 1e6, count];
  });
  const [least, most] = [middles[0]?.[0] ?? 0, middles.at(-1)?.[0] ?? 0];
  const bars = (): Record<string, number> => {
    const step = (most - least) / 10;
    const counts = Array.from({ length: 11 }, () => 0);
    for (const [value, count] of middles) {
      const bar = step === 0 ? 0 : Math.min(10, Math.ceil((value - least) / step - 1e-9));
      counts[bar] = (counts[bar] as number) + count;
    }
    return Object.fromEntries(counts.map((count, bar) => [String(least + bar * step), count]));
  };
  return {
    quantileS: (p) => (p === 0 ? least : quantileOf(histogram, p) / 1e6),
    meanS: sum(middles.map(([value, count]) => value * count)) / countOf(histogram),
    bars,
  };
}

const PERCENTILES = [10, 25, 50, 75, 90, 95, 99, 99.9, 99.99] as const;

function percentiles(of: Pooled | null): Record<string, number | null> {
  return Object.fromEntries(PERCENTILES.map((percent) => [`p${percent}`, of?.quantileS(percent / 100) ?? null]));
}

/** The median of the looks behind each block's load. */
function memoryKb({ standing }: AnalysedCell): number | null {
  const looks = standing.trials.flatMap(({ resources }) => resources?.memoryEndBytes ?? []);
  return looks.length === 0 ? null : Math.round(medianOf(looks) / 1024);
}

function pairs(histogram: SparseHistogram): [bucket: number, count: number][] {
  const all: [number, number][] = [];
  for (let i = 0; i + 1 < histogram.length; i += 2) all.push([histogram[i] as number, histogram[i + 1] as number]);
  return all;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
