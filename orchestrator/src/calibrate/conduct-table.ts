import { type ConductRow, isMeasured } from '../analyse/conduct/row.js';
import { markdownTable } from '../report/markdown-table.js';
import type { PolicyResult, RecoveredRow } from './judge-conduct.js';

/** `conduct.json` of a calibration. */
export interface ConductTable {
  readonly schemaVersion: 1;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Of crabllm-bench. */
  readonly version: string;
  readonly policies: readonly PolicyResult[];
}

const HEADS = ['policy', 'case', 'row', 'planted', 'measured', 'outcome'].map((head) => ({ head, words: true }));

/** The table of planted and measured, as Markdown: it is read in a terminal as it is. */
export function renderConduct(policies: readonly PolicyResult[]): string {
  const rows = policies.flatMap((policy) => policy.rows);
  const recovered = rows.filter(({ isRecovered }) => isRecovered).length;
  const verdicts = policies.map(({ policy, accusations, missed, wronged }) => {
    const said = accusations.map((each) => `${each.what} (${each.case})`).join('; ');
    const wrong = wronged.length === 0 ? '' : `; wrongly: ${wronged.map(({ row }) => row).join(', ')}`;
    const lost = missed.length === 0 ? '' : `; not accused of: ${missed.join(', ')}`;
    return `- ${policy}: ${said === '' ? 'accused of nothing' : said}${wrong}${lost}`;
  });
  return [markdownTable(HEADS, rows.map(cells)), `${recovered} of ${rows.length} rows recovered.`, verdicts.join('\n')]
    .join('\n\n')
    .concat('\n');
}

function cells({ policy, case: name, row, planted, measured, isRecovered }: RecoveredRow): string[] {
  const bounds = planted === 'beyond-phase' ? 'more than is seen' : `${figure(planted.from)} to ${figure(planted.to)}`;
  return [policy, name, row, bounds, describeRow(measured), isRecovered ? 'recovered' : 'MISSED'];
}

function describeRow(row: ConductRow): string {
  if (isMeasured(row)) return `${figure(row.value)} (${figure(row.low)} to ${figure(row.high)}; n ${row.count})`;
  return row.value === undefined ? row.reason : `> ${figure(row.value)}: ${row.reason}`;
}

/** Whole microseconds, or a share or ratio with what it carries. */
function figure(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toFixed(3)));
}
