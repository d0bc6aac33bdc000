import { usageError } from '../errors.js';
import type { Objective } from './objective.js';
import type { StoredRun } from './run-directory.js';

const QUANTILES = ['p50', 'p90', 'p99', 'p999'] as const;

/**
 * Reads `--slo`: conditions that must hold together, such as `p99<20ms, errors<0.1%`, for streams also `ttft.p99<50ms` and `gap.p99<5ms`.
 * @throws BenchError `bad-value`
 */
export function parseObjectives(text: string): Objective[] {
  const words = text
    .replaceAll(/\s*<\s*/g, '<')
    .replaceAll(/(\d)\s+(?=%|us|ms|s\b)/g, '$1')
    .split(/[\s,]+/)
    .filter((word) => word !== '');
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

/** The objectives of a search for capacity; null when the run is none. */
export function objectivesOf({ manifest: { options } }: StoredRun): Objective[] | null {
  return options['find-capacity'] === true ? parseObjectives(String(options['slo'])) : null;
}

function badObjective(text: string): Error {
  return usageError(
    'bad-value',
    `--slo ${JSON.stringify(text)} cannot be used.`,
    'Give conditions such as --slo "p99<20ms, errors<0.1%": p50, p90, p99 or p999 of latency, ttft.p99 and gap.p99 of streams, in us, ms or s, and errors in %.',
  );
}
