import { formatLevel } from '../record/cell.js';
import type { Summary } from '../record/summary.js';
import { commandOf } from './command-line.js';
import { formatShiftMs } from './format.js';
import { escapeMarkdown, markdownTable } from './markdown-table.js';
import { type ReportModel, reportModel, stateText } from './model.js';
import { OVERHEAD_NAME, overheadOf } from './overhead-kinds.js';
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

/** Three sentences at most, of figures alone: who adds least, who does not keep up and from where, who takes how much memory. */
function answer(summary: Summary, model: ReportModel): string[] {
  const where = `On ${summary.run.runtime} (${summary.run.driver}, ${levelsOf(summary)})`;
  return [`${where}, ${leastAdded(summary, model)}`, ...keptUp(summary), ...mostMemory(summary)];
}

function leastAdded({ ranking, cells }: Summary, { targets }: ReportModel): string {
  const firsts = ranking.filter(({ quantile, places }) => quantile === 'p50' && places.length > 1);
  const wins = targets
    .map((target) => ({ target, count: firsts.filter(({ places }) => isAmongFirst(target, places)).length }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  if (wins.length === 0) return withoutPlaces(cells, targets);
  const told = wins.map(
    ({ target, count }) => `${target} in ${count} of ${firsts.length} (${addedRange(cells, target)})`,
  );
  return `nobody added less at the median than ${told.join(', ')} of the levels at which gateways were compared; gateways that cannot be told apart share a first place.`;
}

/** Where no level had two gateways to hold against each other: what each adds, if anything. */
function withoutPlaces(cells: Summary['cells'], targets: readonly string[]): string {
  const told = targets
    .filter((target) => target !== 'direct')
    .map((target) => `${target} ${addedRange(cells, target)}`);
  if (told.length === 0) return 'no gateway was measured.';
  const why = told.length === 1 ? 'there was nobody to hold it against' : 'no two gateways were valid at one level';
  return `added at the median: ${told.join(', ')}; ${why}.`;
}

/** The fastest, and whoever shares a letter with it. */
function isAmongFirst(target: string, places: Summary['ranking'][number]['places']): boolean {
  const [best] = places;
  const own = places.find((place) => place.target === target);
  return (
    best !== undefined && own !== undefined && own.letters.split('').some((letter) => best.letters.includes(letter))
  );
}

function addedRange(cells: Summary['cells'], target: string): string {
  const added = cells.flatMap((cell) => {
    if (cell.target !== target || cell.overheadUs === undefined) return [];
    const shown = overheadOf(cell, cell.perRequest === undefined ? 'quantile-shift' : 'per-request', 'p50');
    return shown === null ? [] : [shown.estimate.value];
  });
  return added.length === 0
    ? 'no figure'
    : `${formatShiftMs(Math.min(...added))} to ${formatShiftMs(Math.max(...added))} ms`;
}

/** Who did not carry a level, and from which one on: saturated, or with so many wrong answers that nothing could be timed. */
function keptUp({ cells }: Summary): string[] {
  const short = cells.filter(({ state }) => state === 'saturated' || state === 'failed');
  if (short.length === 0) return ['All of them kept up with every level.'];
  const lowest = new Map<string, (typeof short)[number]>();
  for (const cell of short) {
    const before = lowest.get(cell.target);
    if (before === undefined || cell.level.value < before.level.value) lowest.set(cell.target, cell);
  }
  const told = [...lowest.values()].map(({ target, scenario, level, state, achievedRps }) => {
    const rate = achievedRps === null ? '' : `: ${achievedRps.toFixed(0)} a second`;
    return `${target} from ${formatLevel(level)} on (${scenario}${state === 'failed' ? ': failed' : rate})`;
  });
  return [`Not kept up with the load: ${told.join(', ')}.`];
}

function mostMemory({ cells }: Summary): string[] {
  const most = new Map<string, number>();
  for (const { target, memoryPeakBytes } of cells)
    if (memoryPeakBytes !== null) most.set(target, Math.max(memoryPeakBytes, most.get(target) ?? 0));
  if (most.size === 0) return [];
  const told = [...most].map(([target, bytes]) => `${target} ${(bytes / 1024 ** 2).toFixed(0)}`);
  return [`Most memory seen, in MiB: ${told.join(', ')}.`];
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
