import { type CellCurves, curvesOf, TAIL_STEP } from '../analyse/curves.js';
import { soakOf } from '../analyse/soak.js';
import { cellKey } from '../record/cell.js';
import type { Manifest } from '../record/manifest.js';
import type { StoredRun } from '../record/run-directory.js';
import type { CellSummary, QuantileName } from '../record/summary.js';
import type { Chart, Line, Lines, OnLine } from './charts/chart.js';
import { type LevelRows, type ReportModel, type ScenarioRows, stateText } from './model.js';
import { chartsOverLevels } from './page-panels.js';
import { soakCharts } from './soak-charts.js';

/** Draws the charts of scenarios of one run. */
export type ChartsOf = (scenario: ScenarioRows) => Chart[];

/** Where each quantile lies along log₁₀ of 1/(1−p). */
const TAIL_AT = { p50: Math.log10(2), p90: 1, p99: 2, p999: 3 } as const;
const MIB = 1024 ** 2;
/** Points of a line over time: more are no more to be told apart on any screen, and a soak of a day has them by the ten thousands. */
const MOST_POINTS = 1200;

/**
 * The charts of a run's page, from its summary and the histograms and samples of its trials: of each scenario first those over its levels,
 * then those of each level.
 */
export function chartsOf(model: ReportModel, run: StoredRun): ChartsOf {
  const { manifest, trials } = run;
  const soak = soakOf(run);
  const soaked = soak === null ? [] : soakCharts(soak, trials, model.targets);
  const curves = new Map(curvesOf(manifest, trials).map((cell) => [cellKey(cell), cell]));
  return (scenario) => [
    ...chartsOverLevels(model, scenario, manifest),
    ...scenario.levels.flatMap((level) => {
      const own = level.rows.map((row) => ({ row, curves: curves.get(cellKey(row)) ?? null }));
      const at: AtLevel = { model, manifest, level, cells: own };
      const grown = soaked.filter((one) => one.scenario === scenario.scenario && one.chart.level === level.label);
      return [...grown.map(({ chart }) => chart), tail(at), path(at), overTime(at), cpu(at), memory(at)];
    }),
  ];
}

/** What a chart of one level is made from. */
interface AtLevel {
  readonly model: ReportModel;
  readonly manifest: Manifest;
  readonly level: LevelRows;
  readonly cells: readonly { readonly row: CellSummary; readonly curves: CellCurves | null }[];
}

function tail({ model, level, cells }: AtLevel): Chart {
  const lines = cells.flatMap(({ row, curves }) =>
    curves === null || curves.tailUs.length === 0
      ? []
      : [{ target: indexIn(model, row), part: '' as const, ys: curves.tailUs.map(inMs) }],
  );
  const figures = cells.flatMap(({ row }): OnLine[] =>
    row.state !== 'ok'
      ? []
      : (Object.keys(TAIL_AT) as QuantileName[]).flatMap((name) => {
          const figure = row.latencyUs[name];
          if (figure === undefined) return [];
          const [y, low, high] = [figure.value, figure.low, figure.high].map(inMs) as [number, number, number];
          return [{ target: indexIn(model, row), x: TAIL_AT[name], y, low, high, about: `${name}, ${basisText(row)}` }];
        }),
  );
  return {
    key: 'tail',
    title: 'Latency over quantiles',
    sentence:
      'How long the slowest tenth, hundredth and thousandth took, each decade as wide as the one before. A line ends where fewer than ten ' +
      'requests lie beyond it; the marks are the figures of the tables with their 95 % intervals.',
    level: level.label,
    drawing: drawn({ along: 'tail', unit: 'ms', log: true, step: TAIL_STEP, lines, figures }),
    lacks: withoutFigures(cells, lines, model),
  };
}

