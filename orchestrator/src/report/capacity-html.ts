import type { SearchStep } from '../analyse/capacity.js';
import type { Capacity } from '../record/capacity.js';
import type { Manifest } from '../record/manifest.js';
import { capacityPageModel } from './capacity-page-model.js';
import { capacityTables, type CapacityTable, capacityTitle } from './capacity-rows.js';
import { escapeMarkup as escape } from './escape-markup.js';
import { factsSection, type PagePlace, pageOf } from './page-document.js';

/**
 * A search for capacity as one page that needs nothing else: its answers to sort, its chart, and below both as tables for a reader without
 * scripts.
 * @throws {BenchError} `page-not-built` where the script of the page was never bundled
 */
export function renderCapacityHtml(
  capacity: Capacity,
  steps: readonly SearchStep[],
  manifest: Manifest,
  place: PagePlace = 'file',
): string {
  const { id, startedAt, runtime, driver, options, versions, host, seed, finishedAt } = manifest;
  return pageOf({
    title: capacityTitle(capacity),
    id,
    subtitle: `run ${id} · ${startedAt.slice(0, 16).replace('T', ' ')} UTC · driver ${driver} · runtime ${runtime}`,
    contents: '<nav><a href="#figures">All figures</a> · <a href="#run">The run</a></nav>',
    noScript: 'What can be sorted and drawn needs scripts. All figures stand in the tables below.',
    model: capacityPageModel(capacity, steps, manifest),
    place,
    below: `<section id="figures"><h2>All figures</h2>
${capacityTables(capacity).map(table).join('\n')}</section>
${factsSection({ started: startedAt, finished: finishedAt ?? 'not finished', seed, runtime, driver, ...versions, ...host, options })}`,
  });
}

const HEADS = [
  'capacity',
  'place',
  'CPU µs a request',
  'MiB at rest',
  'under load',
  'overloaded',
  'how it ends',
  'rests on',
];

function table({ scenario, about, rows }: CapacityTable): string {
  const heads = HEADS.map((head) => `<th scope="col" class="words">${escape(head)}</th>`).join('');
  const lines = rows.map(({ target, rate, place, cpu, rest, loaded, overloaded, end, basis }) => {
    const cells = [
      rate,
      place,
      ...[cpu, rest, loaded, overloaded].map((figure) => figure?.text ?? '–'),
      end.join('; '),
      basis.join('; '),
    ];
    return `<tr><th scope="row">${escape(target)}</th>${cells.map((cell) => `<td class="words plain">${escape(cell)}</td>`).join('')}</tr>`;
  });
  return `<h3>${escape(scenario)}</h3>${about === null ? '' : `<p class="muted">${escape(about)}</p>`}
<div class="wide" tabindex="0"><table><thead><tr><th></th>${heads}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`;
}
