import type { CellSummary, FeatureCost, Finding, NoiseFloor, PairedComparison, Summary } from '../record/summary.js';
import { formatLevel } from '../record/cell.js';
import { detailColumns } from './detail-table.js';
import { FEATURE_FIGURES, FEATURE_LEGEND, FEATURE_TITLE, featureTables } from './feature-rows.js';
import { formatMs } from './format.js';
import { escapeMarkdown, markdownTable } from './markdown-table.js';
import { reportModel, type ReportModel, type ScenarioRows } from './model.js';
import { OVERHEAD_NAME } from './overhead-kinds.js';
import { PAIRED_LEGEND, PAIRED_QUANTILES, pairedRows, pairedTitle } from './paired-rows.js';
import { LETTERS, placeLines } from './places.js';
import { howToRead } from './reading.js';
import { latencySideBySide, memorySideBySide } from './side-by-side.js';

/**
 * The whole run as a Markdown page: the targets side by side, findings, a table a scenario, what is absent, and how to read it.
 * @param ruler what the instrument can tell apart, in a sentence
 */
export function renderMarkdown(summary: Summary, ruler: string): string {
  const model = reportModel(summary);
  return [
    `# ${escapeMarkdown(model.title)}`,
    escapeMarkdown(model.subtitle),
    ...paired(summary.paired ?? []),
    ...features(summary.features ?? []),
    ...sideBySide(model),
    ...findings(summary.findings),
    ...model.scenarios.flatMap((scenario) => scenarioPart(model, scenario)),
    ...absent(model),
    ...noiseFloor(summary.noiseFloor),
    '## How to read this',
    howToRead(model)
      .map(({ term, text }) => `- **${escapeMarkdown(term)}** ${escapeMarkdown(text)}`)
      .join('\n'),
    escapeMarkdown(ruler),
    '',
  ].join('\n\n');
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

/** The matrix of a run with variants. */
function features(costs: readonly FeatureCost[]): string[] {
  if (costs.length === 0) return [];
  const words = (head: string) => ({ head, words: true });
  const heads = [
    words('feature'),
    words('gateway'),
    ...FEATURE_FIGURES.map((head) => ({ head })),
    words('seen to work'),
  ];
  return [
    `## ${FEATURE_TITLE}`,
    escapeMarkdown(FEATURE_LEGEND),
    ...featureTables(costs).flatMap(({ at, rows }) => [
      `**${escapeMarkdown(at)}**`,
      markdownTable(
        heads,
        rows.map(({ feature, gateway, figures, remark }) => [
          feature,
          gateway,
          ...FEATURE_FIGURES.map((_, i) => figures[i] ?? ''),
          remark,
        ]),
      ),
    ]),
  ];
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
  return ['## Findings', lines.join('\n')];
}

function scenarioPart(model: ReportModel, scenario: ScenarioRows): string[] {
  const columns = detailColumns(model, scenario);
  const rows = scenario.levels.flatMap(({ label, rows: cells }) =>
    cells.map((cell: CellSummary) => [label, cell.target, ...columns.map(({ text }) => text(cell))]),
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
  if (absentTargets.length === 0) return [];
  return [
    '## Absent',
    absentTargets
      .map(({ target, message }) => `- **${escapeMarkdown(target)}**: ${escapeMarkdown(message)}`)
      .join('\n'),
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
    markdownTable([{ head: 'scenario', words: true }, { head: 'level', words: true }, ...FLOOR_HEADS], rows),
  ];
}

const FLOOR_HEADS = ['p50 ms', 'p90 ms', 'p99 ms', 'pairs of direct'].map((head) => ({ head }));