function path({ model, manifest, level, cells }: AtLevel): Chart {
  const bars = cells.flatMap(({ row, curves }) => {
    const [to, back] = [row.perRequest?.requestPathUs?.p50, row.perRequest?.responsePathUs?.p50];
    const held = curves?.heldUs ?? null;
    if (row.state !== 'ok' || to === undefined || back === undefined || held === null) return [];
    return [{ target: indexIn(model, row), values: [to.value, held, back.value].map(inMs), basis: basisText(row) }];
  });
  const joined = cells.some(({ row }) => row.perRequest !== undefined);
  const why =
    manifest.driver === 'oha'
      ? 'The driver oha keeps no record of each request that the mock’s could be joined with; --driver native does.'
      : joined
        ? 'Driver and mock did not read one clock, so that only sums are known.'
        : 'The requests were not joined with what the mock saw of them.';
  return {
    key: 'path',
    title: 'Where a request’s time goes',
    sentence:
      'Medians of the way to the mock, of what the mock held a request, and of the way back, from the records that driver and mock keep of ' +
      'the same request. Each part is a median of its own: together they are near the median of the whole, not equal to it.',
    level: level.label,
    drawing:
      bars.length === 0 ? null : { kind: 'stack', unit: 'ms', parts: ['to the mock', 'in the mock', 'back'], bars },
    lacks: bars.length === 0 ? [why] : withoutFigures(cells, bars, model),
  };
}

function overTime({ model, manifest, level, cells }: AtLevel): Chart {
  const stride = Math.max(1, Math.round(manifest.measureMs / 1000));
  const lines = cells.flatMap(({ row, curves }) =>
    (['p50', 'p90', 'p99'] as const).flatMap((part) => {
      const ys = alongBlocks(curves, stride, ({ seconds }) =>
        seconds.map((second) => nullable(second[`${part}Us`], inMs)),
      );
      return ys.every((y) => y === null) ? [] : [{ target: indexIn(model, row), part, ys }];
    }),
  );
  const step = secondsAPoint(lines);
  return {
    key: 'time',
    title: 'Latency second by second',
    sentence:
      'Each second of the measured windows by itself, one block behind the other, so that drift and hiccups are seen. A quantile is left out of ' +
      `a second that had too few requests for it.${coarseText(step)}`,
    level: level.label,
    drawing: drawn({
      along: 'window',
      unit: 'ms',
      log: true,
      step,
      lines: coarser(lines, step),
      begins: blockBegins(cells, stride),
    }),
    lacks: withoutFigures(cells, lines, model),
  };
}

function cpu({ model, manifest, level, cells }: AtLevel): Chart {
  return used({
    key: 'cpu-time',
    title: 'CPU over time',
    sentence:
      'CPU that the whole process tree or container took, in cores, from each trial’s start: warm-up first, then the measured window.',
    unit: 'cores',
    of: ({ cores }) => cores,
    limit: ({ cpus }) => cpus,
    at: { model, manifest, level, cells },
  });
}

function memory({ model, manifest, level, cells }: AtLevel): Chart {
  return used({
    key: 'memory-time',
    title: 'Memory over time',
    sentence:
      'What the whole process tree or container held, from each trial’s start: warm-up first, then the measured window.',
    unit: 'MiB',
    of: ({ memoryBytes }) => nullable(memoryBytes, (bytes) => bytes / MIB),
    limit: ({ memoryBytes }) => nullable(memoryBytes, (bytes) => bytes / MIB),
    at: { model, manifest, level, cells },
  });
}

interface Used {
  readonly key: string;
  readonly title: string;
  readonly sentence: string;
  readonly unit: 'cores' | 'MiB';
  readonly of: (use: CellCurves['blocks'][number]['use'][number]) => number | null;
  readonly limit: (limits: Manifest['targets'][number]['limits']) => number | null;
  readonly at: AtLevel;
}

function used({ key, title, sentence, unit, of, limit, at: { model, manifest, level, cells } }: Used): Chart {
  const longest = Math.max(1, ...cells.flatMap(({ curves }) => curves?.blocks.map(({ use }) => use.length) ?? []));
  const lines = cells.flatMap(({ row, curves }) => {
    const ys = alongBlocks(curves, longest, ({ use }) => use.map((one) => nullable(of(one), short)));
    return ys.every((y) => y === null) ? [] : [{ target: indexIn(model, row), part: '' as const, ys }];
  });
  const limits = limitsOf(model, manifest, lines, limit, unit);
  const step = secondsAPoint(lines);
  return {
    key,
    title,
    sentence: `${sentence}${limits.length === 0 ? ' No limit was in force.' : ' Dashed: the limit that was in force.'}${coarseText(step)}`,
    level: level.label,
    drawing: drawn({
      along: 'watch',
      unit,
      log: unit === 'MiB',
      step,
      lines: coarser(lines, step),
      limits,
      begins: blockBegins(cells, longest),
    }),
    lacks: withoutSamples(cells, lines, model, manifest),
  };
}

