import { usageError } from '../errors.js';
import { PROBABILITY } from '../analyse/quantile.js';
import type { Objective } from './objective.js';
import { splitList } from '../cli/options/values.js';

const QUANTILES = ['p50', 'p90', 'p99', 'p999'] as const;
/** Values beyond a quantile that a window must hold, as everywhere. */
const LEAST_BEYOND = 10;

/**
 * Reads `--slo`: conditions that must hold together, such as `p99<20ms, errors<0.1%`, for streams also `ttft.p99<50ms` and `gap.p99<5ms`.
 * @throws BenchError `bad-value`
 */
export function parseObjectives(text: string): Objective[] {
  const words = splitList(text.replaceAll(/\s*<\s*/g, '<').replaceAll(/(\d)\s+(?=%|us|ms|s\b)/g, '$1'));
  if (words.length === 0) throw badObjective(text);
  return words.map((word) => parseObjective(word));
}

function parseObjective(word: string): Objective {
  const [, name = '', number = '', unit = ''] = /^([a-z0-9.]+)<(\d+(?:\.\d+)?)(%|us|ms|s)$/.exec(word) ?? [];
  const amount = Number(number);
  if (!(amount > 0)) throw badObjective(word);
  if (name === 'errors' && unit === '%') return { text: word, of: 'errors', quantile: null, below: amount / 100 };
  const factor = { us: 1, ms: 1000, s: 1e6 }[unit];
  const [of = '', last] = name.includes('.') ? name.split('.', 2) : ['latency', name];
  const quantile = QUANTILES.find((known) => known === last);
  if (factor === undefined || quantile === undefined || (of !== 'latency' && of !== 'ttft' && of !== 'gap'))
    throw badObjective(word);
  return { text: word, of, quantile, below: amount * factor };
}

/**
 * How many requests a window needs for the quantiles of the objectives (gaps come many a request).
 * @param streaming share of the requests that are streams, which alone have a first token; above 0 to 1
 */
export function requestsNeeded(objectives: readonly Objective[], streaming: number): number {
  const needed = objectives.flatMap(({ of, quantile }) =>
    quantile === null || of === 'gap'
      ? []
      : [LEAST_BEYOND / (1 - PROBABILITY[quantile]) / (of === 'ttft' ? streaming : 1)],
  );
  return Math.ceil(Math.max(100, ...needed) - 1e-6);
}

function badObjective(text: string): Error {
  return usageError(
    'bad-value',
    `--slo ${JSON.stringify(text)} cannot be used.`,
    'Give conditions such as --slo "p99<20ms, errors<0.1%": p50, p90, p99 or p999 of latency, ttft.p99 and gap.p99 of streams, in us, ms or s, and errors in %.',
  );
}
