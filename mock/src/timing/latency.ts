import type { Random } from './seeded.js';

/** A model of how long something takes. */
export interface Latency {
  /** The text it was written as. */
  readonly text: string;
  /** True when every sample is 0, so that nothing needs to be scheduled. */
  readonly zero: boolean;
  /** One duration in milliseconds, 0 or more, with a fraction. */
  readonly sampleMs: (random: Random) => number;
}

/** Longest duration a model may give, in milliseconds; longer samples are cut to it. */
const MAX_MS = 3_600_000;

/** Nothing is waited for. */
export const NO_LATENCY: Latency = { text: '0', zero: true, sampleMs: () => 0 };

/**
 * Reads a latency model: `5`, `normal:5:1` (mean, standard deviation; cut at 0), `lognormal:5:0.5` (median, sigma of the
 * logarithm), `table:p50=5,p90=9,p99=30` (linear between the percentiles, from 0 at p0, flat beyond the last) or `ramp:5:500:10s`
 * (from one to the other within this time, then the other).
 * @param startedMs since when the model holds, on the clock of `performance.now()`
 * @throws {RangeError} that names the text and the allowed forms
 */
export function parseLatency(text: string, startedMs: number = performance.now()): Latency {
  const [kind = '', ...rest] = text.split(':');
  if (rest.length === 0) {
    const ms = duration(kind, text);
    return ms === 0 ? { ...NO_LATENCY, text } : model(text, () => ms);
  }
  if (kind === 'normal' && rest.length === 2) {
    const [mean, deviation] = [duration(rest[0], text), duration(rest[1], text)];
    return model(text, (random) => mean + deviation * standardNormal(random));
  }
  if (kind === 'lognormal' && rest.length === 2) {
    const [median, sigma] = [duration(rest[0], text), duration(rest[1], text)];
    return model(text, (random) => median * Math.exp(sigma * standardNormal(random)));
  }
  if (kind === 'ramp' && rest.length === 3) {
    const [from, to] = [duration(rest[0], text), duration(rest[1], text)];
    const withinMs = spanMs(rest[2], text);
    return model(text, () => from + (to - from) * Math.min(1, (performance.now() - startedMs) / withinMs));
  }
  if (kind === 'table' && rest.length === 1) return table(text, rest[0] as string);
  throw malformed(text);
}

function model(text: string, sample: (random: Random) => number): Latency {
  return { text, zero: false, sampleMs: (random) => Math.min(MAX_MS, Math.max(0, sample(random))) };
}

function table(text: string, points: string): Latency {
  const shares = [0];
  const values = [0];
  for (const point of points.split(',')) {
    const match = /^p(\d{1,2}(?:\.\d{1,3})?|100)=(.+)$/.exec(point);
    if (match === null) throw malformed(text);
    const share = Number(match[1]) / 100;
    const value = duration(match[2], text);
    if (share === 0) values[0] = value;
    else if (share <= (shares.at(-1) as number) || value < (values.at(-1) as number)) throw malformed(text);
    else {
      shares.push(share);
      values.push(value);
    }
  }
  if (shares.length === 1) throw malformed(text);
  return model(text, (random) => interpolate(shares, values, random()));
}

function interpolate(shares: readonly number[], values: readonly number[], share: number): number {
  const above = shares.findIndex((candidate) => candidate > share);
  if (above < 1) return values.at(-1) as number;
  const [s0, s1] = [shares[above - 1] as number, shares[above] as number];
  const [v0, v1] = [values[above - 1] as number, values[above] as number];
  return v0 + ((v1 - v0) * (share - s0)) / (s1 - s0);
}

/** Box-Muller, the cosine branch; `1 - random()` keeps the logarithm finite. */
function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function duration(digits: string | undefined, text: string): number {
  const value = Number(digits);
  if (digits === undefined || !/^\d+(\.\d+)?$/.test(digits) || value > MAX_MS) throw malformed(text);
  return value;
}

/** `500ms`, `10s` or `2m`, in milliseconds; not 0. */
function spanMs(span: string | undefined, text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(span ?? '') ?? [];
  const ms = Number(digits) * (UNITS_MS[unit] ?? 1);
  if (!(ms > 0 && ms <= MAX_MS)) throw malformed(text);
  return ms;
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

function malformed(text: string): RangeError {
  return new RangeError(
    `${JSON.stringify(text)} is not a latency: 5, normal:5:1, lognormal:5:0.5, table:p50=5,p90=9 or ramp:5:500:10s (ms, at most ${MAX_MS})`,
  );
}
