import { z } from 'zod';
import { BenchError } from '../../errors.js';

/** oha writes NaN and infinities as null. */
const figure = z.number().nullable();
const percentiles = z.object({ p50: figure, p90: figure, p99: figure, 'p99.9': figure, 'p99.99': figure });

/**
 * What is used of oha's JSON, 1.13 to 1.16; times are seconds. Blocks that only some versions write are optional, unknown ones are let
 * through: the file itself is kept untouched.
 */
const ohaOutputSchema = z.object({
  summary: z.object({ total: z.number(), totalData: z.number().nullish() }),
  latencyPercentiles: percentiles,
  firstBytePercentiles: percentiles.optional(),
  details: z.object({ firstByte: z.object({ slowest: figure }).optional() }),
  statusCodeDistribution: z.record(z.string(), z.number().int().nonnegative()),
  errorDistribution: z.record(z.string(), z.number().int().nonnegative()),
});
export type OhaOutput = z.infer<typeof ohaOutputSchema>;

/**
 * Reads oha's JSON.
 * @throws BenchError `driver-failed` when it is not what oha writes
 */
export function parseOhaOutput(text: string): OhaOutput {
  try {
    return ohaOutputSchema.parse(JSON.parse(text));
  } catch (cause) {
    const what =
      cause instanceof z.ZodError
        ? z.prettifyError(cause).split('\n').slice(0, 2).join(' ')
        : `not JSON: ${text.slice(0, 80)}`;
    throw new BenchError({
      code: 'driver-failed',
      message: `oha's output cannot be read: ${what}`,
      hint: 'Supported are oha 1.13 to 1.16.',
      cause,
    });
  }
}
