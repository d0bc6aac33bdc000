import type { CellSummary, Finding, NoiseFloor, Summary } from '../record/summary.js';
import { formatLevel } from '../record/cell.js';
import { type DetailColumn, detailColumns } from './detail-table.js';
import { formatMs } from './format.js';
import { reportModel, type ReportModel, type ScenarioRows } from './model.js';
import { OVERHEAD_NAME } from './overhead-kinds.js';
import { LETTERS, placeLines } from './places.js';
import { howToRead } from './reading.js';

/**
 * The whole run as a Markdown page: findings, a table a scenario, what is absent, and how to read it.
 * @param ruler what the instrument can tell apart, in a sentence
 */
export function renderMarkdown(summary: Summary, ruler: string): string {
  const model = reportModel(summary);
  return [
    `# ${escape(model.title)}`,
    escape(model.subtitle),
    ...findings(summary.findings),
    ...model.scenarios.flatMap((scenario) => scenarioPart(model, scenario)),
    ...absent(model),
    ...noiseFloor(summary.noiseFloor),
    '## How to read this',
    howToRead(model)
      .map(({ term, text }) => `- **${escape(term)}** ${escape(text)}`)
      .join('\n'),
    escape(ruler),
    '',
  ].join('\n\n');
}

function findings(found: readonly Finding[]): string[] {
  if (found.length === 0) return [];
  const lines = found.map(({ severity, target, scenario, level, message }) => {
    const about = [target, scenario, level === null ? null : formatLevel(level)]
      .filter((part) => part !== null)
      .join(' ');
    return `- **${severity}**${about === '' ? '' : ` (${escape(about)})`}: ${escape(message)}`;
  });
  return ['## Findings', lines.join('\n')];
}

function scenarioPart(model: ReportModel, scenario: ScenarioRows): string[] {
  const columns = detailColumns(scenario);
  const rows = scenario.levels.flatMap(({ label, rows: cells }) =>
    cells.map((cell: CellSummary) => [label, cell.target, ...columns.map(({ text }) => text(cell))]),
  );
  return [
    `## ${escape(scenario.scenario)}`,
    ...(scenario.about === null ? [] : [escape(scenario.about)]),
    ...places(model, scenario),
    table([{ head: 'level', words: true }, { head: 'target', words: true }, ...columns], rows),
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
  return rows.length === 0 ? [] : [table(heads, rows)];
}

function absent({ absentTargets }: ReportModel): string[] {
  if (absentTargets.length === 0) return [];
  return [
    '## Absent',
    absentTargets.map(({ target, message }) => `- **${escape(target)}**: ${escape(message)}`).join('\n'),
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
    table([{ head: 'scenario', words: true }, { head: 'level', words: true }, ...FLOOR_HEADS], rows),
  ];
}

const FLOOR_HEADS = ['p50 ms', 'p90 ms', 'p99 ms', 'pairs of direct'].map((head) => ({ head }));

function table(columns: readonly Pick<DetailColumn, 'head' | 'words'>[], rows: readonly (readonly string[])[]): string {
  const rule = `| ${columns.map(({ words }) => (words === true ? ':--' : '--:')).join(' | ')} |`;
  return [tableLine(columns.map(({ head }) => head)), rule, ...rows.map(tableLine)].join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map(escape).join(' | ')} |`;
}

/** What would end a table's cell, begin markup or a tag. */
function escape(text: string): string {
  return text.replaceAll(/[\\|*_<>`[\]]/g, (character) => `\\${character}`).replaceAll(/\s+/g, ' ');
}
