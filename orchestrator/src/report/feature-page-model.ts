import { formatLevel } from '../record/cell.js';
import type { FeatureCost, Verdict } from '../record/summary.js';
import { FEATURE_FIGURES, FEATURE_LEGEND, featureAbsence, type FeatureFigure, featureFigures } from './feature-rows.js';
import { type Colour, colourOf } from './target-colour.js';

/** One feature of one gateway, with what opens at its figures. */
export interface PageFeature {
  readonly feature: string;
  readonly gateway: string;
  /** The variant that was measured. */
  readonly target: string;
  readonly colour: Colour;
  /** By the heads of the matrix. */
  readonly figures: readonly ((FeatureFigure & { readonly words: string }) | null)[];
  /** Why there are no figures; empty where there are. */
  readonly absent: string;
  /** How it was seen to work, what the figures rest on, and what they say in words. */
  readonly evidence: readonly string[];
  /** Asks for the same again. */
  readonly command: string;
}

/** The matrix of what features cost. */
export interface PageFeatures {
  readonly heads: readonly string[];
  readonly legend: string;
  readonly levels: readonly { readonly at: string; readonly rows: readonly PageFeature[] }[];
}

const WORDS: Readonly<Record<Verdict, string>> = {
  above: '▲ more',
  below: '▼ less',
  'within-noise': '≈ cannot be told',
};

/** What the page shows of features; null for a run without any. */
export function featurePageModel(features: readonly FeatureCost[]): PageFeatures | null {
  if (features.length === 0) return null;
  const places = [...new Set(features.map(placeOf))];
  return {
    heads: FEATURE_FIGURES,
    legend: FEATURE_LEGEND,
    levels: places.map((at) => ({ at, rows: features.filter((cost) => placeOf(cost) === at).map(rowOf) })),
  };
}

function placeOf({ scenario, level }: FeatureCost): string {
  return `${scenario} · ${formatLevel(level)}`;
}

function rowOf(cost: FeatureCost): PageFeature {
  const { feature, gateway, target } = cost;
  const figures = featureFigures(cost).map((figure) =>
    figure === null ? null : { ...figure, words: WORDS[figure.verdict] },
  );
  const absent = featureAbsence(cost);
  return {
    feature,
    gateway,
    target,
    colour: colourOf(gateway),
    figures: absent === '' ? figures : [],
    absent,
    evidence: evidenceOf(cost, figures),
    command: `crabllm-bench --group features --gateways ${gateway} --variants ${feature}`,
  };
}

function evidenceOf(
  { gateway, target, attested, state, blocks }: FeatureCost,
  figures: readonly ((FeatureFigure & { readonly words: string }) | null)[],
): string[] {
  const proof =
    attested === undefined
      ? state === 'ok'
        ? 'It is no feature of the catalogue, and nothing proves that it works: what it costs is what the variant costs.'
        : 'Nothing proved that it works, so that nothing of it is counted.'
      : `Seen to work before the clock started: ${attested.by}.`;
  const seen = Object.entries(attested?.evidence ?? {}).map(([name, value]) => `${name} ${value}`);
  if (state !== 'ok') return [proof, ...(seen.length === 0 ? [] : [`What was seen: ${seen.join(', ')}.`])];
  return [
    proof,
    ...(seen.length === 0 ? [] : [`What was seen: ${seen.join(', ')}.`]),
    `${target} against ${gateway} as it is, which is measured twice, within each of ${blocks} ${blocks === 1 ? 'block' : 'blocks'}: what it differs by from itself is no cost.`,
    ...FEATURE_FIGURES.map((head, i) => {
      const figure = figures[i];
      return figure === null || figure === undefined
        ? `${head}: not known, or of more requests than a block has.`
        : `${head}: ${figure.text}, ${figure.words.slice(2)}${figure.verdict === 'within-noise' ? ' from what the gateway differs by from itself' : ''}.`;
    }),
  ];
}
