import { cellKey, formatLevel, type Level } from '../record/cell.js';
import type { CellSummary, SessionTurnRows, Summary } from '../record/summary.js';
import { formatMs, formatShiftMs } from './format.js';
import { overheadKinds, overheadOf } from './overhead-kinds.js';
import { VERDICT_SIGN } from './verdict-sign.js';

/** What is told of sessions or neighbours at one level. */
export interface TrafficTable {
  readonly at: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What has no figures, with its reason; below the table. */
  readonly notes: readonly string[];
}

export const SESSION_TITLE = 'Sessions: latency by turn and size of the conversation';

/** What stands below the tables. */
export const SESSION_LEGEND =
  'Latency in ms from the moment at which the turn was due (the answer before it and a pause) to the last byte of its answer; behind it what ' +
  'the target adds above direct, ▲ above, ▼ below, ≈ not to be told from direct. kB: the conversation in the first and in the last of these turns.';

const QUANTILES = ['p50', 'p99'] as const;

/** The tables, in the order of the summary; empty of a run without sessions. */
export function sessionTables({ sessions = [], cells }: Pick<Summary, 'sessions' | 'cells'>): TrafficTable[] {
  return sessions.map((session) => tableOf(session, cells));
}

function tableOf({ scenario, level, rows }: SessionTurnRows, cells: readonly CellSummary[]): TrafficTable {
  const cellOf = (target: string, at: { readonly scenario: string; readonly level: Level }): CellSummary | undefined =>
    cells.find((cell) => cellKey(cell) === cellKey({ target, scenario: at.scenario, level: at.level }));
  const targets = [...new Set(cells.map(({ target }) => target))].filter((target) =>
    rows.some((row) => cellOf(target, row)?.state === 'ok'),
  );
  return {
    at: `${scenario} · ${formatLevel(level)}`,
    heads: ['turns', 'kB', 'ms', ...targets],
    notes: [],
    rows: rows.flatMap((row) => {
      const own = targets.map((target) => cellOf(target, row));
      const known = QUANTILES.filter((quantile) => own.some((cell) => cell?.latencyUs[quantile] !== undefined));
      const { turns, bytes } = row;
      return known.map((quantile) => [
        `${turns.first}–${turns.last}`,
        `${Math.round(bytes.least / 1000)}–${Math.round(bytes.most / 1000)}`,
        quantile,
        ...own.map((cell) => textOf(cell, quantile)),
      ]);
    }),
  };
}

function textOf(cell: CellSummary | undefined, quantile: (typeof QUANTILES)[number]): string {
  const latency = cell?.latencyUs[quantile];
  if (cell === undefined || cell.state !== 'ok') return cell?.state ?? '–';
  if (latency === undefined) return '–';
  const [kind = 'quantile-shift'] = overheadKinds([cell]);
  const added = cell.target === 'direct' ? null : overheadOf(cell, kind, quantile);
  const behind = added === null ? '' : ` ${formatShiftMs(added.estimate.value)} ${VERDICT_SIGN[added.verdict]}`;
  return `${formatMs(latency.value)}${behind}`;
}
