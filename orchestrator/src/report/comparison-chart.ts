import type { ChangeLane, Changes } from './charts/chart.js';
import type { ChangedFigure } from './comparison-rows.js';
import { VERDICT_TEXT, worstFirst } from './comparison-verdict.js';
import type { PageChange } from './comparison-page-model.js';

/** How changes are drawn: b as a multiple of a, or b − a. */
export type ChangesAs = Changes['as'];

/** Lanes that a chart shows unless more are asked for: a screen or two. */
export const MOST_LANES = 30;

/** A change as numbers of a diagram are shown: what divides it, and what it is in then. */
const SHOWN: Readonly<Record<ChangedFigure['unit'], { readonly divisor: number; readonly unit: string }>> = {
  us: { divisor: 1000, unit: 'ms' },
  bytes: { divisor: 1024 ** 2, unit: 'MiB' },
  share: { divisor: 0.01, unit: 'points' },
  rate: { divisor: 1, unit: 'a second' },
  times: { divisor: 1, unit: '' },
};

/** As many rows as a chart shows: of more the ones that changed, worst first, in the order that they came in. */
export function shownRows(rows: readonly PageChange[], most: number): readonly PageChange[] {
  if (rows.length <= most) return rows;
  const kept = new Set(worstFirst(rows).slice(0, most));
  return rows.filter((row) => kept.has(row));
}

/**
 * The changes of one kind of figure as lanes.
 * @param gateways names of all, which decide the place of each
 * @returns null where none of the rows can be drawn so
 */
export function changesDrawing(
  rows: readonly PageChange[],
  as: ChangesAs,
  gateways: readonly string[],
): Changes | null {
  const lanes = rows.flatMap((row) => laneOf(row, as, gateways) ?? []);
  const unit = rows.find(({ figure }) => figure !== null)?.figure?.unit ?? 'times';
  return lanes.length === 0 ? null : { kind: 'changes', as, unit: SHOWN[unit].unit, lanes };
}

/** Why a row is not in the chart, a line each. */
export function lackingIn(rows: readonly PageChange[], as: ChangesAs): string[] {
  return rows.flatMap((row) => {
    if (laneOf(row, as, []) !== null) return [];
    const why = row.figure === null ? row.change : `a’s figure is ${row.a}, of which nothing is a multiple`;
    return [`${row.cell}: ${why}`];
  });
}

function laneOf(row: PageChange, as: ChangesAs, gateways: readonly string[]): ChangeLane | null {
  const { figure, limit, gateway, scenario, level, change, share, verdict } = row;
  if (figure === null || verdict === 'not-compared') return null;
  const { unit, a, value, low, high, needed, blocks } = figure;
  if (as === 'ratio' && a <= 0) return null;
  const { divisor } = SHOWN[unit];
  const at = (difference: number): number => (as === 'ratio' ? (a + difference) / a : difference / divisor);
  // A ratio of nothing or less has no place on a log axis.
  if (as === 'ratio' && at(value) <= 0) return null;
  const place = `${scenario}${level === '' ? '' : ` at ${level}`}`;
  const sign = VERDICT_TEXT[verdict].slice(0, 1);
  const few = share === null ? change.replace(/ \[.*/, '') : `${share < 0 ? '−' : '+'}${percent(Math.abs(share))} %`;
  return {
    target: gateways.indexOf(gateway),
    // Of one gateway alone the heading says whose changes they are, and there is more room for where.
    label: gateways.length === 1 ? place : `${gateway}, ${place}`,
    text: `${change} ${sign}`,
    short: `${few} ${sign}`,
    verdict,
    value: at(value),
    low: at(low),
    high: at(high),
    needed: needed === null ? null : { low: at(-needed), high: at(needed) },
    limit: limit === null ? null : at(limit),
    basis: `${blocks} ${blocks === 1 ? 'block' : 'blocks'}`,
  };
}

function percent(share: number): string {
  return (100 * share).toFixed(share < 0.0995 ? 1 : 0);
}
