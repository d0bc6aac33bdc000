import type { ComparisonPageModel } from '../src/report/comparison-page-model.js';
import type { PageEstimate, PageModel } from '../src/report/page-model.js';

type Cell = string | number | null | undefined;

/** Saves a table as CSV (RFC 4180), its heads first. */
export function downloadCsv(table: readonly (readonly Cell[])[], name = 'report'): void {
  save(`${name}.csv`, 'text/csv', table.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join(''));
}

/** Saves the page's whole model. */
export function downloadJson(model: unknown, name = 'report'): void {
  save(`${name}.json`, 'application/json', JSON.stringify(model, null, 2));
}

/** Saves every change of a comparison as CSV, a line each. */
export function downloadChanges({ figures }: ComparisonPageModel): void {
  const lines = figures.flatMap(({ rows }) =>
    rows.map(({ against, gateway, scenario, level, name, figure, share, verdict, change }) => [
      against,
      gateway,
      scenario,
      level,
      name,
      figure?.unit,
      figure?.a,
      figure?.b,
      figure?.value,
      figure?.low,
      figure?.high,
      share,
      figure?.needed,
      figure?.blocks,
      verdict,
      figure === null ? change : '',
    ]),
  );
  downloadCsv([CHANGE_HEAD, ...lines], 'comparison');
}

const CHANGE_HEAD = [
  'a_gateway',
  'b_gateway',
  'scenario',
  'level',
  'figure',
  'unit',
  'a',
  'b',
  'change',
  'change_low',
  'change_high',
  'change_share_of_a',
  'change_needed',
  'blocks',
  'verdict',
  'reason',
];

const QUANTILES = ['p50', 'p90', 'p99'] as const;
const HEAD = [
  'scenario',
  'level',
  'target',
  'state',
  'requests',
  'blocks',
  ...QUANTILES.flatMap((name) => [...bounded(`added_${name}`), `added_${name}_verdict`, `place_${name}`]),
  ...QUANTILES.flatMap((name) => bounded(`latency_${name}`)),
  'achieved_rps',
  'memory_bytes',
  'cpu_us_per_request',
];

/** Everything that the table of a report is made from, chosen or not. */
export function reportTable({ scenarios }: PageModel): Cell[][] {
  const lines = scenarios.flatMap(({ scenario, levels }) =>
    levels.flatMap(({ label, rows }) =>
      rows.map(({ target, state, requests, blocks, adds, place, latency, achieved, memory, cpu }) => [
        scenario,
        label,
        target,
        state,
        requests,
        blocks,
        ...QUANTILES.flatMap((name) => [...boundsOf(adds[name]), adds[name]?.verdict, place[name]?.text]),
        ...QUANTILES.flatMap((name) => boundsOf(latency[name])),
        achieved?.value,
        memory?.value,
        cpu?.value,
      ]),
    ),
  );
  return [HEAD, ...lines];
}

function bounded(name: string): string[] {
  return [`${name}_us`, `${name}_low_us`, `${name}_high_us`];
}

function boundsOf(figure: PageEstimate | undefined): Cell[] {
  return [figure?.value, figure?.low, figure?.high];
}

/** A text that a spreadsheet would take for a formula gets an apostrophe in front. */
function quoted(cell: Cell): string {
  if (typeof cell !== 'string') return String(cell ?? '');
  return `"${cell.replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;
}

/** Hands a file to the reader. */
export function save(name: string, type: string, content: string | Blob): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
