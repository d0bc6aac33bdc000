import type { FeatureCost } from '../record/summary.js';
import { FEATURE_FIGURES, featureTables } from './feature-rows.js';
import { escapeMarkdown, markdownTable } from './markdown-table.js';

/** What features cost as Markdown: a table a scenario and level, each below where it is of. */
export function featureMarkdown(costs: readonly FeatureCost[]): string[] {
  const words = (head: string) => ({ head, words: true });
  const heads = [
    words('feature'),
    words('gateway'),
    ...FEATURE_FIGURES.map((head) => ({ head })),
    words('seen to work'),
  ];
  return featureTables(costs).flatMap(({ at, rows }) => [
    `**${escapeMarkdown(at)}**`,
    markdownTable(
      heads,
      rows.map(({ feature, gateway, figures, remark }) => [
        feature,
        gateway,
        ...FEATURE_FIGURES.map((_, i) => figures[i] ?? ''),
        remark,
      ]),
    ),
  ]);
}
