import { formatLevel } from '../record/cell.js';
import type { Summary } from '../record/summary.js';
import { answerSentences } from './answer-text.js';
import { commandOf } from './command-line.js';
import { escapeMarkdown, markdownTable } from './markdown-table.js';
import { type ReportModel, reportModel, stateText } from './model.js';
import { OVERHEAD_NAME } from './overhead-kinds.js';
import { LETTERS, placeLines } from './places.js';
import { latencySideBySide, memorySideBySide } from './side-by-side.js';
import { wrap } from './wrap.js';

/** A run on the page of results: its summary, and what the instrument could tell apart then. */
export interface ShownRun {
  /** Names the run's pictures: `images/NAME-SCENARIO.png`. */
  readonly name: string;
  readonly summary: Summary;
  readonly ruler: string;
}

/**
 * The page of results, made of summaries alone: the answer first, then each run with its tables, places, pictures, what speaks against a
 * figure, and the command that repeats it.
 */
export function renderResultsPage(runs: readonly ShownRun[]): string {
  const parts = runs.map((run) => runPart(run, reportModel(run.summary)));
  return [
    '# Results',
    '*For whoever asks which gateway costs what. Made by `node scripts/results-page.mjs` from the summaries in `docs/results/`; ' +
      'not written by hand.*',
    '## In short',
    ...runs.map(({ summary }) => answer(summary, reportModel(summary)).join(' ')),
    'Every figure belongs to the machine that it was measured on: driver, mock and gateway shared its processors. Differences within a ' +
      'run hold; absolute figures, and those of two runs beside each other, do not. How to read each figure: ' +
      '[reading-a-run.md](reading-a-run.md).',
    ...parts.flat(),
  ]
    .map((part) => `${asWritten(part)}\n`)
    .join('\n');
}

/** Columns at which the text of a page is wrapped. */
const PAGE_COLUMNS = 120;

/** Text wrapped as on the pages that people write, so that a changed figure shows as one line; headings, tables, pictures and code as they are. */
function asWritten(part: string): string {
  if (/^[#|!`]/.test(part)) return part;
  const lines = part.split('\n').flatMap((line) => {
    const indent = line.startsWith('- ') ? 2 : 0;
    return wrap(line.slice(indent), PAGE_COLUMNS - indent).map(
      (text, i) => `${i === 0 ? line.slice(0, indent) : ' '.repeat(indent)}${text}`,
    );
  });
  return lines.join('\n');
}

/** The same of one run, with where it was measured. */
function answer(summary: Summary, model: ReportModel): string[] {
  const [first = '', ...more] = answerSentences(summary, model);
  return [`On ${summary.run.runtime} (${summary.run.driver}, ${levelsOf(summary)}), ${first}`, ...more];
}

function runPart({ name, summary, ruler }: ShownRun, model: ReportModel): string[] {
  const { run } = summary;
  return [
    `## ${escapeMarkdown(run.runtime)}, ${escapeMarkdown(run.driver)}: ${levelsOf(summary)}`,
    `${escapeMarkdown(model.subtitle)} · ${run.startedAt.slice(0, 10)}`,
    ruler,
    ...model.absentTargets.map(
      ({ target, message }) => `**${escapeMarkdown(target)}** is absent: ${escapeMarkdown(message)}`,
    ),
    ...model.scenarios.flatMap((scenario) => [
      `### ${escapeMarkdown(scenario.scenario)}`,
      latencySideBySide(model, scenario),
      ...placesPart(model, scenario),
      `![${escapeMarkdown(scenario.scenario)} on ${escapeMarkdown(run.runtime)}](images/${name}-${scenario.scenario}.png)`,
    ]),
    '### Memory',
    memorySideBySide(model),
    '### What speaks against these figures',
    againstLines(summary, model).join('\n'),
    'Repeat it:',
    `\`\`\`\n${commandOf(run.options)}\n\`\`\``,
  ];
}

/** The levels of all scenarios, from the lowest on: what tells two runs of one machine apart. */
function levelsOf({ cells }: Summary): string {
  const labels = new Map(cells.map(({ level }) => [formatLevel(level), level.value]));
  return [...labels]
    .sort(([, a], [, b]) => a - b)
    .map(([label]) => label)
    .join(', ');
}

/** Cells without a figure with their reason, then the findings. */
function againstLines({ findings }: Summary, model: ReportModel): string[] {
  const cells = model.scenarios.flatMap(({ levels }) => levels.flatMap(({ rows }) => rows));
  const without = cells
    .filter(({ state, target }) => state !== 'ok' && !model.absentTargets.some((absent) => absent.target === target))
    .map((cell) => `${cell.target}, ${cell.scenario} at ${formatLevel(cell.level)}: ${stateText(cell)}`);
  const found = findings.map(({ target, message }) => `${target === null ? '' : `${target}: `}${message}`);
  const lines = [...without, ...found].map((line) => `- ${escapeMarkdown(line)}`);
  return lines.length === 0 ? ['Nothing was found.'] : lines;
}

function placesPart(model: ReportModel, scenario: ReportModel['scenarios'][number]): string[] {
  const rows = placeLines(model, scenario).map(({ level, by, quantiles, places: told, open, without }) => [
    level,
    `${OVERHEAD_NAME[by]}, ${quantiles}`,
    told,
    open,
    without.join(', '),
  ]);
  const heads = ['level', 'by', `places (${LETTERS})`, 'to tell more', 'no place'].map((head) => ({
    head,
    words: true,
  }));
  return rows.length === 0 ? [] : [markdownTable(heads, rows)];
}
