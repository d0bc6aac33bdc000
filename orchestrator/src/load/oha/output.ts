import { z } from 'zod';
import { BenchError, messageOf } from '../../errors.js';

/** oha writes NaN and infinities as null: every statistic of nothing is null. */
const maybe = z.number().nullable();
const count = z.number().int().nonnegative();
const histogram = z.record(z.string(), count);
const spread = z.object({ average: maybe, fastest: maybe, slowest: maybe });

const percentiles = z.object({
  p10: maybe,
  p25: maybe,
  p50: maybe,
  p75: maybe,
  p90: maybe,
  p95: maybe,
  p99: maybe,
  'p99.9': maybe,
  'p99.99': maybe,
});
/** Seconds; `sorted[floor(p/100 · n)]`, so the maximum where a sample is too small for the percentile. */
export type OhaPercentiles = z.infer<typeof percentiles>;

/**
 * The JSON of oha 1.13 to 1.16, all times in seconds. Blocks that came or went with versions and options are optional; keys that are
 * not listed are allowed, because a newer oha may add some. The blocks that every version writes must be there, which no other file has.
 */
const ohaOutputSchema = z.object({
  summary: z.object({
    /** Answers of whatever status over answers and errors: a 500 is a success here. Use the counts below. */
    successRate: maybe,
    total: z.number().nonnegative(),
    slowest: maybe,
    fastest: maybe,
    average: maybe,
    requestsPerSec: maybe,
    totalData: count,
    sizePerRequest: maybe,
    sizePerSec: maybe,
  }),
  responseTimeHistogram: histogram,
  latencyPercentiles: percentiles,
  /** With `--stats-success-breakdown`: answers with a status of 2xx alone. */
  latencyPercentilesSuccessful: percentiles.optional(),
  /** From the actual send to the first body frame; never corrected. */
  firstBytePercentiles: percentiles.optional(),
  details: z.object({ DNSDialup: spread, DNSLookup: spread, firstByte: spread.optional() }),
  statusCodeDistribution: z.record(z.string().regex(/^[1-9]\d\d$/), count),
  /** Message to count; among them `aborted due to deadline`, which is not always an error (see errors.ts). */
  errorDistribution: z.record(z.string(), count),
});
export type OhaOutput = z.infer<typeof ohaOutputSchema>;

/**
 * Reads oha's JSON.
 * @throws BenchError `driver-failed` when it is not JSON or not oha's, naming the first places that differ.
 */
export function parseOhaOutput(bytes: Uint8Array): OhaOutput {
  const parsed = ohaOutputSchema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.') || 'root'}: ${issue.message}`);
  throw unreadable(`it is not the JSON of oha 1.13 to 1.16 (${places.join('; ')})`, parsed.error);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw unreadable(`it is not JSON (${messageOf(error)}; ${bytes.length} bytes)`, error);
  }
}

function unreadable(why: string, cause: unknown): BenchError {
  return new BenchError({
    code: 'driver-failed',
    message: `oha's result cannot be read: ${why}`,
    hint: 'oha 1.13.0 to 1.16.0 is supported; check which one ran with `oha --version`.',
    cause,
  });
}
