import type { Comparison } from '../record/comparison.js';
import { comparisonPageModel, type PageChange, type PageChanges, type ShownGate } from './comparison-page-model.js';
import { escapeMarkup as escape } from './escape-markup.js';
import { pageOf } from './page-document.js';

/**
 * A comparison as one page that needs nothing else: its answer, its changes to choose, sort and draw, and below them as tables for a reader without
 * scripts.
 * @throws {BenchError} `page-not-built` where the script of the page was never bundled
 */
export function renderComparisonHtml(comparison: Comparison, gate: ShownGate | null): string {
  const model = comparisonPageModel(comparison, gate);
  const anchors = [
    ['figures', 'All figures'],
    ['reading', 'How to read this'],
  ].map(([id, text]) => `<a href="#${id}">${text}</a>`);
  return pageOf({
    title: comparison.conduct === undefined ? 'What changed' : 'What changed in conduct',
    id: model.run,
    subtitle: model.sides.join(' · '),
    contents: `<nav>${anchors.join(' · ')}</nav>`,
    noScript: [
      model.tally,
      ...model.answer,
      'What can be chosen and drawn needs scripts; all figures stand in the tables below.',
    ].join(' '),
    model,
    place: 'file',
    below: `<section id="figures"><h2>All figures</h2>
${model.figures.map(table).join('\n')}</section>
<section id="reading"><h2>How to read this</h2><p>${escape(model.howToRead)}</p></section>`,
  });
}

function table({ title, key, rows }: PageChanges): string {
  const heads = ['a', 'b', 'change', 'verdict'].map((head) => `<th scope="col" class="words">${head}</th>`).join('');
  return `<h3>${escape(title)} <span class="muted">${escape(key)}</span></h3>
<div class="wide places" tabindex="0"><table><thead><tr><th></th>${heads}</tr></thead><tbody>${rows.map(line).join('')}</tbody></table></div>`;
}

function line({ cell, a, b, change, verdict, verdictText }: PageChange): string {
  const figures = [a, b, change].map((text) => `<td class="words plain">${escape(text)}</td>`).join('');
  return `<tr><th scope="row">${escape(cell)}</th>${figures}<td class="words plain ${verdict}">${escape(verdictText)}</td></tr>`;
}
