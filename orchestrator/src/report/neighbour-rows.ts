import { cellKey, formatLevel } from '../record/cell.js';
import { groupBy } from '../grouping.js';
import type { CellSummary, NeighbourEffect, Summary } from '../record/summary.js';
import { formatBoundsMs, formatMs, formatShiftMs } from './format.js';
import type { TrafficTable } from './session-rows.js';
import { VERDICT_SIGN } from './verdict-sign.js';

export const NEIGHBOUR_TITLE = 'Noisy neighbours: what they do to the latency of others';

/** What stands below the tables. */
export const NEIGHBOUR_LEGEND =
  'Short chats at the same steady rate, without a neighbour and with one, in the same visits: by how many ms it moves their latency, with the 95 % ' +
  'interval; ▲ more, ▼ less, ≈ no more than the chats differ by from themselves without, which were measured twice. What direct shows is the ' +
  'machine’s, the mock’s and the load’s own share.';

const QUANTILES = ['p50', 'p99'] as const;

/** The tables, in the order of the summary; empty of a run without neighbours. */
export function neighbourTables({ neighbours = [], cells }: Pick<Summary, 'neighbours' | 'cells'>): TrafficTable[] {
  const groups = groupBy(
    neighbours,
    ({ level, neighbour }) => `${neighbour} beside ${formatLevel(level)} of short chats`,
  );
  return [...groups].map(([at, effects]) => ({
    at,
    heads: ['target', ...QUANTILES.flatMap((quantile) => [`${quantile} without`, 'moved by'])],
    rows: effects.filter(({ state }) => state === 'ok').map((effect) => [effect.target, ...figuresOf(effect, cells)]),
    notes: effects.flatMap(({ target, state, reason }) =>
      state === 'ok' ? [] : [`${target}: ${reason?.message ?? state}`],
    ),
  }));
}

function figuresOf({ target, level, against, movedUs }: NeighbourEffect, cells: readonly CellSummary[]): string[] {
  const [first = ''] = against;
  const without = cells.find((cell) => cellKey(cell) === cellKey({ target, scenario: first, level }));
  return QUANTILES.flatMap((quantile) => {
    const [alone, moved] = [without?.latencyUs[quantile], movedUs?.[quantile]];
    return [
      alone === undefined ? '–' : formatMs(alone.value),
      moved === undefined
        ? '–'
        : `${`${formatShiftMs(moved.value)} ${formatBoundsMs(moved)}`.trim()} ${VERDICT_SIGN[moved.verdict]}`,
    ];
  });
}
