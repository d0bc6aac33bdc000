import { randomInt } from 'node:crypto';
import { nearest } from '../../nearest.js';
import { usageError } from '../../errors.js';

/** A decimal number in a range. @throws BenchError `bad-value` that names the option, the value and what is allowed */
export function parseNumber(
  option: string,
  text: string,
  bounds: { readonly min: number; readonly max: number; readonly integer?: boolean; readonly unit?: string },
): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text.trim()) ? Number(text) : Number.NaN;
  const kind = bounds.integer === true ? 'a whole number' : 'a number';
  const ok =
    Number.isFinite(value) &&
    value >= bounds.min &&
    value <= bounds.max &&
    (bounds.integer !== true || Number.isInteger(value));
  if (ok) return value;
  throw usageError(
    'bad-value',
    `--${option} ${quote(text)} cannot be used.`,
    `Give ${kind} from ${bounds.min} to ${bounds.max}${bounds.unit === undefined ? '' : ` (${bounds.unit})`}.`,
  );
}

/** A share, `0.25` or `25%`, from 0 to 1. @throws BenchError `bad-value` */
export function parseShare(option: string, text: string): number {
  const [, percent] = /^(.*?) ?%$/.exec(text.trim()) ?? [];
  return percent === undefined
    ? parseNumber(option, text, { min: 0, max: 1 })
    : parseNumber(option, percent, { min: 0, max: 100, unit: 'per cent' }) / 100;
}

/** The port of the mock, or null where none was given. @throws BenchError `bad-value` */
export function parseMockPort(text: string | undefined): number | null {
  return text === undefined ? null : parseNumber('mock-port', text, { min: 1, max: 65_535, integer: true });
}

/** The seed of every random choice, or a random one. @throws BenchError `bad-value` */
export function parseSeed(text: string | undefined): number {
  return text === undefined
    ? randomInt(2 ** 31)
    : parseNumber('seed', text, { min: 0, max: 2 ** 31 - 1, integer: true });
}

/** A time with its unit, `90s`, `10m` or `1h`, in milliseconds. @throws BenchError `bad-value` */
export function parseDuration(
  option: string,
  text: string,
  bounds: { readonly minMs: number; readonly maxMs: number },
): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(s|m|h)$/.exec(text.trim()) ?? [];
  const ms = Number(number) * ({ s: 1000, m: 60_000, h: 3_600_000 }[unit] ?? Number.NaN);
  if (ms >= bounds.minMs && ms <= bounds.maxMs) return ms;
  throw usageError(
    'bad-value',
    `--${option} ${quote(text)} cannot be used.`,
    `Give a time from ${bounds.minMs / 1000}s to ${bounds.maxMs / 3_600_000}h, for example 10m.`,
  );
}

/** Whole numbers separated by spaces or commas, for example `100 500 1000`; ascending, each once. @throws BenchError `bad-value` */
export function parseLevels(option: string, text: string, max: number): number[] {
  const words = splitList(text);
  if (words.length === 0)
    throw usageError(
      'bad-value',
      `--${option} is empty.`,
      `Give whole numbers from 1 to ${max}, for example --${option} "100 500 1000".`,
    );
  const values = words.map((word) => parseNumber(option, word, { min: 1, max, integer: true }));
  return [...new Set(values)].sort((a, b) => a - b);
}

/** Words separated by spaces or commas, at least one. @throws BenchError `bad-value` */
export function parseNames(option: string, text: string, example: string): string[] {
  const names = splitList(text);
  if (names.length > 0) return names;
  throw usageError(
    'bad-value',
    `--${option} is empty.`,
    `Give names, for example --${option} ${example}, or leave it out.`,
  );
}

/** Words separated by spaces or commas. */
export function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** One of several words. @throws BenchError `bad-value` with the nearest and all of them */
export function parseChoice<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw usageError(
    'bad-value',
    `--${option} ${quote(text)} is not known.${nearest(text, choices)}`,
    `Choose one of: ${choices.join(', ')}.`,
  );
}

/** The name of a scenario, as it is or as the original suite's tables write it: without `chat-`. */
export function scenarioName(name: string, known: readonly string[]): string {
  const whole = `chat-${name}`;
  return !known.includes(name) && known.includes(whole) ? whole : name;
}

function quote(text: string): string {
  return text === '' ? '""' : JSON.stringify(text);
}
