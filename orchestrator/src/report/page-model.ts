import { capitalised } from '../capitalised.js';
import type { CellSummary, Finding, OverheadKind, Ranking, Summary, Verdict } from '../record/summary.js';
import { formatLevel } from '../record/cell.js';
import { soakOf } from '../analyse/soak.js';
import { answerSentences } from './answer-text.js';
import { featurePageModel, type PageFeatures } from './feature-page-model.js';
import { soakText } from './soak-text.js';
import { formatAtMostMs, formatBoundsMs, formatMiB, formatMs, formatNumber, formatShiftMs } from './format.js';
import { askedRps, basisOf, type LevelRows, type ReportModel, reportModel, stateText } from './model.js';
import { addedFloorUs, OVERHEAD_NAME, overheadKinds, overheadOf } from './overhead-kinds.js';
import type { StoredRun } from '../record/run-directory.js';
import type { Chart } from './charts/chart.js';
import { commandOf } from './command-line.js';
import { chartsOf } from './page-charts.js';
import { sentenceOf } from './page-sentence.js';
import { type PageTarget, pageTarget } from './page-targets.js';
import { type Colour, colourOf } from './target-colour.js';
import { LETTERS, LETTERS_BY } from './places.js';
import { VERDICT_SIGN } from './verdict-sign.js';

/** The quantiles that an overhead is judged at. */
export const PAGE_QUANTILES = ['p50', 'p90', 'p99'] as const;
export type PageQuantile = (typeof PAGE_QUANTILES)[number];

/** A figure as it is shown, and what it is sorted by. */
export interface PageFigure {
  readonly text: string;
  readonly value: number;
}

/** A figure with the bounds of its 95 % interval, as numbers for whoever takes them away. */
export interface PageEstimate extends PageFigure {
  readonly low: number;
  readonly high: number;
}

/** What a target adds to `direct`: the words, the interval, and what the one judge said. */
export interface PageOverhead extends PageEstimate {
  /** `[0.612, 0.868]`; empty without an interval. */
  readonly bounds: string;
  readonly verdict: Verdict;
  /** As a multiple of direct's own: `2.47 × [1.90, 3.21]`. */
  readonly ratio: string;
}

/** A target held against a gateway that was chosen as baseline: judged when the run was, never in the browser. */
export interface PageAgainst extends PageFigure {
  readonly told: boolean;
}

/** One target at one scenario and level. */
export interface PageRow {
  readonly target: string;
  readonly colour: Colour;
  /** In plain words what a reader should take home. */
  readonly sentence: string;
  /** Why there are no figures; empty where there are. */
  readonly state: string;
  readonly adds: Readonly<Partial<Record<PageQuantile, PageOverhead>>>;
  /** Why nothing stands in `adds`, by quantile; a row without any figure says it in `state`. */
  readonly absent: Readonly<Partial<Record<PageQuantile, string>>>;
  readonly latency: Readonly<Partial<Record<PageQuantile, PageEstimate>>>;
  /** Letters by quantile: who shares one cannot be told apart. */
  readonly place: Readonly<Partial<Record<PageQuantile, PageFigure>>>;
  /** What the row rests on. */
  readonly requests: number;
  readonly blocks: number;
  readonly achieved: PageFigure | null;
  readonly memory: PageFigure | null;
  readonly cpu: PageFigure | null;
  /** By baseline, by quantile. */
  readonly against: Readonly<Record<string, Readonly<Partial<Record<PageQuantile, PageAgainst>>>>>;
  /** Places in {@link PageModel.findings} of what speaks against, or about, this row's figures. */
  readonly findings: readonly number[];
}

/** All targets at one scenario and level. */
export interface PageLevel {
  readonly label: string;
  /** What the figures rest on: `9 blocks of 167 requests`. */
  readonly basis: string;
  readonly noiseFloor: string;
  /** `per-request overhead` or `quantile shift`: what is meant by "adds" here. */
  readonly by: string;
  readonly rows: readonly PageRow[];
  readonly findings: readonly number[];
}

/** A finding as it opens at its figure. */
export interface PageFinding {
  readonly severity: Finding['severity'];
  readonly about: string;
  readonly message: string;
}

