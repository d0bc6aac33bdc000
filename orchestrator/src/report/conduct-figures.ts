import type { ConductRow } from '../analyse/conduct/row.js';
import { entryOf, type RowUnit } from '../analyse/conduct/row-book.js';

/** A row with its interval: `50.0 % (40.0 % to 60.0 %)`, `> 6.00 s` where more could not be seen, or why there is none. */
export function rowText(name: string, row: ConductRow | undefined): string {
  const { text, bounds } = rowParts(name, row);
  return bounds === '' ? text : `${text} (${bounds})`;
}

/** The same in two parts: figure or why there is none, and the interval; empty where it has no width. */
export function rowParts(
  name: string,
  row: ConductRow | undefined,
): { readonly text: string; readonly bounds: string } {
  const unit = entryOf(name)?.unit ?? 'times';
  if (row === undefined) return { text: '–', bounds: '' };
  if ('state' in row && row.state === 'not-offered')
    return { text: 'not offered', bounds: row.value === undefined ? '' : figure(row.value, unit) };
  if ('state' in row)
    return {
      text: row.value === undefined ? row.state.replace('-', ' ') : `> ${figure(row.value, unit)}`,
      bounds: '',
    };
  const bounds = row.low === row.high ? '' : `${figure(row.low, unit)} to ${figure(row.high, unit)}`;
  return { text: figure(row.value, unit), bounds };
}

/** A figure with its unit. */
export function figure(value: number, unit: RowUnit): string {
  if (unit === 'share') return `${(100 * value).toFixed(1)} %`;
  if (unit === 'us') return time(value);
  return value.toFixed(2);
}

/** What a figure changed by: shares in points of a hundred, all with a sign. */
export function shift(value: number, unit: RowUnit): string {
  const sign = value < 0 ? '−' : '+';
  const size = Math.abs(value);
  return unit === 'share' ? `${sign}${(100 * size).toFixed(1)} points` : `${sign}${figure(size, unit)}`;
}

/** `950 µs` is written `0.9 ms`: pauses and outages are no finer. */
function time(us: number): string {
  return Math.abs(us) >= 1e6 ? `${(us / 1e6).toFixed(2)} s` : `${(us / 1e3).toFixed(1)} ms`;
}
