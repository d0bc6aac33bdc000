/** What a column of times counts in. */
export type TimeUnit = 's' | 'ms' | 'us';

/** The most that one request may ask for, tokens. */
export const MOST_TOKENS = { prompt: 1_000_000, output: 100_000 } as const;

const UNIT_US = { s: 1e6, ms: 1e3, us: 1 } as const;
const DATE = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;
const NUMBER = /^(\d+)(\.\d*)?(e[-+]?\d+)?$/i;

/**
 * Microseconds of a number, or of a date since 1970; null when it is neither. Not by Date alone, which ends at milliseconds.
 * Numbers too large for seconds are time since 1970 in what their size says: milliseconds, microseconds or nanoseconds.
 */
export function microsecondsOf(text: string, unit: TimeUnit): number | null {
  const value = text.trim();
  const [number, whole = ''] = NUMBER.exec(value) ?? [];
  if (number === undefined) return ofDate(value);
  if (unit !== 's') return Number(number) * UNIT_US[unit];
  // Nanoseconds since 1970 do not fit a double: they lose their last three digits first.
  if (whole.length >= 18) return number === whole ? Number(whole.slice(0, -3)) : null;
  const perUnit = whole.length >= 15 ? 1 : whole.length >= 12 ? 1e3 : 1e6;
  return Number(number) * perUnit;
}

function ofDate(text: string): number | null {
  const [whole, date = '', time = '', fraction = '0', zone = 'Z'] = DATE.exec(text) ?? [];
  const ms = whole === undefined ? Number.NaN : Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? null : ms * 1000 + Number(`0${fraction}`) * 1e6;
}

/** A number of tokens, also written `374.0`, `1,024` or `1e3`; null when it is no whole number from 0 on. */
export function tokensOf(text: string): number | null {
  const value = text.trim();
  const digits = /^\d{1,3}(,\d{3})+$/.test(value) ? value.replaceAll(',', '') : value;
  const count = NUMBER.test(digits) ? Number(digits) : Number.NaN;
  return Number.isInteger(count) ? count : null;
}
