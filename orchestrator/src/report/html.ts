import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { installed } from '../installation.js';
import { BenchError } from '../errors.js';
import { formatLevel } from '../record/cell.js';
import type { StoredRun } from '../record/run-directory.js';
import type { Finding, NoiseFloor, PairedComparison, Summary } from '../record/summary.js';
import { THEMES } from './charts/theme.js';
import { detailColumns } from './detail-table.js';
import { escapeMarkup as escape } from './escape-markup.js';
import { formatMs } from './format.js';
import { reportModel, type ReportModel, type ScenarioRows } from './model.js';
import { OVERHEAD_NAME } from './overhead-kinds.js';
import { pageModel } from './page-model.js';
import { PAGE_STYLE } from './page-style.js';
import { PAIRED_LEGEND, PAIRED_QUANTILES, pairedRows, pairedTitle } from './paired-rows.js';
import { LETTERS, placeLines } from './places.js';
import { howToRead } from './reading.js';

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

/** What a page consists of; text is escaped, `contents` and `below` are markup. */
export interface Page {
  readonly title: string;
  /** Of the run. */
  readonly id: string;
  readonly subtitle: string;
  readonly contents: string;
  /** What a reader without scripts is told in place of the interactive part. */
  readonly noScript: string;
  /** What the interactive part shows. */
  readonly model: unknown;
  readonly below: string;
  readonly place: PagePlace;
}

/**
 * One page that needs nothing else: heading, the interactive part with its model, and what stands below.
 * @throws {BenchError} `page-not-built` where the script of the page was never bundled
 */
export function pageOf({ title, id, subtitle, contents: links, noScript, model, below, place }: Page): string {
  const above = `<h1>${escape(title)}</h1>
<p class="muted">${escape(subtitle)}</p>
${links}
<div id="answer"><noscript><p>${escape(noScript)}</p></noscript></div>`;
  return documentOf({ title: `${title} · ${id}`, place, above, model, below: `${below}\n` });
}

/** What the document of a page is put together of; above and below are markup. */
export interface PageDocument {
  readonly title: string;
  readonly place: PagePlace;
  /** Beside that of every page. */
  readonly style?: string;
  readonly above: string;
  /** What the interactive part shows. */
  readonly model: unknown;
  readonly below: string;
}

/**
 * A whole document with the page's one script, which its policy allows by its hash.
 * @throws {BenchError} `page-not-built` where the script of the page was never bundled
 */
export function documentOf({ title, place, style = '', above, model, below }: PageDocument): string {
  const script = pageScript();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script, place)}">
<title>${escape(title)}</title>
<style>${STYLE}${PAGE_STYLE}${style}</style>
</head>
<body>
<main>
${above}
<script type="application/json" id="model">${jsonInElement(model)}</script>
<script>${script}</script>
${below}</main>
</body>
</html>
`;
}

/** Where a page is read: out of a file, or from this program while it runs. */
export type PagePlace = 'file' | 'served';

/** The policy of a page with this one script. */
function policyOf(script: string, place: PagePlace): string {
  const connects = place === 'served' ? "connect-src 'self'; " : '';
  return `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hashOf(script)}'; ${connects}base-uri 'none'; form-action 'none'`;
}

/** Beside this program when it is built: bundled from the components in `page/`. */
const SCRIPT_FILE = installed('orchestrator/dist/page/page.js');

/** The bundled components. @throws {BenchError} `page-not-built` */
function pageScript(): string {
  try {
    return readFileSync(SCRIPT_FILE, 'utf8').trim();
  } catch (cause) {
    throw new BenchError({
      code: 'page-not-built',
      message: `the script of the page, ${SCRIPT_FILE}, cannot be read`,
      hint: 'in a checkout npm run build makes it; an installed package without it is broken: install it again',
      cause,
    });
  }
}

/** As the policy of the page names the one script that may run (CSP Level 3, hash-source). */
function hashOf(script: string): string {
  return createHash('sha256').update(script).digest('base64');
}

/** JSON in which nothing can end the element that it stands in. */
function jsonInElement(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
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
      return `<tr class="${cell.state}"><th scope="row">${escape(cell.target)}</th>${figures}</tr>`;
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
<p>Direct against direct, in the same blocks: what two equal targets would differ by in this run.</p>
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
  const rows = Object.entries(facts).map(([name, value]) => {
    const shown = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
    return `<dt>${escape(name)}</dt><dd><code>${escape(shown)}</code></dd>`;
  });
  return `<section id="run"><h2>The run</h2><dl class="facts">${rows.join('')}</dl></section>`;
}

function anchor(scenario: string): string {
  return `scenario-${scenario.replaceAll(/[^a-z0-9]+/gi, '-')}`;
}

/** What every page of a run looks like. */
const STYLE = `
:root { color-scheme: light dark; --paper: ${THEMES.light.background}; --ink: ${THEMES.light.ink}; --muted: ${THEMES.light.muted}; --line: ${THEMES.light.line}; --shade: ${THEMES.light.floor}; --warn: #9a5b00; }
@media screen and (prefers-color-scheme: dark) { :root { --paper: ${THEMES.dark.background}; --ink: ${THEMES.dark.ink}; --muted: ${THEMES.dark.muted}; --line: ${THEMES.dark.line}; --shade: ${THEMES.dark.floor}; --warn: #f2b84b; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 Inter, system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 24px 20px 80px; }
h1 { font-size: 28px; margin: 12px 0 0; }
h2 { font-size: 21px; margin: 44px 0 10px; }
.places { margin: 8px 0 28px; }
a { color: inherit; }
nav, .muted { color: var(--muted); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; white-space: nowrap; }
th, td { padding: 5px 12px 5px 0; text-align: right; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
tbody th:not(.level) { position: sticky; left: 0; background: var(--paper); }
tbody th, .words { text-align: left; }
th.level { padding-top: 16px; color: var(--muted); }
td.words { color: var(--warn); white-space: normal; min-width: 18ch; max-width: 44ch; }
td.plain { color: inherit; max-width: 80ch; }
.findings li { margin: 6px 0; }
.findings .warning b, .findings .void b { color: var(--warn); }
dt { font-weight: 600; margin-top: 10px; }
dd { margin: 0; max-width: 80ch; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 2px 20px; }
.facts dt { margin: 0; }
code { overflow-wrap: anywhere; }
@media (max-width: 600px) { h1 { font-size: 22px; } .facts { grid-template-columns: 1fr; } .facts dt { margin-top: 8px; } }
`;