/** Everything that the interactive part of `report.html` shows. All words and figures are made here; the page only displays them. */
export interface PageModel {
  /** The run's id. */
  readonly run: string;
  readonly question: string;
  /** What a reader of ten seconds takes home; empty for a pair, whose differences stand below. */
  readonly answer: string;
  /** Of a soak whether memory grew, a line a target. */
  readonly soak: readonly string[];
  /** What the signs of the table are, in a line. */
  readonly legend: string;
  /** How far to trust the run, in a line. */
  readonly trust: string;
  readonly targets: readonly PageTarget[];
  /** The command that asks for the same again. */
  readonly repeat: string;
  readonly scenarios: readonly {
    readonly scenario: string;
    readonly levels: readonly PageLevel[];
    readonly charts: readonly Chart[];
  }[];
  /** What features cost; null for a run without any. */
  readonly features: PageFeatures | null;
  readonly findings: readonly PageFinding[];
  /** Of the whole run. */
  readonly runFindings: readonly number[];
}

/**
 * What the page shows: its first screen from the summary alone, its charts from the records too.
 * @param ruler what the instrument can tell apart, in a sentence
 */
export function pageModel(summary: Summary, ruler: string, run: StoredRun): PageModel {
  const model = reportModel(summary);
  const charts = chartsOf(model, run);
  return {
    run: summary.run.id,
    question: 'What does each gateway add to a request, compared with asking the provider directly?',
    answer: answerOf(summary, model),
    soak: soakOf(run)?.growth.map((growth) => soakText(growth)) ?? [],
    legend: legendOf(),
    trust: trustOf(summary, ruler),
    targets: model.targets.map((name) =>
      pageTarget(run.manifest, name, model.absentTargets.find(({ target }) => target === name)?.message ?? ''),
    ),
    repeat: commandOf(summary.run.options),
    scenarios: model.scenarios.map((rows) => ({
      scenario: rows.scenario,
      levels: rows.levels.map((level) => levelOf(summary, model, rows.scenario, level)),
      charts: charts(rows),
    })),
    features: featurePageModel(summary.features ?? []),
    findings: summary.findings.map(({ severity, target, scenario, level, message }) => ({
      severity,
      about: [target, scenario, level === null ? null : formatLevel(level)].filter((part) => part !== null).join(' '),
      message,
    })),
    runFindings: indicesOf(summary, ({ target, scenario, level }) => (target ?? scenario ?? level) === null),
  };
}

function answerOf(summary: Summary, model: ReportModel): string {
  if ((summary.paired ?? []).length > 0) return '';
  const text = answerSentences(summary, model).join(' ');
  return capitalised(text);
}

function legendOf(): string {
  const { above, below, 'within-noise': alike } = VERDICT_SIGN;
  return (
    `[ ] 95 % interval · ${above} above, ${below} below, ${alike} not to be told from what is compared with · ` +
    `place: ${LETTERS}; ${LETTERS_BY}`
  );
}

function trustOf({ run }: Summary, ruler: string): string {
  const { planned, done } = run.blocks;
  const blocks = done < planned ? `Only ${done} of ${planned} blocks were measured. ` : '';
  return `${blocks}${ruler}`.trim();
}

function levelOf(summary: Summary, { memory }: ReportModel, scenario: string, level: LevelRows): PageLevel {
  const kinds = overheadKinds(level.rows);
  return {
    label: level.label,
    basis: basisOf(level) ?? '',
    noiseFloor: floorOf(level, kinds),
    by: kinds.map((kind) => OVERHEAD_NAME[kind]).join(', or '),
    rows: level.rows.map((cell) => rowOf(summary, level, cell, kinds, memory)),
    findings: indicesOf(
      summary,
      (finding) => finding.target === null && finding.scenario === scenario && isAt(finding, level.label),
    ),
  };
}

function floorOf(level: LevelRows, [kind = 'quantile-shift']: readonly OverheadKind[]): string {
  const [p50Us, p99Us] = [addedFloorUs(kind, level, 'p50'), addedFloorUs(kind, level, 'p99')];
  if (p50Us === null) return '';
  return `${formatMs(p50Us)} ms at p50${p99Us === null ? '' : `, ${formatMs(p99Us)} ms at p99`}`;
}

