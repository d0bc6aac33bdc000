import type { ConductRun } from '../record/conduct.js';
import { entryOf, ROWS_IN_ORDER } from '../analyse/conduct/row-book.js';
import { rowText } from './conduct-figures.js';
import { markdownTable } from './markdown-table.js';

type Case = ConductRun['conduct'][number];
type Row = Case['rows'][string];

/** In print there is room for what differs most; `conduct.json` and the page have the others. */
const NOT_PRINTED = new Set([
  'leastRetryGapUs',
  'gapGrowth',
  'retryPeak',
  'servedAddedUs',
  'returnFirstUs',
  'splitBefore',
  'usualUs',
  'splitAfter',
  'splitOffAfter',
  'mustNotRetryFallback',
  'errorWrappedShare',
  'modelKeptShare',
  'connectionsAfter',
]);
const ON_THE_CARD = ROWS_IN_ORDER.filter((row) => !NOT_PRINTED.has(row));

/** The scorecard: a table a case, a line a target, and what speaks against whom. Markdown that can be read as it is. */
export function conductCard(run: ConductRun): string {
  const names = [...new Set(run.conduct.map(({ case: name }) => name))];
  const absent = run.targets.flatMap(({ name, absent: reason }) =>
    reason === null ? [] : [`- ${name} is absent: ${reason.message}`],
  );
  const unoffered = run.played.flatMap((each) =>
    'reason' in each && each.reason.code === 'not-offered'
      ? [`- ${each.target}, ${each.case}: ${each.reason.message}`]
      : [],
  );
  const left = run.played.flatMap((each) =>
    'reason' in each && each.reason.code !== 'not-offered'
      ? [
          `- ${each.target}, ${each.case}, block ${each.block}${each.voided === undefined ? '' : ' is void'}: ${each.reason.message}`,
        ]
      : [],
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
    ...(warned(run).length === 0 ? [] : ['## Warnings', warned(run).join('\n')]),
    ...(unoffered.length === 0 ? [] : ['## Not offered', [...new Set(unoffered)].join('\n')]),
    ...(absent.length + left.length === 0 ? [] : ['## Not measured', [...absent, ...left].join('\n')]),
  ]
    .join('\n\n')
    .concat('\n');
}

/** What colours figures without making them void, once for each target and message. */
function warned({ played }: ConductRun): string[] {
  const lines = played.flatMap((each) =>
    'files' in each
      ? each.warnings.map(({ message }) => `- ${each.target}, ${each.case}, block ${each.block}: ${message}`)
      : [],
  );
  return [...new Set(lines)];
}

function caseTable(cases: readonly Case[], name: string): string {
  const columns = ON_THE_CARD.filter((row) => cases.some(({ rows }) => rows[row] !== undefined && isTold(rows[row])));
  const heads = [{ head: 'target', words: true }, ...columns.map((row) => ({ head: entryOf(row)?.head ?? row }))];
  const unknown = cases
    .filter(({ requests }) => requests.unknown > 0)
    .map(({ target, requests }) => `${target} ${requests.unknown}`);
  return [
    `## ${name}`,
    markdownTable(
      heads,
      cases.map(({ target, rows }) => [target, ...columns.map((row) => rowText(row, rows[row]))]),
    ),
    ...(unknown.length === 0 ? [] : [`Requests whose attempts cannot be told: ${unknown.join(', ')}.`]),
  ].join('\n\n');
}

/** A column in which nobody has anything to say is none. */
function isTold(row: Row): boolean {
  return !('state' in row) || row.state !== 'nothing-seen';
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