/** One line for all where all have the same limit. */
function limitsOf(
  { targets }: ReportModel,
  manifest: Manifest,
  lines: readonly { readonly target: number }[],
  limit: Used['limit'],
  unit: Used['unit'],
): Lines['limits'] {
  const own = lines.flatMap(({ target }) => {
    const limits = manifest.targets.find(({ name }) => name === targets[target])?.limits;
    const y = limits?.enforced === true ? limit(limits) : null;
    return y === null ? [] : [{ target, y, label: `limit ${short(y)} ${unit}` }];
  });
  const [first] = own;
  const isOne = own.length === lines.length && own.every(({ y }) => y === first?.y);
  return isOne && first !== undefined ? [{ ...first, target: null }] : own;
}

/** Blocks one behind the other, `stride` seconds each, from the first that anybody was measured in. */
function alongBlocks(
  curves: CellCurves | null,
  stride: number,
  of: (block: CellCurves['blocks'][number]) => readonly (number | null)[],
): (number | null)[] {
  const blocks = curves?.blocks ?? [];
  const last = Math.max(0, ...blocks.map(({ block }) => block));
  const ys = Array.from({ length: last * stride }, (): number | null => null);
  for (const block of blocks)
    for (const [second, y] of of(block).slice(0, stride).entries()) ys[(block.block - 1) * stride + second] = y;
  return ys;
}

function blockBegins(cells: AtLevel['cells'], stride: number): Lines['begins'] {
  const last = Math.max(0, ...cells.flatMap(({ curves }) => curves?.blocks.map(({ block }) => block) ?? []));
  return Array.from({ length: last }, (_, i) => ({ x: i * stride, label: `block ${i + 1}` }));
}

/** So many seconds make a point, that no line has more than {@link MOST_POINTS}. */
function secondsAPoint(lines: readonly Line[]): number {
  return Math.max(1, Math.ceil(Math.max(0, ...lines.map(({ ys }) => ys.length)) / MOST_POINTS));
}

/** The highest of each stretch of seconds: a spike is what is looked for, and must not fall out. */
function coarser(lines: readonly Line[], seconds: number): readonly Line[] {
  if (seconds === 1) return lines;
  return lines.map((line) => ({
    ...line,
    ys: Array.from({ length: Math.ceil(line.ys.length / seconds) }, (_, i) => {
      const known = line.ys.slice(i * seconds, (i + 1) * seconds).filter((y) => y !== null);
      return known.length === 0 ? null : Math.max(...known);
    }),
  }));
}

function coarseText(seconds: number): string {
  return seconds === 1 ? '' : ` Each point is the highest of ${seconds} seconds.`;
}

function drawn(lines: Pick<Lines, 'along' | 'unit' | 'log' | 'step' | 'lines'> & Partial<Lines>): Lines | null {
  return lines.lines.length === 0 ? null : { kind: 'lines', from: 0, figures: [], begins: [], limits: [], ...lines };
}

function withoutFigures(
  cells: AtLevel['cells'],
  shown: readonly { readonly target: number }[],
  model: ReportModel,
): string[] {
  return cells
    .filter(({ row }) => !shown.some(({ target }) => target === indexIn(model, row)))
    .map(({ row }) => `${row.target}: ${row.state === 'ok' ? 'too few requests, or not recorded' : stateText(row)}`);
}

function withoutSamples(
  cells: AtLevel['cells'],
  shown: readonly { readonly target: number }[],
  model: ReportModel,
  { runtime }: Manifest,
): string[] {
  const missing = cells.filter(({ row }) => !shown.some(({ target }) => target === indexIn(model, row)));
  return missing.map(({ row }) => `${row.target}: the runtime ${runtime} could not watch it, or it did not run here`);
}

function indexIn({ targets }: ReportModel, { target }: CellSummary): number {
  return targets.indexOf(target);
}

function basisText({ requests, blocks }: CellSummary): string {
  return `${requests} requests in ${blocks} ${blocks === 1 ? 'block' : 'blocks'}`;
}

function inMs(us: number): number {
  return short(us / 1000);
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}

function nullable<T>(value: number | null, of: (known: number) => T): T | null {
  return value === null ? null : of(value);
}
