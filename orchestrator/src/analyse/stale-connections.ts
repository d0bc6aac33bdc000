import { formatLevel } from '../record/cell.js';
import type { CellSummary, Finding } from '../record/summary.js';

/** Requests that met a connection which was just being closed: neither errors nor hidden. */
export function staleConnections(rows: readonly CellSummary[]): Finding[] {
  return rows.flatMap(({ target, scenario, level, staleConnections: stale = 0, requests }): Finding[] => {
    if (stale === 0) return [];
    const message =
      `${stale} of ${requests} requests at ${formatLevel(level)} were sent on an idle connection that it was just closing, and once more on a ` +
      'fresh one: no errors (RFC 9112, 9.3.1; the provider never saw the first sending), and their latency counts from the first intended time.';
    return [
      { code: 'stale-connections', severity: 'info', target, scenario, level, message, evidence: { stale, requests } },
    ];
  });
}
