import type { ConductSeries } from '../analyse/conduct/series.js';
import { entryOf } from '../analyse/conduct/row-book.js';
import type { ConductRun } from '../record/conduct.js';
import { conductPicture } from './charts/conduct.js';
import { type Theme, THEMES } from './charts/theme.js';
import { rowText } from './conduct-figures.js';
import { type Behind, conductPageModel } from './conduct-page-model.js';
import { escapeMarkup as escape } from './escape-markup.js';
import { factsSection, type PagePlace, pageOf } from './page-document.js';

/** What of the raw records a page shows beside the figures. */
export interface ConductRaw {
  /** The requests behind a row of a case of a target; null where they cannot be read. */
  readonly behind: (target: string, name: string, row: string) => Behind | null;
  /** A case of a target over time, in its first block; null as above. */
  readonly series: (target: string, name: string) => ConductSeries | null;
  /** Why some could not be read, a line each; known when all were asked for. */
  readonly faults: () => readonly string[];
}

/**
 * What `--group conduct` measured as one page that needs nothing else: the scorecard to sort and to open, and below it each case over time.
 * @param ruler what of planted policies the rows recover on this machine, in a sentence
 * @param place a page that is served may connect to where it is from, a file to nothing
 * @throws {BenchError} `page-not-built` where the script of the page was never bundled
 */
export function renderConductHtml(run: ConductRun, raw: ConductRaw, ruler: string, place: PagePlace = 'file'): string {
  const model = conductPageModel(run, ruler, raw.behind);
  const anchors = model.cases.map(({ name }) => `<a href="#case-${name}">${escape(name)}</a>`);
  return pageOf({
    title: 'Conduct while providers fail',
    id: run.id,
    subtitle: `${run.startedAt.slice(0, 16).replace('T', ' ')} UTC · crabllm-bench ${run.version} · ${run.runtime} · ${run.blocks.done} of ${run.blocks.planned} blocks`,
    contents: `<nav>${[...anchors, '<a href="#run">The run</a>'].join(' · ')}</nav>`,
    noScript: 'The scorecard to sort and open needs scripts. All figures stand in the tables below.',
    model,
    place,
    below: [
      ...model.cases.map(({ name, about, columns }) => {
        const cases = run.conduct.filter((each) => each.case === name);
        return `<section id="case-${name}"><h2>${escape(name)}</h2><p class="muted">${escape(about)}</p>
${table(
  cases,
  columns.map(({ row }) => row),
)}
${cases.map(({ target }) => pictures(target, name, raw.series(target, name))).join('\n')}</section>`;
      }),
      notMeasured(run),
      unreadable(raw.faults()),
      details(run),
      `<p class="muted">${escape(ruler)}</p>`,
    ].join('\n'),
  });
}

function table(cases: ConductRun['conduct'], rows: readonly string[]): string {
  const heads = rows.map((row) => `<th scope="col">${escape(entryOf(row)?.head ?? row)}</th>`).join('');
  const lines = cases.map(
    (each) =>
      `<tr><th scope="row">${escape(each.target)}</th>${rows.map((row) => `<td>${escape(rowText(row, each.rows[row]))}</td>`).join('')}</tr>`,
  );
  return `<details><summary>table</summary><div class="wide"><table><thead><tr><th></th>${heads}</tr></thead><tbody>${lines.join('')}</tbody></table></div></details>`;
}

function pictures(target: string, name: string, series: ConductSeries | null): string {
  if (series === null) return '';
  const id = `${target}-${name}`.replaceAll(/[^a-z0-9]+/gi, '-');
  const drawnIn = (theme: Theme): string => {
    const svg = conductPicture(series, target, theme, id).replace(
      /<svg ([^>]*?)width="[0-9.]+" height="[0-9.]+"/,
      '<svg $1',
    );
    return `<figure class="picture ${theme.name}" role="img" aria-label="${escape(`${target} in ${name} over time; the figures are in the table above`)}">${svg}</figure>`;
  };
  return `${drawnIn(THEMES.light)}\n${drawnIn(THEMES.dark)}`;
}

function notMeasured({ targets, played }: ConductRun): string {
  const items = [
    ...targets.flatMap(({ name, absent }) => (absent === null ? [] : [`${name} is absent: ${absent.message}`])),
    ...played.flatMap((each) =>
      'reason' in each
        ? [
            `${each.target}, ${each.case}, block ${each.block}${each.voided === undefined ? '' : ' is void'}: ${each.reason.message}`,
          ]
        : [],
    ),
  ];
  if (items.length === 0) return '';
  return `<section><h2>Not measured</h2><ul>${items.map((item) => `<li>${escape(item)}</li>`).join('')}</ul></section>`;
}

function unreadable(faults: readonly string[]): string {
  if (faults.length === 0) return '';
  return `<section><h2>Raw records that cannot be read</h2><p>The figures stand by themselves; the requests behind them, and the pictures, are missing.</p><ul>${faults.map((fault) => `<li>${escape(fault)}</li>`).join('')}</ul></section>`;
}

function details({ startedAt, finishedAt, seed, runtime, version, host, pace, targets }: ConductRun): string {
  const facts = {
    started: startedAt,
    finished: finishedAt,
    seed,
    runtime,
    'crabllm-bench': version,
    ...Object.fromEntries(targets.map(({ name, version: own }) => [name, own ?? 'version unknown'])),
    ...host,
    pace,
  };
  return factsSection(facts);
}
