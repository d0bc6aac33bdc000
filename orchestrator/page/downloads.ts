import type { PageModel } from '../src/report/page-model.js';

/** Saves what the table is made from, every row of it, as CSV (RFC 4180). */
export function downloadCsv(model: PageModel): void {
  save('report.csv', 'text/csv', csvOf(model));
}

/** Saves the page's whole model. */
export function downloadJson(model: PageModel): void {
  save('report.json', 'application/json', JSON.stringify(model, null, 2));
}

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
  return [HEAD, ...lines].map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
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
