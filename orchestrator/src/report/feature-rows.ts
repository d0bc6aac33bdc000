import { formatLevel } from '../record/cell.js';
import type { FeatureCost, Verdict } from '../record/summary.js';
import { formatBoundsMs, formatShiftMs, hasInterval } from './format.js';
import { VERDICT_SIGN } from './verdict-sign.js';

/** One feature of one gateway at a scenario and level, as a row to read. */
export interface FeatureRow {
  readonly feature: string;
  readonly gateway: string;
  /** By {@link FEATURE_FIGURES}; empty where there is nothing to compare. */
  readonly figures: readonly string[];
  /** How it was seen to work; or why there are no figures. */
  readonly remark: string;
}

/** The features of all gateways at one scenario and level. */
export interface FeatureTable {
  readonly at: string;
  readonly rows: readonly FeatureRow[];
}

export const FEATURE_TITLE = 'What features cost';

/** What the figures of a row are of. */
export const FEATURE_FIGURES: readonly string[] = ['p50 ms', 'p99 ms', 'CPU µs a request', 'memory MiB'];

/** What stands below the tables. */
export const FEATURE_LEGEND =
  'Each gateway with one feature more, against the same gateway as it is in the same blocks: difference with its 95 % interval. ▲ more, ▼ less, ' +
  '≈ no more than the gateway differs by from itself, which was measured twice. A feature was seen to work before the clock started, or has no figures.';

/** The name of the picture of a scenario and level, without look and ending. */
export function featurePictureName({ scenario, level }: Pick<FeatureCost, 'scenario' | 'level'>): string {
  return `features-${scenario}-${formatLevel(level).replaceAll(' ', '')}`;
}

const MIB = 2 ** 20;

type Judged = NonNullable<FeatureCost['cpuUsPerRequest']>;

/** The tables, in the order of the summary. */
export function featureTables(features: readonly FeatureCost[]): FeatureTable[] {
  const tables = new Map<string, FeatureRow[]>();
  for (const cost of features) {
    const at = `${cost.scenario} · ${formatLevel(cost.level)}`;
    const rows = tables.get(at) ?? [];
    tables.set(at, rows);
    rows.push(rowOf(cost));
  }
  return [...tables].map(([at, rows]) => ({ at, rows }));
}

/** A figure of a feature, as it is shown and sorted by. */
export interface FeatureFigure {
  /** `+0.310 [0.21, 0.42]`. */
  readonly text: string;
  readonly value: number;
  /** With the feature as a multiple of without. */
  readonly ratio: number;
  readonly verdict: Verdict;
}

/** What a feature costs, by {@link FEATURE_FIGURES}; null where it is not known. */
export function featureFigures({ addedUs, cpuUsPerRequest, memoryBytes }: FeatureCost): (FeatureFigure | null)[] {
  const inMs = (shift: Judged): string => `${formatShiftMs(shift.value)} ${formatBoundsMs(shift)}`.trim();
  const shown = (judged: Judged | null | undefined, text: (judged: Judged) => string): FeatureFigure | null =>
    judged === null || judged === undefined
      ? null
      : { text: text(judged), value: judged.value, ratio: judged.ratio.value, verdict: judged.verdict };
  return [
    shown(addedUs?.p50, inMs),
    shown(addedUs?.p99, inMs),
    shown(cpuUsPerRequest, (shift) => plain(shift, 1)),
    shown(memoryBytes, (shift) => plain(shift, MIB)),
  ];
}

/** Why a feature has no figures: `not offered: …`, `not proven: …`; empty where it has. */
export function featureAbsence({ state, reason }: FeatureCost): string {
  if (state === 'ok') return '';
  const words = { 'not-offered': 'not offered', absent: 'absent', failed: 'failed' } as const;
  return `${reason?.code === 'feature-unproved' ? 'not proven' : words[state]}: ${reason?.message ?? ''}`;
}

function rowOf(cost: FeatureCost): FeatureRow {
  const { feature, gateway, state, attested } = cost;
  if (state !== 'ok') return { feature, gateway, figures: [], remark: featureAbsence(cost) };
  const figures = featureFigures(cost).map((figure) =>
    figure === null ? '–' : `${figure.text} ${VERDICT_SIGN[figure.verdict]}`,
  );
  return { feature, gateway, figures, remark: attested?.by ?? '' };
}

function plain(judged: Judged, unit: number): string {
  const size = Math.max(Math.abs(judged.low), Math.abs(judged.high), Math.abs(judged.value)) / unit;
  const one = (value: number): string =>
    `${value < 0 ? '−' : ''}${Math.abs(value / unit).toFixed(size < 10 ? 2 : size < 100 ? 1 : 0)}`;
  const value = `${judged.value < 0 ? '' : '+'}${one(judged.value)}`;
  return hasInterval(judged) ? `${value} [${one(judged.low)}, ${one(judged.high)}]` : value;
}
