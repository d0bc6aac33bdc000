import { usageError } from '../errors.js';

const MAX_DELAY_US = 60e6;

/** A provider's address from `http://HOST:PORT`. @throws BenchError `bad-value` */
export function parseUpstream(option: string, text: string): { readonly host: string; readonly port: number } {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:' && url.pathname === '/' && url.search === '' && url.hash === '')
    return { host: url.hostname, port: Number(url.port || 80) };
  throw usageError(
    'bad-value',
    `--${option} ${JSON.stringify(text)} cannot be used.`,
    'Give http://HOST:PORT, without a path.',
  );
}

/** Microseconds, from `200us`, `1.5ms` or `2s`. @throws BenchError `bad-value` */
export function time(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(us|µs|ms|s)$|^0$/.exec(text.trim());
  const us = match === null ? Number.NaN : Number(match[1] ?? 0) * unitUs(match[2] ?? 'us');
  if (us <= MAX_DELAY_US) return us;
  throw usageError(
    'bad-value',
    `--${option} ${JSON.stringify(text)} is no time that can be used.`,
    'Give a number with us, ms or s, at most 60s: 200us, 1.5ms.',
  );
}

function unitUs(unit: string): number {
  if (unit === 's') return 1e6;
  return unit === 'ms' ? 1e3 : 1;
}

/** 0 to 1, from `0.01` or `1%`. @throws BenchError `bad-value` */
export function share(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim());
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (value <= 1) return value;
  throw usageError(
    'bad-value',
    `--${option} ${JSON.stringify(text)} is no share.`,
    'Give a number from 0 to 1, or from 0% to 100%.',
  );
}

/** A number within bounds. @throws BenchError `bad-value` */
export function number(
  option: string,
  text: string,
  { min, max, whole = false }: { readonly min: number; readonly max: number; readonly whole?: boolean },
): number {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  throw usageError(
    'bad-value',
    `--${option} ${JSON.stringify(text)} cannot be used.`,
    `Give ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}.`,
  );
}
