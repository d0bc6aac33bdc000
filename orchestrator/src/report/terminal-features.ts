import Table from 'cli-table3';
import type { FeatureCost } from '../record/summary.js';
import { FEATURE_FIGURES, FEATURE_LEGEND, FEATURE_TITLE, type FeatureRow, featureTables } from './feature-rows.js';
import type { Paint, TerminalStyle } from './terminal-style.js';
import { wrap } from './wrap.js';

/** What the variants of a run cost: a table a level, and below it what has no figures, with its reason. */
export function featureLines(features: readonly FeatureCost[], { columns }: TerminalStyle, paint: Paint): string[] {
  if (features.length === 0) return [];
  return [
    '',
    paint.bold(FEATURE_TITLE),
    ...featureTables(features).flatMap(({ at, rows }) => [
      '',
      at,
      ...tableOf(rows.filter(({ figures }) => figures.length > 0)),
      ...rows
        .filter(({ figures }) => figures.length === 0)
        .flatMap(({ feature, gateway, remark }) =>
          wrap(`${feature}, ${gateway}: ${remark}`, columns - 2).map((line, i) => `${i === 0 ? '  ' : '    '}${line}`),
        ),
    ]),
    ...wrap(FEATURE_LEGEND, columns).map((line) => paint.dim(line)),
  ];
}

function tableOf(rows: readonly FeatureRow[]): string[] {
  if (rows.length === 0) return [];
  const table = new Table({
    head: ['feature', 'gateway', ...FEATURE_FIGURES],
    style: { head: [], border: [], compact: true },
  });
  for (const { feature, gateway, figures } of rows) table.push([feature, gateway, ...figures]);
  return table.toString().split('\n');
}
