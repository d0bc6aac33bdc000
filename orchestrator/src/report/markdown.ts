import { capitalised } from '../capitalised.js';
import type { CellSummary, FeatureCost, Finding, NoiseFloor, PairedComparison, Summary } from '../record/summary.js';
import { formatLevel } from '../record/cell.js';
import type { Soak } from '../record/soak.js';
import { answerSentences } from './answer-text.js';
import { MOST_CHARACTERS } from './comparison-markdown.js';
import { detailColumns } from './detail-table.js';
import { featureMarkdown } from './feature-markdown.js';
import { FEATURE_LEGEND, FEATURE_TITLE } from './feature-rows.js';
import { formatMs } from './format.js';
import { escapeMarkdown, markdownTable } from './markdown-table.js';
import { reportModel, type ReportModel, type ScenarioRows, shownName } from './model.js';
import { OVERHEAD_NAME, overheadKinds, overheadOf } from './overhead-kinds.js';
import { sentenceOf } from './page-sentence.js';
import { PAIRED_LEGEND, PAIRED_QUANTILES, pairedRows, pairedTitle } from './paired-rows.js';
import { LETTERS, placeLines } from './places.js';
import { FLOOR_EXPLAINS, howToRead } from './reading.js';
import { soakLegend, soakText } from './soak-text.js';
import { SESSION_LEGEND, SESSION_TITLE, sessionTables, type TrafficTable } from './session-rows.js';
import { NEIGHBOUR_LEGEND, NEIGHBOUR_TITLE, neighbourTables } from './neighbour-rows.js';
import { latencySideBySide, memorySideBySide } from './side-by-side.js';

/** So many rows that add most, or have no figure, and so many findings, say what there is to say first. */
const MOST_FIRST = 10;
const MOST_FINDINGS = 30;

/**
 * The whole run as Markdown that fits the comment of a pull request: the answer, the rows that a reader has to know of, the targets side by
 * side and the findings; then, folded, a table a scenario and how to read it. What would not fit is left out of the fold, with the number
 * of what is missing and where it is.
 * @param ruler what the instrument can tell apart, in a sentence
 * @param soak whether memory grew, of a run that asked
 */
export function renderMarkdown(summary: Summary, ruler: string, soak: Soak | null = null): string {
  const model = reportModel(summary);
  const answer = answerSentences(summary, model).join(' ');
  const isPaired = (summary.paired ?? []).length > 0;
  const head = [
    `# ${escapeMarkdown(model.title)}`,
    ...(isPaired ? [] : [`**${escapeMarkdown(capitalised(answer))}**`]),
    escapeMarkdown(model.subtitle),
    ...paired(summary.paired ?? []),
    ...soakPart(soak),
    ...features(summary.features ?? []),
    ...traffic(SESSION_TITLE, SESSION_LEGEND, sessionTables(summary)),
    ...traffic(NEIGHBOUR_TITLE, NEIGHBOUR_LEGEND, neighbourTables(summary)),
    ...worstRows(model),
    ...absent(model),
    ...findings(summary.findings),
  ];
  const reading = howToRead(model).map(({ term, text }) => `- **${escapeMarkdown(term)}** ${escapeMarkdown(text)}`);
  const foot = ['## How to read this', reading.join('\n'), escapeMarkdown(ruler)];
  const parts = [
    sideBySide(model),
    ...model.scenarios.map((scenario) => scenarioPart(model, scenario)),
    noiseFloor(summary.noiseFloor),
  ].filter((part) => part.length > 0);
  const folded = partsThatFit(parts, MOST_CHARACTERS - lengthOf(head) - lengthOf(foot));
  const missing = parts.length - folded.length;
  return [
    ...head,
    '<details><summary>All figures, and how to read them</summary>',
    ...folded.flat(),
    ...(missing === 0
      ? []
      : [`${missing} more parts would not fit a comment: \`summary.json\` and \`report.html\` have them.`]),
    ...foot,
    '</details>\n',
  ].join('\n\n');
}

/** Those in front that there is room for; one that is too long ends it, so that nothing seems to be missing in the middle. */
function partsThatFit(parts: readonly (readonly string[])[], characters: number): (readonly string[])[] {
  let room = characters;
  const cut = parts.findIndex((part) => (room -= lengthOf(part)) < 0);
  return cut === -1 ? [...parts] : parts.slice(0, cut);
}

function lengthOf(part: readonly string[]): number {
  return part.reduce((sum, text) => sum + text.length + 2, 0);
}

/** What has no figure where one was to be, then what adds most beyond doubt, largest first. */
function worstRows(model: ReportModel): string[] {
  const { scenarios, targets, absentTargets } = model;
  const gone = new Set(absentTargets.map(({ target }) => target));
  const rows = scenarios.flatMap(({ scenario, levels }) =>
    levels.flatMap((level) =>
      level.rows.flatMap((cell) => {
        if (cell.target === 'direct' || gone.has(cell.target) || !targets.includes(cell.target)) return [];
        const kind = overheadKinds(level.rows).find((one) => overheadOf(cell, one, 'p50') !== null);
        const shown = cell.state !== 'ok' || kind === undefined ? null : overheadOf(cell, kind, 'p50');
        const rank = cell.state !== 'ok' ? Number.POSITIVE_INFINITY : (shown?.estimate.value ?? 0);
        const isTold = cell.state !== 'ok' || shown?.verdict === 'above';
        const text = [scenario, level.label, shownName(model, cell.target), sentenceOf(level, cell)];
        return isTold ? [{ rank, text }] : [];
      }),
    ),
  );
  if (rows.length === 0) return [];
  const shown = rows.toSorted((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank)).slice(0, MOST_FIRST);
  const heads = ['scenario', 'level', 'target', 'in words'].map((head) => ({ head, words: true }));
  const table = markdownTable(
    heads,
    shown.map(({ text }) => text),
  );
  return [
    '## What stands out',
    table,
    ...(rows.length > MOST_FIRST ? [`and ${rows.length - MOST_FIRST} more rows below`] : []),
  ];
}

