import type { FeatureCost, Summary } from '../record/summary.js';
import { escapeMarkup as escape } from './escape-markup.js';
import { FEATURE_FIGURES, FEATURE_LEGEND, FEATURE_TITLE, featureTables } from './feature-rows.js';
import { NEIGHBOUR_LEGEND, NEIGHBOUR_TITLE, neighbourTables } from './neighbour-rows.js';
import { SESSION_LEGEND, SESSION_TITLE, sessionTables, type TrafficTable } from './session-rows.js';

/** What features cost, for a reader without scripts; empty without any. */
export function featureSection(costs: readonly FeatureCost[]): string {
  const heads = ['feature', 'gateway', ...FEATURE_FIGURES, 'seen to work by, or why there are no figures'];
  const tables = featureTables(costs).map(({ at, rows }) => ({
    at,
    heads,
    notes: [],
    rows: rows.map(({ feature, gateway, figures, remark }) => [
      feature,
      gateway,
      ...FEATURE_FIGURES.map((_, i) => figures[i] ?? '–'),
      remark,
    ]),
  }));
  return section(FEATURE_TITLE, FEATURE_LEGEND, tables);
}

/** The latency of sessions by turn, and of neighbours; empty of a run without any. */
export function trafficSections(summary: Summary): string {
  return [
    section(SESSION_TITLE, SESSION_LEGEND, sessionTables(summary)),
    section(NEIGHBOUR_TITLE, NEIGHBOUR_LEGEND, neighbourTables(summary)),
  ].join('');
}

function section(title: string, legend: string, tables: readonly TrafficTable[]): string {
  if (tables.length === 0) return '';
  return `<section><h2>${escape(title)}</h2><p class="muted">${escape(legend)}</p>${tables.map(wideTable).join('\n')}</section>`;
}

/** A table with what it is of above it; the first cell of a row is its head. */
function wideTable({ at, heads, rows, notes }: TrafficTable): string {
  const lines = rows.map(([first = '', ...cells]) => {
    const figures = cells.map((cell) => `<td class="words plain">${escape(cell)}</td>`).join('');
    return `<tr><th scope="row">${escape(first)}</th>${figures}</tr>`;
  });
  return `<h3>${escape(at)}</h3>
<div class="wide places" tabindex="0"><table><thead><tr>${heads.map((head) => `<th scope="col" class="words">${escape(head)}</th>`).join('')}</tr></thead><tbody>${lines.join('')}</tbody></table></div>${notes.map((note) => `<p class="muted">${escape(note)}</p>`).join('')}`;
}
