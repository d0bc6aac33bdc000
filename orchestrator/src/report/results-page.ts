import type { Capacity } from '../record/capacity.js';
import { formatLevel } from '../record/cell.js';
import type { FeatureCost, Summary } from '../record/summary.js';
import { answerSentences } from './answer-text.js';
import { capacityAnswer } from './capacity-answer.js';
import { capacityMarkdown } from './capacity-markdown.js';
import { capacityTitle } from './capacity-rows.js';
import { commandOf } from './command-line.js';
import { featureMarkdown } from './feature-markdown.js';
import { FEATURE_LEGEND, FEATURE_TITLE, featurePictureName } from './feature-rows.js';
import { escapeMarkdown, markdownTable } from './markdown-table.js';
import { type ReportModel, reportModel, stateText } from './model.js';
import { OVERHEAD_NAME } from './overhead-kinds.js';
import { LETTERS, placeLines } from './places.js';
import { latencySideBySide, memorySideBySide } from './side-by-side.js';
import { SURFACE_TITLE, surfacePictureName } from './surface-rows.js';
import { wrap } from './wrap.js';

/** A run on the page of results: its summary, and what the instrument could tell apart then. */
export interface ShownRun {
  /** Names the run's pictures: `images/NAME-SCENARIO.png`. */
  readonly name: string;
  readonly summary: Summary;
  readonly ruler: string;
  /** Of a search. */
  readonly capacity?: Capacity | undefined;
}

/**
 * The page of results, made of what is kept of runs alone: the answer first, then each run with its tables, places, pictures, what speaks
 * against a figure, and the command that repeats it.
 */
export function renderResultsPage(runs: readonly ShownRun[]): string {
  const models = runs.map((run) => ({ run, model: reportModel(run.summary) }));
  return [
    '# Results',
    '*For whoever asks which gateway costs what. Made by `node scripts/results-page.mjs` from the summaries in `docs/results/`; ' +
      'not written by hand.*',
    '## In short',
    ...models.map(({ run, model }) => answer(run, model)),
    'Every figure belongs to the machine that it was measured on: driver, mock and gateway shared its processors. Differences within a ' +
      'run hold; absolute figures, and those of two runs beside each other, do not. How to read each figure: ' +
      '[reading-a-run.md](reading-a-run.md).',
    ...models.flatMap(({ run, model }) => runPart(run, model)),
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

/** The answer of one run, with where it was measured. */
function answer({ summary, capacity }: ShownRun, model: ReportModel): string {
  const { runtime, driver } = summary.run;
  if (capacity !== undefined) return `On ${runtime} (${driver}), ${capacityAnswer(capacity)}`;
  return `On ${runtime} (${driver}, ${levelsOf(summary)}), ${answerSentences(summary, model).join(' ')}`;
}

function runPart(shown: ShownRun, model: ReportModel): string[] {
  const { summary, ruler, capacity } = shown;
  const { run } = summary;
  return [
    `## ${titleOf(shown)}`,
    `${escapeMarkdown(model.subtitle)} · ${run.startedAt.slice(0, 10)}`,
    // A search holds nothing against direct: what the instrument could tell apart is not what its ends rest on.
    ...(capacity === undefined ? [ruler] : []),
    ...figures(shown, model),
    'Repeat it:',
    `\`\`\`\n${commandOf(run.options)}\n\`\`\``,
  ];
}

function titleOf({ summary, capacity }: ShownRun): string {
  const where = `${escapeMarkdown(summary.run.runtime)}, ${escapeMarkdown(summary.run.driver)}`;
  if (capacity !== undefined) return `${escapeMarkdown(capacityTitle(capacity))}: ${where}`;
  const levels = levelsOf(summary);
  return summary.features === undefined ? `${where}: ${levels}` : `${FEATURE_TITLE}: ${where}, ${levels}`;
}

/** What a run was made for. */
function figures(shown: ShownRun, model: ReportModel): string[] {
  const { name, summary, capacity } = shown;
  if (capacity !== undefined) return searchPart(name, capacity);
  return summary.features === undefined
    ? scenariosPart(shown, model)
    : featurePart(name, summary, summary.features, model);
}

/** Of a search what its surface is, and the answers behind it. */
function searchPart(name: string, capacity: Capacity): string[] {
  const scenarios = [...new Set(capacity.surface.map(({ scenario }) => scenario))];
  return [
    ...scenarios.map((scenario) =>
      picture(`${SURFACE_TITLE} of ${scenario}`, pictureName(name, surfacePictureName(scenario))),
    ),
    ...capacityMarkdown(capacity, '###'),
  ];
}

/** The cells of variants would be a table of thirty columns, and each has a remark on what it has otherwise; what counts is their difference. */
function featurePart(name: string, { findings }: Summary, costs: readonly FeatureCost[], model: ReportModel): string[] {
  const pictures = [...new Set(costs.map(featurePictureName))];
  return [
    escapeMarkdown(FEATURE_LEGEND),
    ...pictures.map((one) => picture(FEATURE_TITLE, pictureName(name, one))),
    ...featureMarkdown(costs),
    ...againstPart({ findings: findings.filter(({ severity }) => severity !== 'info') }, model),
  ];
}

function scenariosPart({ name, summary }: ShownRun, model: ReportModel): string[] {
  return [
    ...model.absentTargets.map(
      ({ target, message }) => `**${escapeMarkdown(target)}** is absent: ${escapeMarkdown(message)}`,
    ),
    ...model.scenarios.flatMap((scenario) => [
      `### ${escapeMarkdown(scenario.scenario)}`,
      latencySideBySide(model, scenario),
      ...placesPart(model, scenario),
      picture(`${scenario.scenario} on ${summary.run.runtime}`, pictureName(name, scenario.scenario)),
    ]),
    '### Memory',
    memorySideBySide(model),
    ...againstPart(summary, model),
  ];
}

function picture(alt: string, file: string): string {
  return `![${escapeMarkdown(alt)}](images/${file})`;
}

/**
 * The file of a picture among those of the page.
 * @param run by which its pictures begin
 * @param own by which the run itself calls it, without look and ending
 */
export function pictureName(run: string, own: string): string {
  return `${run}-${own.replace(/^(features|surface)-/, '')}.png`;
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
function againstPart({ findings }: Pick<Summary, 'findings'>, model: ReportModel): string[] {
  const cells = model.scenarios.flatMap(({ levels }) => levels.flatMap(({ rows }) => rows));
  const without = cells
    .filter(({ state, target }) => state !== 'ok' && !model.absentTargets.some((absent) => absent.target === target))
    .map((cell) => `${cell.target}, ${cell.scenario} at ${formatLevel(cell.level)}: ${stateText(cell)}`);
  const found = findings.map(({ target, message }) => `${target === null ? '' : `${target}: `}${message}`);
  const lines = [...without, ...found].map((line) => `- ${escapeMarkdown(line)}`);
  return ['### What speaks against these figures', lines.length === 0 ? 'Nothing was found.' : lines.join('\n')];
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
