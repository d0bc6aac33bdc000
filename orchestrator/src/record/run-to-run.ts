import { z } from 'zod';

/**
 * What a run adds to its blocks: the standard deviation, between runs of one plan on one machine, of the logarithm of what is compared. Blocks
 * of one run share its mood (what else the machine does, where memory came to lie, how warm it is), so that they cannot know it.
 */
export const runToRunSchema = z.strictObject({
  /** `calibrate`: learnt from repeats on this machine, see `madeAt`. `default`: stated in the documentation, for want of that. */
  source: z.enum(['calibrate', 'default']),
  /** Of the certificate it is from, ISO 8601. */
  madeAt: z.string().optional(),
  /** Of overheads, times to first token and gaps. */
  overhead: z.number().nonnegative(),
  /** Of whole latencies, `direct`'s too, which have the machine in them. */
  latency: z.number().nonnegative(),
  cpu: z.number().nonnegative(),
  memory: z.number().nonnegative(),
});
export type RunToRun = z.infer<typeof runToRunSchema>;

/**
 * For runs that recorded none. A tenth is what repeats of one plan on a quiet two-core virtual machine showed beyond their blocks (overheads at
 * p50 and p90: 0 to 0.09 between runs of nine blocks; CPU a request 0.07), rounded up; latencies move by twice that with the machine.
 */
export const DEFAULT_RUN_TO_RUN: RunToRun = { source: 'default', overhead: 0.1, latency: 0.2, cpu: 0.1, memory: 0.05 };
