import { formatLevel } from '../record/cell.js';
import type { StoredRun } from '../record/run-directory.js';
import type { Finding, NoiseFloor, PairedComparison, Summary } from '../record/summary.js';
import { detailColumns } from './detail-table.js';
import { escapeMarkup as escape } from './escape-markup.js';
import { formatMs } from './format.js';
import { reportModel, type ReportModel, type ScenarioRows, shownName } from './model.js';
import { OVERHEAD_NAME } from './overhead-kinds.js';
import { factsSection, type PagePlace, pageOf } from './page-document.js';
import { pageModel } from './page-model.js';
import { featureSection, trafficSections } from './page-tables.js';
import { PAIRED_LEGEND, PAIRED_QUANTILES, pairedRows, pairedTitle } from './paired-rows.js';
import { LETTERS, placeLines } from './places.js';
import { FLOOR_EXPLAINS, howToRead } from './reading.js';

/**
 * The whole run as one page that needs nothing else and may ask for nothing: light or dark as the reader's system is. Its first screen is
 * drawn by its own script, the only one that it lets run; what stands below needs none.
 * @param ruler what the instrument can tell apart, in a sentence
 * @param run the records that the summary is of
 * @param place a page that is served may connect to where it is from, a file to nothing
 * @throws {BenchError} `page-not-built` where the script of the page was never bundled
 */
export function renderHtml(summary: Summary, ruler: string, run: StoredRun, place: PagePlace = 'file'): string {
  const model = reportModel(summary);
  return pageOf({
    title: model.title,
    id: summary.run.id,
    subtitle: model.subtitle,
    contents: contents(model),
    noScript: 'What can be chosen and drawn needs scripts. All figures stand in the tables below.',
    model: pageModel(summary, ruler, run),
    place,
    below: `${paired(summary.paired ?? [])}
${featureSection(summary.features ?? [])}
${trafficSections(summary)}
${absent(model)}
${model.scenarios.map((scenario) => scenarioPart(model, scenario)).join('\n')}
${noiseFloor(summary.noiseFloor)}
<section id="reading"><h2>How to read this</h2>
<details open><summary>What each figure is</summary>
<dl>${howToRead(model)
      .map(({ term, text }) => `<dt>${escape(term)}</dt><dd>${escape(text)}</dd>`)
      .join('')}</dl></details>
</section>
${runDetails(summary)}
${findings(summary.findings)}
<p class="muted">${escape(ruler)}</p>`,
  });
}

function contents({ scenarios }: ReportModel): string {
  const links = scenarios.map(({ scenario }) => `<a href="#${anchor(scenario)}">${escape(scenario)}</a>`);
  return `<nav>${[...links, '<a href="#reading">How to read this</a>', '<a href="#run">The run</a>'].join(' · ')}</nav>`;
}

function findings(found: readonly Finding[]): string {
  if (found.length === 0) return '';
  const items = found.map(({ severity, target, scenario, level, message }) => {
    const about = [target, scenario, level === null ? null : formatLevel(level)]
      .filter((part) => part !== null)
      .join(' ');
    return `<li class="${severity}"><b>${severity}</b> ${about === '' ? '' : `<i>${escape(about)}</i> `}${escape(message)}</li>`;
  });
  return `<section><h2>Findings</h2><ul class="findings">${items.join('')}</ul></section>`;
}

