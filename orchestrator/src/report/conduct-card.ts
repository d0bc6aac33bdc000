import type { ConductRun } from '../record/conduct.js';
import { markdownTable } from './markdown-table.js';

type Case = ConductRun['conduct'][number];
type Row = Case['rows'][string];

/** How a row is written. */
interface Column {
  readonly row: string;
  readonly head: string;
  readonly unit: 'times' | 'share' | 'time' | 'rate';
}

/** Rows of the scorecard, in their order; those that a case does not have are left out of its table. */
const COLUMNS: readonly Column[] = [
  { row: 'servedShare', head: 'served', unit: 'share' },
  { row: 'amplification', head: 'attempts a request', unit: 'times' },
  { row: 'mostAttempts', head: 'most', unit: 'times' },
  { row: 'retryGapUs', head: 'first pause', unit: 'time' },
  { row: 'jitter', head: 'jitter', unit: 'times' },
  { row: 'failoverUs', head: 'failed over after', unit: 'time' },
  { row: 'primaryTouchedShare', head: 'touched the primary', unit: 'share' },
  { row: 'probesPerSecond', head: 'at the primary a second', unit: 'rate' },
  { row: 'returnUs', head: 'back after', unit: 'time' },
  { row: 'goodputAfter', head: 'goodput after', unit: 'times' },
  { row: 'retryAfterHonoured', head: 'Retry-After honoured', unit: 'share' },
  { row: 'backpressureShare', head: 'told by 429', unit: 'share' },
  { row: 'cutToldShare', head: 'cut: told', unit: 'share' },
  { row: 'cutBrokenShare', head: 'cut: broken', unit: 'share' },
  { row: 'cutShortShare', head: 'cut: short', unit: 'share' },
  { row: 'cutForgedShare', head: 'cut: forged', unit: 'share' },
  { row: 'stallBoundUs', head: 'stall ended after', unit: 'time' },
  { row: 'mustNotRetry', head: 'attempts', unit: 'times' },
  { row: 'statusKeptShare', head: 'status kept', unit: 'share' },
  { row: 'abortPassedShare', head: 'leaving passed on', unit: 'share' },
  { row: 'abortPassedUs', head: 'after', unit: 'time' },
  { row: 'attemptsAfterLeft', head: 'attempts after it', unit: 'times' },
  { row: 'doubleWork', head: 'double work', unit: 'share' },
];

/** The scorecard: a table a case, a line a target, and what speaks against whom. Markdown that can be read as it is. */
export function conductCard(run: ConductRun): string {
  const names = [...new Set(run.conduct.map(({ case: name }) => name))];
  const absent = run.targets.flatMap(({ name, absent: reason }) =>
    reason === null ? [] : [`- ${name} is absent: ${reason.message}`],
  );
  const left = run.played.flatMap((each) =>
    'reason' in each ? [`- ${each.target}, ${each.case}, block ${each.block}: ${each.reason.message}`] : [],
  );
  return [
    '# Conduct while providers fail',
    `${run.startedAt.slice(0, 16).replace('T', ' ')} UTC · crabllm-bench ${run.version} · ${run.runtime} · ${run.blocks.done} of ${run.blocks.planned} blocks`,
    ...names.map((name) =>
      caseTable(
        run.conduct.filter((each) => each.case === name),
        name,
      ),
    ),
    '## What speaks against whom',
    accused(run.conduct),
    ...(absent.length + left.length === 0 ? [] : ['## Not measured', [...absent, ...left].join('\n')]),
  ]
    .join('\n\n')
    .concat('\n');
}

function caseTable(cases: readonly Case[], name: string): string {
  const columns = COLUMNS.filter(({ row }) => cases.some(({ rows }) => rows[row] !== undefined && isTold(rows[row])));
  const heads = [{ head: 'target', words: true }, ...columns.map(({ head }) => ({ head }))];
  const unknown = cases
    .filter(({ requests }) => requests.unknown > 0)
    .map(({ target, requests }) => `${target} ${requests.unknown}`);
  return [
    `## ${name}`,
    markdownTable(
      heads,
      cases.map(({ target, rows }) => [target, ...columns.map(({ row, unit }) => cell(rows[row], unit))]),
    ),
    ...(unknown.length === 0 ? [] : [`Requests whose attempts cannot be told: ${unknown.join(', ')}.`]),
  ].join('\n\n');
}

/** A column in which nobody has anything to say is none. */
function isTold(row: Row): boolean {
  return !('state' in row) || row.state !== 'nothing-seen';
}

function cell(row: Row | undefined, unit: Column['unit']): string {
  if (row === undefined) return '–';
  if ('state' in row) return row.value === undefined ? row.state.replace('-', ' ') : `> ${figure(row.value, unit)}`;
  return row.low === row.high
    ? figure(row.value, unit)
    : `${figure(row.value, unit)} (${figure(row.low, unit)} to ${figure(row.high, unit)})`;
}

function figure(value: number, unit: Column['unit']): string {
  if (unit === 'share') return `${(100 * value).toFixed(1)} %`;
  if (unit === 'time') return value >= 1e6 ? `${(value / 1e6).toFixed(2)} s` : `${(value / 1e3).toFixed(1)} ms`;
  return value.toFixed(2);
}

function accused(cases: readonly Case[]): string {
  const targets = [...new Set(cases.map(({ target }) => target))];
  return targets
    .map((target) => {
      const said = cases.filter((each) => each.target === target).flatMap(({ accusations }) => accusations);
      const words = said.map(({ case: name, what }) => `${what} (${name})`).join('; ');
      return `- ${target}: ${words === '' ? 'nothing' : words}`;
    })
    .join('\n');
}
