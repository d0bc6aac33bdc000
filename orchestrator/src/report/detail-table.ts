import type { CellSummary, Estimate, OverheadKind, QuantileName, Verdict } from '../record/summary.js';
import { formatAtMostMs, formatIntervalMs, formatMiB, formatNumber, formatShiftMs, formatSuccess } from './format.js';
import { type ReportModel, type ScenarioRows, stateText } from './model.js';
import { OVERHEAD_NAME, overheadKinds, overheadOf } from './overhead-kinds.js';

/** A column of the wide tables on a page: all figures with their intervals. */
export interface DetailColumn {
  readonly head: string;
  readonly text: (cell: CellSummary) => string;
  /** Words, set left; figures are set right. */
  readonly words?: boolean;
}

const VERDICT: Readonly<Record<Verdict, string>> = {
  above: '▲ above',
  below: '▼ below',
  'within-noise': '≈ not told from direct',
};

/** The columns that a scenario has figures for, behind level and target. */
export function detailColumns({ memory }: Pick<ReportModel, 'memory'>, { levels }: ScenarioRows): DetailColumn[] {
  const cells = levels.flatMap(({ rows }) => rows);
  const known = (of: (cell: CellSummary) => unknown): boolean => cells.some((cell) => (of(cell) ?? null) !== null);
  const latencies = (['p50', 'p90', 'p99', 'p999'] as const).filter((name) =>
    known(({ latencyUs }) => latencyUs[name]),
  );
  const tokens = (['p50', 'p99'] as const).filter((name) => known(({ ttftUs }) => ttftUs?.[name]));
  const gaps = (['p50', 'p99'] as const).filter((name) => known(({ gapUs }) => gapUs?.[name]));
  // The headline comes first; where it is per request, the shift of quantiles is beside it for those who know it from elsewhere.
  const kinds: readonly OverheadKind[] = overheadKinds(cells).includes('per-request')
    ? ['per-request', 'quantile-shift']
    : ['quantile-shift'];
  const overheads = kinds.flatMap((kind) =>
    (['p50', 'p90', 'p99'] as const)
      .filter((name) => known((cell) => overheadOf(cell, kind, name)))
      .map((name) => overhead(kind, name)),
  );
  const ways = (
    [
      ['to the mock', ({ perRequest }: CellSummary) => perRequest?.requestPathUs?.p50],
      ['back from it', ({ perRequest }: CellSummary) => perRequest?.responsePathUs?.p50],
    ] as const
  ).filter(([, pick]) => known(pick));
  return [
    { head: 'achieved rps', text: ({ achievedRps }) => orDash(achievedRps, formatNumber) },
    { head: 'ok %', text: formatSuccess },
    // Beside the rate, because the figures that it explains the lack of come next.
    ...(cells.some(({ state }) => state !== 'ok') ? [{ head: 'remark', text: stateText, words: true }] : []),
    ...latencies.map((name) => quantile(`${spoken(name)} ms`, ({ latencyUs }) => latencyUs[name])),
    ...overheads,
    ...ways.map(([way, pick]) => quantile(`${way} p50 ms`, pick)),
    ...tokens.map((name) => quantile(`first token ${spoken(name)} ms`, ({ ttftUs }) => ttftUs?.[name])),
    ...gaps.map((name) => quantile(`gap ${spoken(name)} ms`, ({ gapUs }) => gapUs?.[name])),
    {
      head: memory === 'peak' ? 'peak MiB' : 'MiB behind the load',
      text: ({ memoryPeakBytes }) => orDash(memoryPeakBytes, formatMiB),
    },
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

function overhead(kind: OverheadKind, name: 'p50' | 'p90' | 'p99'): DetailColumn {
  return {
    head: `${OVERHEAD_NAME[kind]} ${name} ms`,
    text: (cell) => {
      const shown = overheadOf(cell, kind, name);
      if (shown === null) return '–';
      if (shown.verdict === 'within-noise') return `${formatAtMostMs(shown.estimate)} ${VERDICT[shown.verdict]}`;
      return `${formatIntervalMs(shown.estimate, formatShiftMs)} ${VERDICT[shown.verdict]}`;
    },
  };
}

function orDash<T>(value: T | null, format: (value: T) => string): string {
  return value === null ? '–' : format(value);
}