/** What a paired run is about comes first. */
function paired(comparisons: readonly PairedComparison[]): string[] {
  const [first] = comparisons;
  if (first === undefined) return [];
  const words = ['scenario', 'level', 'of'].map((head) => ({ head, words: true }));
  const heads = [...words, ...[...PAIRED_QUANTILES, 'blocks'].map((head) => ({ head }))];
  const rows = pairedRows(comparisons).map(({ scenario, level, of, differences, blocks }) => [
    scenario,
    level,
    of,
    ...PAIRED_QUANTILES.map((_, i) => differences[i] ?? ''),
    String(blocks),
  ]);
  return [`## ${escapeMarkdown(pairedTitle(first))}`, escapeMarkdown(PAIRED_LEGEND), markdownTable(heads, rows)];
}

/** Whether memory grew, a line a target. */
function soakPart(soak: Soak | null): string[] {
  if (soak === null) return [];
  const lines = soak.growth.map((one) => `- ${escapeMarkdown(soakText(one))}`);
  return ['## Memory over the soak', lines.join('\n'), escapeMarkdown(soakLegend(soak.growth))];
}

/** Tables of sessions and of neighbours, one a level. */
function traffic(title: string, legend: string, tables: readonly TrafficTable[]): string[] {
  if (tables.length === 0) return [];
  return [
    `## ${title}`,
    escapeMarkdown(legend),
    ...tables.flatMap(({ at, heads, rows, notes }) => [
      `**${escapeMarkdown(at)}**`,
      ...(rows.length === 0
        ? []
        : [
            markdownTable(
              heads.map((head) => ({ head })),
              rows,
            ),
          ]),
      ...notes.map((note) => escapeMarkdown(note)),
    ]),
  ];
}

/** The matrix of a run with variants. */
function features(costs: readonly FeatureCost[]): string[] {
  return costs.length === 0 ? [] : [`## ${FEATURE_TITLE}`, escapeMarkdown(FEATURE_LEGEND), ...featureMarkdown(costs)];
}

/** For a docs page as it is: what a person looks for first, and no more. */
function sideBySide(model: ReportModel): string[] {
  const tables = model.scenarios.map(
    (scenario) => `**${escapeMarkdown(scenario.scenario)}**\n\n${latencySideBySide(model, scenario)}`,
  );
  const memory = memorySideBySide(model);
  return ['## Side by side', ...tables, ...(memory === '' ? [] : [memory])];
}

function findings(found: readonly Finding[]): string[] {
  if (found.length === 0) return [];
  const lines = found.map(({ severity, target, scenario, level, message }) => {
    const about = [target, scenario, level === null ? null : formatLevel(level)]
      .filter((part) => part !== null)
      .join(' ');
    return `- **${severity}**${about === '' ? '' : ` (${escapeMarkdown(about)})`}: ${escapeMarkdown(message)}`;
  });
  const more = lines.length - MOST_FINDINGS;
  const rest = more > 0 ? [`- and ${more} more in \`summary.json\``] : [];
  return ['## Findings', [...lines.slice(0, MOST_FINDINGS), ...rest].join('\n')];
}

function scenarioPart(model: ReportModel, scenario: ScenarioRows): string[] {
  const columns = detailColumns(model, scenario);
  const rows = scenario.levels.flatMap(({ label, rows: cells }) =>
    cells.map((cell: CellSummary) => [label, shownName(model, cell.target), ...columns.map(({ text }) => text(cell))]),
  );
  return [
    `## ${escapeMarkdown(scenario.scenario)}`,
    ...(scenario.about === null ? [] : [escapeMarkdown(scenario.about)]),
    ...places(model, scenario),
    markdownTable([{ head: 'level', words: true }, { head: 'target', words: true }, ...columns], rows),
  ];
}

function places(model: ReportModel, scenario: ScenarioRows): string[] {
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

function absent({ absentTargets }: ReportModel): string[] {
  const elsewhere = absentTargets.filter(({ isAmongFeatures }) => !isAmongFeatures);
  if (elsewhere.length === 0) return [];
  return [
    '## Absent',
    elsewhere.map(({ target, message }) => `- **${escapeMarkdown(target)}**: ${escapeMarkdown(message)}`).join('\n'),
  ];
}

function noiseFloor(floors: readonly NoiseFloor[]): string[] {
  const known = floors.filter(({ pairs }) => pairs > 0);
  if (known.length === 0) return [];
  const rows = known.map(({ scenario, level, p50Us, p90Us, p99Us, pairs }) => [
    scenario,
    formatLevel(level),
    ...[p50Us, p90Us, p99Us].map((valueUs) => (valueUs === null ? '–' : formatMs(valueUs))),
    String(pairs),
  ]);
  return [
    '## Noise floor',
    FLOOR_EXPLAINS,
    markdownTable([{ head: 'scenario', words: true }, { head: 'level', words: true }, ...FLOOR_HEADS], rows),
  ];
}

const FLOOR_HEADS = ['p50 ms', 'p90 ms', 'p99 ms', 'pairs of direct'].map((head) => ({ head }));
