import type { CellSummary, Interval } from '../record/summary.js';

const MIB = 1024 ** 2;

/** Microseconds as milliseconds with three significant digits: `0.125`, `12.3`, `1234`. */
export function formatMs(valueUs: number): string {
  return (valueUs / 1000).toFixed(decimalsOf(valueUs / 1000));
}

function decimalsOf(ms: number): number {
  const size = Math.abs(ms);
  if (size >= 99.95) return 0;
  if (size >= 9.995) return 1;
  return size >= 0.9995 ? 2 : 3;
}

/** A signed shift in milliseconds: `+0.366`, `−0.012`. */
export function formatShiftMs(valueUs: number): string {
  return `${valueUs < 0 ? '−' : '+'}${formatMs(Math.abs(valueUs))}`;
}

/** What several shifts lie between, with the unit: `+0.366 to +1.20 ms`, `+0.366 ms` where all are shown alike. */
export function formatShiftsMs(valuesUs: readonly number[]): string {
  const [least, most] = [formatShiftMs(Math.min(...valuesUs)), formatShiftMs(Math.max(...valuesUs))];
  return least === most ? `${least} ms` : `${least} to ${most} ms`;
}

/** An interval that reaches further than this many times its value says that nothing is known; its ends are not shown. */
const WIDEST_SHARE = 9.995;

/** The interval as far as it is drawn: ends beyond ten times the value would press everything else against the axis. */
export function drawnInterval({ value, low, high }: Interval): Interval {
  const reach = WIDEST_SHARE * Math.abs(value);
  return {
    value,
    low: value > 0 && low >= 0 ? Math.max(low, value / 10) : Math.max(low, value - reach),
    high: Math.min(high, value + reach),
  };
}

/** Whether there is an interval at all: a driver that kept percentiles of one block only gives none. */
export function hasInterval({ low, high }: Interval): boolean {
  return low !== high;
}

/** From here on an interval is told as a factor: ±150 % would seem to reach below 0. */
const FACTOR_FROM = 1;

/**
 * The wider side of the interval as a share of the value, `±4%`, or as a factor where it is as much as the value, `×÷3.1`; empty when there
 * is no interval.
 */
export function formatSpread(estimate: Interval): string {
  if (!hasInterval(estimate)) return '';
  const share = reachOf(estimate) / Math.abs(estimate.value);
  if (share > WIDEST_SHARE) return '×÷>10';
  if (share >= FACTOR_FROM) return `×÷${(1 + share).toFixed(1)}`;
  return `±${share < 0.01 ? (share * 100).toFixed(1) : (share * 100).toFixed(0)}%`;
}

/** The bounds of a shift in milliseconds, with as many decimals as the larger needs: `[0.612, 0.868]`; empty when there is no interval. */
export function formatBoundsMs(estimate: Interval): string {
  if (!hasInterval(estimate)) return '';
  const { low, high } = estimate;
  const decimals = decimalsOf(Math.max(Math.abs(low), Math.abs(high)) / 1000);
  const bound = (valueUs: number): string => `${valueUs < 0 ? '−' : ''}${(Math.abs(valueUs) / 1000).toFixed(decimals)}`;
  return `[${bound(low)}, ${bound(high)}]`;
}

/**
 * What a shift that cannot be told from noise is at most, in words: `≤0.364`; a figure would have a sign that may be false. Without an
 * interval nothing bounds it, and the figure is all there is: `+0.578`.
 */
export function formatAtMostMs(estimate: Interval): string {
  const { value, high } = estimate;
  if (!hasInterval(estimate)) return formatShiftMs(value);
  return `≤${formatMs(Math.max(value, high, 0))}`;
}

/** `0.125 [0.120, 0.131]`, or the value alone when there is no interval. */
export function formatIntervalMs(estimate: Interval, format: (valueUs: number) => string = formatMs): string {
  if (!hasInterval(estimate)) return format(estimate.value);
  if (reachOf(estimate) > WIDEST_SHARE * Math.abs(estimate.value))
    return `${format(estimate.value)} ${formatSpread(estimate)}`;
  return `${format(estimate.value)} [${format(estimate.low)}, ${format(estimate.high)}]`;
}

/** A share as per cent; never `100` for anything less than all. */
export function formatShare(share: number): string {
  if (share === 1) return '100';
  return (Math.floor(share * 10_000) / 100).toFixed(share >= 0.9 ? 2 : 1);
}

/** The share of right answers as per cent, and how many of them met a connection first that was being closed; a dash without any. */
export function formatSuccess({ successRate, staleConnections = 0 }: CellSummary): string {
  if (successRate === null) return '–';
  return staleConnections === 0 ? formatShare(successRate) : `${formatShare(successRate)} (${staleConnections} stale)`;
}

/** Bytes as MiB: `5.4`, `152`. */
export function formatMiB(bytes: number): string {
  return (bytes / MIB).toFixed(bytes < 99.95 * MIB ? 1 : 0);
}

/** A rate, a count or a time without more digits than it carries: `53.4`, `1999`. */
export function formatNumber(value: number): string {
  return value.toFixed(value < 99.95 ? 1 : 0);
}

function reachOf({ value, low, high }: Interval): number {
  return Math.max(value - low, high - value);
}