function paired(comparisons: readonly PairedComparison[]): string {
  const [first] = comparisons;
  if (first === undefined) return '';
  const words = (text: string): string => `<td class="words plain">${escape(text)}</td>`;
  const rows = pairedRows(comparisons).map(
    ({ scenario, level, of, differences, blocks }) =>
      `<tr><th scope="row">${escape(`${scenario} · ${level}`)}</th>${words(of)}${PAIRED_QUANTILES.map((_, i) => words(differences[i] ?? '')).join('')}<td>${blocks}</td></tr>`,
  );
  const heads = ['of', ...PAIRED_QUANTILES].map((head) => `<th scope="col" class="words">${head}</th>`).join('');
  return `<section><h2>${escape(pairedTitle(first))}</h2><p class="muted">${escape(PAIRED_LEGEND)}</p>
<div class="wide places" tabindex="0"><table><thead><tr><th></th>${heads}<th scope="col">blocks</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

function absent({ absentTargets }: ReportModel): string {
  if (absentTargets.length === 0) return '';
  const items = absentTargets.map(({ target, message }) => `<li><b>${escape(target)}</b> ${escape(message)}</li>`);
  return `<section><h2>Absent</h2><ul>${items.join('')}</ul></section>`;
}

function scenarioPart(model: ReportModel, scenario: ScenarioRows): string {
  const columns = detailColumns(model, scenario);
  const head = [{ head: 'target', words: true }, ...columns].map(
    (column) => `<th scope="col"${column.words === true ? ' class="words"' : ''}>${escape(column.head)}</th>`,
  );
  const bodies = scenario.levels.map(({ label, rows }) => {
    const lines = rows.map((cell) => {
      const figures = columns
        .map((column) => `<td${column.words === true ? ' class="words"' : ''}>${escape(column.text(cell))}</td>`)
        .join('');
      return `<tr class="${cell.state}"><th scope="row">${escape(shownName(model, cell.target))}</th>${figures}</tr>`;
    });
    return `<tbody><tr><th class="level" colspan="${head.length}" scope="rowgroup">${escape(label)}</th></tr>${lines.join('')}</tbody>`;
  });
  return `<section id="${anchor(scenario.scenario)}">
<h2>${escape(scenario.scenario)}</h2>
${scenario.about === null ? '' : `<p class="muted">${escape(scenario.about)}</p>`}
${places(model, scenario)}
<div class="wide" tabindex="0"><table><thead><tr>${head.join('')}</tr></thead>${bodies.join('')}</table></div>
</section>`;
}

function places(model: ReportModel, scenario: ScenarioRows): string {
  const lines = placeLines(model, scenario);
  if (lines.length === 0) return '';
  const missing = lines.some(({ without }) => without.length > 0);
  const heads = ['by', `places (${LETTERS})`, 'to tell more', ...(missing ? ['no place'] : [])];
  const rows = lines.map(({ level, by, quantiles, places: told, open, without }) => {
    const figures = [`${OVERHEAD_NAME[by]}, ${quantiles}`, told, open, ...(missing ? [without.join(', ')] : [])];
    return `<tr><th scope="row">${escape(level)}</th>${figures.map((text) => `<td class="words plain">${escape(text)}</td>`).join('')}</tr>`;
  });
  return `<div class="wide places" tabindex="0"><table><thead><tr><th></th>${heads.map((head) => `<th scope="col" class="words">${escape(head)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function noiseFloor(floors: readonly NoiseFloor[]): string {
  const known = floors.filter(({ pairs }) => pairs > 0);
  if (known.length === 0) return '';
  const rows = known.map(
    ({ scenario, level, p50Us, p90Us, p99Us, pairs }) =>
      `<tr><th scope="row">${escape(scenario)} · ${escape(formatLevel(level))}</th>${[p50Us, p90Us, p99Us].map(msCell).join('')}<td>${pairs}</td></tr>`,
  );
  return `<section><h2>Noise floor</h2>
<p>${FLOOR_EXPLAINS}</p>
<div class="wide" tabindex="0"><table><thead><tr><th></th><th>p50 ms</th><th>p90 ms</th><th>p99 ms</th><th>pairs</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

function msCell(valueUs: number | null): string {
  return `<td>${valueUs === null ? '–' : formatMs(valueUs)}</td>`;
}

function runDetails({ run }: Summary): string {
  const facts = {
    started: run.startedAt,
    finished: run.finishedAt ?? 'not finished',
    blocks: `${run.blocks.done} of ${run.blocks.planned}`,
    seed: run.seed,
    runtime: run.runtime,
    driver: run.driver,
    ...run.versions,
    ...run.host,
    options: run.options,
  };
  return factsSection(facts);
}

function anchor(scenario: string): string {
  return `scenario-${scenario.replaceAll(/[^a-z0-9]+/gi, '-')}`;
}
