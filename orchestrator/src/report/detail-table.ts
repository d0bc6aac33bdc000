import type { CellSummary, Estimate, Judged, QuantileName } from '../record/summary.js';
import { formatIntervalMs, formatMiB, formatNumber, formatShare, formatShiftMs } from './format.js';
import { type ScenarioRows, stateText } from './model.js';

/** A column of the wide tables on a page: all figures with their intervals. */
export interface DetailColumn {
  readonly head: string;
  readonly text: (cell: CellSummary) => string;
  /** Words, set left; figures are set right. */
  readonly words?: boolean;
}

const VERDICT: Readonly<Record<Judged['verdict'], string>> = {
  above: '▲ above',
  below: '▼ below',
  'within-noise': '≈ within noise',
};

/** The columns that a scenario has figures for, behind level and target. */
export function detailColumns({ levels }: ScenarioRows): DetailColumn[] {
  const cells = levels.flatMap(({ rows }) => rows);
  const known = (of: (cell: CellSummary) => unknown): boolean => cells.some((cell) => (of(cell) ?? null) !== null);
  const latencies = (['p50', 'p90', 'p99', 'p999'] as const).filter((name) =>
    known(({ latencyUs }) => latencyUs[name]),
  );
  const tokens = (['p50', 'p99'] as const).filter((name) => known(({ ttftUs }) => ttftUs?.[name]));
  const gaps = (['p50', 'p99'] as const).filter((name) => known(({ gapUs }) => gapUs?.[name]));
  const shifts = (['p50', 'p90', 'p99'] as const).filter((name) => known(({ overheadUs }) => overheadUs?.[name]));
  return [
    { head: 'achieved rps', text: ({ achievedRps }) => orDash(achievedRps, formatNumber) },
    { head: 'ok %', text: ({ successRate }) => orDash(successRate, formatShare) },
    // Beside the rate, because the figures that it explains the lack of come next.
    ...(cells.some(({ state }) => state !== 'ok') ? [{ head: 'remark', text: stateText, words: true }] : []),
    ...latencies.map((name) => quantile(`${spoken(name)} ms`, ({ latencyUs }) => latencyUs[name])),
    ...shifts.map((name) => overhead(name)),
    ...tokens.map((name) => quantile(`first token ${spoken(name)} ms`, ({ ttftUs }) => ttftUs?.[name])),
    ...gaps.map((name) => quantile(`gap ${spoken(name)} ms`, ({ gapUs }) => gapUs?.[name])),
    { head: 'peak MiB', text: ({ memoryPeakBytes }) => orDash(memoryPeakBytes, formatMiB) },
    ...(known(({ cpuUsPerRequest }) => cpuUsPerRequest)
      ? [
          {
            head: 'CPU µs a request',
            text: ({ cpuUsPerRequest }: CellSummary) => orDash(cpuUsPerRequest, formatNumber),
          },
        ]
      : []),
    ...(cells.some(({ throttledMs }) => (throttledMs ?? 0) > 0)
      ? [{ head: 'throttled ms', text: ({ throttledMs }: CellSummary) => orDash(throttledMs, formatNumber) }]
      : []),
    { head: 'requests', text: ({ requests }) => String(requests) },
    { head: 'blocks', text: ({ blocks }) => String(blocks) },
  ];
}

/** `p999` is p99.9 to a person. */
function spoken(name: QuantileName): string {
  return name === 'p999' ? 'p99.9' : name;
}

function quantile(head: string, pick: (cell: CellSummary) => Estimate | undefined): DetailColumn {
  return { head, text: (cell) => orDash(pick(cell) ?? null, (estimate) => formatIntervalMs(estimate)) };
}

function overhead(name: 'p50' | 'p90' | 'p99'): DetailColumn {
  return {
    head: `over direct ${name} ms`,
    text: ({ overheadUs }) => {
      const judged = overheadUs?.[name];
      return judged === undefined ? '–' : `${formatIntervalMs(judged, formatShiftMs)} ${VERDICT[judged.verdict]}`;
    },
  };
}

function orDash<T>(value: T | null, format: (value: T) => string): string {
  return value === null ? '–' : format(value);
}
