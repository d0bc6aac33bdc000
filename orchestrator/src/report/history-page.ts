import type { History, HistoryLine } from '../analyse/history/history.js';
import { formatLevel } from '../record/cell.js';
import { VERDICT_TEXT } from './comparison-verdict.js';
import {
  breakLines,
  type ChangeLine,
  changeLines,
  historyHeadline,
  type HistoryPage,
  historyRow,
  HOW_TO_READ_HISTORY,
  leftOutLines,
  runText,
  smallestLine,
} from './history-rows.js';
import { escapeMarkup as escape } from './escape-markup.js';
import { stillDocumentOf } from './page-document.js';
import { colourOf, COLOURS } from './target-colour.js';

/** Of a sparkline, in its own units; the page stretches it. */
const WIDTH = 320;
const HEIGHT = 44;
const EDGE = 5;

/** A history as one page that needs nothing else: no network, no script; light or dark as the reader's system is. */
export function renderHistoryPage(page: HistoryPage): string {
  const { history } = page;
  const notes = [
    ...breakLines(history),
    ...leftOutLines(page),
    ...history.lost.map(
      ({ target, scenario, level, reason }) =>
        `${target} ${scenario} ${formatLevel(level)} in the newest run: ${reason}`,
    ),
  ];
  return stillDocumentOf({
    title: `Gateway benchmark, ${history.runs.length} runs`,
    style: STYLE,
    body: `<h1>${escape(historyHeadline(history))}</h1>
<p class="muted">${escape(`${runText(history.runs, 0)} to ${runText(history.runs, history.runs.length - 1)}`)}</p>
${changeList(changeLines(page))}
<p>${escape(smallestLine(history))}</p>
<div class="wide"><table>
<thead><tr>${['cell', 'figure', 'all runs', 'newest', 'against the runs before', 'verdict', 'change points'].map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>
${history.lines.map((line) => tableRow(line, history)).join('\n')}
</tbody></table></div>
${notes.length === 0 ? '' : `<h2>What ends a series, and what is left out</h2>${list(notes)}`}
<h2>How to read this</h2>
<p>${escape(HOW_TO_READ_HISTORY)} Each picture is drawn from its own smallest to its own largest figure, one step a run; a dashed stroke is where another machine, driver or plan ends the series, a ring is a change point, the last dot the newest run. Rest on either to read it.</p>
<h2>The runs</h2>
<ol>${history.runs.map(({ version }, i) => `<li>${escape(`${runText(history.runs, i)}, by crabllm-bench ${version ?? 'of unknown version'}`)}</li>`).join('')}</ol>
`,
  });
}

function tableRow(line: HistoryLine, history: History): string {
  const { cell, name, newest, step, verdict, changes } = historyRow(line, history.runs);
  return `<tr><th scope="row">${escape(cell)}</th><td>${escape(name)}</td><td>${sparkline(line, history, `${cell} ${name}`)}</td><td class="figure">${escape(newest)}</td><td>${escape(step)}</td><td class="verdict ${verdict}">${escape(VERDICT_TEXT[verdict])}</td><td>${changes.map(escape).join('<br>')}</td></tr>`;
}

function sparkline(line: HistoryLine, { runs }: History, label: string): string {
  const values = line.points.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const x = (run: number): string => coordinate(WIDTH, runs.length > 1 ? run / (runs.length - 1) : 0.5);
  const y = (value: number): string => coordinate(HEIGHT, most > least ? 1 - (value - least) / (most - least) : 0.5);
  const stretches: string[][] = [[]];
  for (const { run, value } of line.points) {
    if (line.breaks.some((at) => at.run === run)) stretches.push([]);
    stretches.at(-1)?.push(`${x(run)},${y(value)}`);
  }
  const strokes = line.breaks.map(({ run, reasons }) => {
    // Between the two runs that do not belong together.
    const at = x(run - 0.5);
    return `<line class="break" x1="${at}" x2="${at}" y1="0" y2="${HEIGHT}"><title>${escape(reasons.join('; '))}</title></line>`;
  });
  const dot = (run: number, kind: string, title: string): string => {
    const point = line.points.find((of) => of.run === run);
    if (point === undefined) return '';
    return `<circle class="${kind}" cx="${x(run)}" cy="${y(point.value)}" r="${kind === 'ring' ? 4 : 2.5}"><title>${escape(title)}</title></circle>`;
  };
  // A series of one run has no line to be seen by.
  const lone = stretches
    .filter((points) => points.length === 1)
    .map(([point = '']) => {
      const [cx, cy] = point.split(',');
      return `<circle class="dot" cx="${cx}" cy="${cy}" r="1.5"/>`;
    });
  const row = historyRow(line, runs);
  return `<svg class="${colourOf(line.target)}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(`${label} in ${line.points.length} runs`)}">${stretches.map((points) => `<polyline points="${points.join(' ')}"/>`).join('')}${lone.join('')}${strokes.join('')}${line.changes.map(({ run }, i) => dot(run, 'ring', row.changes[i] ?? '')).join('')}${dot(line.points.at(-1)?.run ?? 0, 'dot', row.newest)}</svg>`;
}

/** A share of a length within its edges; the middle for what is no number, as absurd figures make. */
function coordinate(length: number, share: number): string {
  const within = Number.isFinite(share) ? share : 0.5;
  return (EDGE + within * (length - 2 * EDGE)).toFixed(1);
}

function changeList(lines: readonly ChangeLine[]): string {
  const items = lines.map(({ text, commits }) => {
    if (commits === null) return escape(text);
    const { text: range, href } = commits;
    return `${escape(text)} (${href === null ? escape(range) : `<a href="${escape(href)}" rel="noreferrer">${escape(range)}</a>`})`;
  });
  return items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`;
}

function list(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`;
}

/** Beside what every page looks like; its tables have words, where those of a run have figures. */
const STYLE = `
h1 { font-size: 24px; }
h2 { font-size: 19px; margin: 36px 0 8px; }
th, td { padding: 4px 12px 4px 0; text-align: left; white-space: normal; }
.figure { text-align: right; white-space: nowrap; }
${COLOURS.map((name) => `svg.${name} { color: var(--${name}); }`).join(' ')}
svg { width: 240px; height: 33px; display: block; overflow: visible; }
polyline { fill: none; stroke: currentColor; stroke-width: 1.5; }
.break { stroke: var(--warn); stroke-width: 2; stroke-dasharray: 4 3; }
.ring { fill: none; stroke: var(--ink); stroke-width: 1.5; }
.dot { fill: currentColor; }
td.verdict { white-space: nowrap; }
.verdict.not-compared { color: var(--warn); }
`;
