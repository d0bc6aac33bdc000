import type { ComparisonPageModel } from '../src/report/comparison-page-model.js';
import type { PageModel } from '../src/report/page-model.js';

/** Saves what the table is made from, every row of it, as CSV (RFC 4180). */
export function downloadCsv(model: PageModel): void {
  save('report.csv', 'text/csv', csvOf(model));
}

/** Saves the page's whole model. */
export function downloadJson(model: ComparisonPageModel | PageModel, name = 'report'): void {
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
      share ?? undefined,
      figure?.needed ?? undefined,
      figure?.blocks,
      verdict,
      figure === null ? change : '',
    ]),
  );
  save('comparison.csv', 'text/csv', csvText([CHANGE_HEAD, ...lines]));
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

const HEAD = [
  'scenario',
  'level',
  'target',
  'state',
  'added_p50_us',
  'added_p50_verdict',
  'added_p90_us',
  'added_p90_verdict',
  'added_p99_us',
  'added_p99_verdict',
  'latency_p50_us',
  'latency_p90_us',
  'latency_p99_us',
  'achieved_rps',
  'memory_bytes',
  'cpu_us_per_request',
];

function csvOf({ scenarios }: PageModel): string {
  const lines = scenarios.flatMap(({ scenario, levels }) =>
    levels.flatMap(({ label, rows }) =>
      rows.map(({ target, state, adds, latency, achieved, memory, cpu }) => [
        scenario,
        label,
        target,
        state,
        adds.p50?.value,
        adds.p50?.verdict,
        adds.p90?.value,
        adds.p90?.verdict,
        adds.p99?.value,
        adds.p99?.verdict,
        latency.p50?.value,
        latency.p90?.value,
        latency.p99?.value,
        achieved?.value,
        memory?.value,
        cpu?.value,
      ]),
    ),
  );
  return csvText([HEAD, ...lines]);
}

function csvText(lines: readonly (readonly (string | number | undefined)[])[]): string {
  return lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

/** A text that a spreadsheet would take for a formula gets an apostrophe in front. */
function quoted(cell: string | number | undefined): string {
  if (typeof cell !== 'string') return cell === undefined ? '' : String(cell);
  return `"${cell.replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;
}

/** Hands a file to the reader. */
export function save(name: string, type: string, content: string | Blob): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