function rowOf(
  summary: Summary,
  level: LevelRows,
  cell: CellSummary,
  kinds: readonly OverheadKind[],
  memory: ReportModel['memory'],
): PageRow {
  const adds = byQuantile((quantile) => (cell.state === 'ok' ? overhead(cell, kinds, quantile) : null));
  const { target, achievedRps, memoryPeakBytes, cpuUsPerRequest } = cell;
  const asked = askedRps(cell);
  const rate = (): PageFigure | null => {
    if (achievedRps === null) return null;
    const text = asked === null ? formatNumber(achievedRps) : `${formatNumber(achievedRps)} of ${formatNumber(asked)}`;
    return { text, value: achievedRps };
  };
  return {
    target,
    colour: colourOf(target),
    sentence: sentenceOf(level, cell),
    state: stateText(cell),
    adds,
    absent: byQuantile((quantile) => (adds[quantile] === undefined ? absenceOf(level, cell) : null)),
    latency: byQuantile((quantile) => {
      const latency = cell.state === 'ok' ? cell.latencyUs[quantile] : undefined;
      if (latency === undefined) return null;
      const { value, low, high } = latency;
      return { text: formatMs(value), value, low, high };
    }),
    place: byQuantile((quantile) => placeOf(level.rankings, quantile, target)),
    requests: cell.requests,
    blocks: cell.blocks,
    achieved: rate(),
    memory:
      memoryPeakBytes === null
        ? null
        : { text: `${formatMiB(memoryPeakBytes)}${memory === 'peak' ? '' : ' (one look)'}`, value: memoryPeakBytes },
    cpu: cpuUsPerRequest === null ? null : { text: formatNumber(cpuUsPerRequest), value: cpuUsPerRequest },
    against: againstOf(level.rankings, target),
    findings: indicesOf(
      summary,
      (finding) =>
        finding.target === target &&
        (finding.scenario === null || finding.scenario === cell.scenario) &&
        isAt(finding, level.label),
    ),
  };
}

function overhead(cell: CellSummary, kinds: readonly OverheadKind[], quantile: PageQuantile): PageOverhead | null {
  const shown = kinds.map((kind) => ({ kind, overhead: overheadOf(cell, kind, quantile) })).find((one) => one.overhead);
  if (shown === undefined || shown.overhead === null) return null;
  const { estimate, verdict } = shown.overhead;
  const judged = shown.kind === 'per-request' ? cell.perRequest?.shiftUs?.[quantile] : cell.overheadUs?.[quantile];
  return {
    text: verdict === 'within-noise' ? formatAtMostMs(estimate) : formatShiftMs(estimate.value),
    value: estimate.value,
    low: estimate.low,
    high: estimate.high,
    bounds: formatBoundsMs(estimate),
    verdict,
    ratio: judged === undefined ? '' : timesText(judged.ratio),
  };
}

function absenceOf({ rows }: LevelRows, { target, state }: CellSummary): string | null {
  if (state !== 'ok') return null;
  if (target === 'direct') return 'baseline';
  return rows.some((row) => row.target === 'direct' && row.state === 'ok')
    ? 'too few requests'
    : 'direct has no figure';
}

function placeOf(rankings: readonly Ranking[], quantile: PageQuantile, target: string): PageFigure | null {
  const ranking = rankings.find((one) => one.quantile === quantile && one.places.length > 1);
  const index = ranking?.places.findIndex((place) => place.target === target) ?? -1;
  const place = ranking?.places[index];
  return place === undefined ? null : { text: place.letters, value: index };
}

/** Every pair stands in the summary once, the faster one first; the other way round its ratio is turned over. */
function againstOf(rankings: readonly Ranking[], target: string): PageRow['against'] {
  const found: Record<string, Partial<Record<PageQuantile, PageAgainst>>> = Object.create(null);
  for (const { quantile, pairs } of rankings)
    for (const { faster, slower, ratio, told } of pairs) {
      if (faster !== target && slower !== target) continue;
      const turned = { value: 1 / ratio.value, low: 1 / ratio.high, high: 1 / ratio.low };
      const [other, shown] = slower === target ? [faster, ratio] : [slower, turned];
      found[other] = { ...found[other], [quantile]: { text: timesText(shown), value: shown.value, told } };
    }
  return found;
}

function timesText({ value, low, high }: { value: number; low: number; high: number }): string {
  const times = (ratio: number): string => (ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(3));
  return `${times(value)} × [${times(low)}, ${times(high)}]`;
}

function byQuantile<T>(of: (quantile: PageQuantile) => T | null): Partial<Record<PageQuantile, T>> {
  const entries = PAGE_QUANTILES.map((quantile) => [quantile, of(quantile)] as const);
  return Object.fromEntries(entries.filter(([, figure]) => figure !== null));
}

function indicesOf({ findings }: Summary, concerns: (finding: Finding) => boolean): number[] {
  return [...findings.keys()].filter((index) => concerns(findings[index] as Finding));
}

function isAt({ level }: Finding, label: string): boolean {
  return level === null || formatLevel(level) === label;
}
