import type { CellSummary } from '../record/summary.js';
import { formatMiB, formatMs } from './format.js';
import { markdownTable } from './markdown-table.js';
import { type ReportModel, type ScenarioRows, shownName } from './model.js';

/** The latencies of a scenario for a docs page: a row a level, a column a target, `p50 / p99` in milliseconds, states in words. */
export function latencySideBySide(model: ReportModel, { levels }: ScenarioRows): string {
  const { targets } = model;
  const rows = levels.map(({ label, rows: cells }) => [
    label,
    ...targets.map((target) => latencyText(cells.find((cell) => cell.target === target))),
  ]);
  return markdownTable(
    [{ head: 'p50 / p99 ms', words: true }, ...targets.map((target) => ({ head: shownName(model, target) }))],
    rows,
  );
}

/** One row a target: the most memory of all cells, and of which. */
export function memorySideBySide(model: ReportModel): string {
  const { targets, scenarios, memory } = model;
  const cells = scenarios.flatMap(({ levels }) =>
    levels.flatMap(({ rows, label }) => rows.map((cell) => ({ cell, label }))),
  );
  const rows = targets.flatMap((target) => {
    const known = cells.filter(({ cell }) => cell.target === target && cell.memoryPeakBytes !== null);
    if (known.length === 0) return [];
    const most = known.reduce((a, b) => ((b.cell.memoryPeakBytes ?? 0) > (a.cell.memoryPeakBytes ?? 0) ? b : a));
    return [
      [shownName(model, target), formatMiB(most.cell.memoryPeakBytes ?? 0), `${most.cell.scenario}, ${most.label}`],
    ];
  });
  if (rows.length === 0) return '';
  const what = memory === 'peak' ? 'peak memory, MiB' : 'memory behind the load, MiB';
  return markdownTable([{ head: 'target', words: true }, { head: what }, { head: 'at', words: true }], rows);
}

function latencyText(cell: CellSummary | undefined): string {
  // A target that is absent altogether has no cells in a model; why is said beside the table.
  if (cell === undefined) return 'absent';
  const { state, latencyUs, latencyAtAchievedUs, achievedRps } = cell;
  if (state === 'saturated') {
    const rate = achievedRps === null ? '' : ` at ${achievedRps.toFixed(achievedRps < 100 ? 1 : 0)}/s`;
    const { p50, p99 } = latencyAtAchievedUs ?? {};
    return p50 === undefined ? `saturated${rate}` : `saturated${rate}: ${pair(p50.value, p99?.value)}`;
  }
  if (state !== 'ok') return state;
  return latencyUs.p50 === undefined ? 'too few requests' : pair(latencyUs.p50.value, latencyUs.p99?.value);
}

function pair(p50Us: number, p99Us: number | undefined): string {
  return `${formatMs(p50Us)} / ${p99Us === undefined ? '–' : formatMs(p99Us)}`;
}
