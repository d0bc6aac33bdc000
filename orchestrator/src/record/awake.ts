import { z } from 'zod';
import type { HostRecord } from './trial.js';

/** How cores are kept from sleeping between two requests. */
export const AWAKE_WAYS = ['spin', 'latency'] as const;

/** What was done to keep cores awake while there was load. */
export const awakeSchema = z.discriminatedUnion('way', [
  z.strictObject({
    way: z.literal('spin'),
    /** Around each due time, microseconds; the same whatever is measured. */
    beforeUs: z.number().nonnegative(),
    afterUs: z.number().nonnegative(),
    /** The CPUs that were kept awake, as the kernel lists them. */
    cpus: z.string(),
  }),
  /** The kernel was asked for no state of sleep that takes time to leave. */
  z.strictObject({ way: z.literal('latency') }),
]);
export type AwakeRecord = z.infer<typeof awakeSchema>;

/** In words, for a person: what follows "the load:". */
export function awakeText(awake: AwakeRecord): string {
  return awake.way === 'latency'
    ? 'the kernel is kept from deep states of sleep (--awake latency)'
    : `CPU ${awake.cpus} is kept awake from ${awake.beforeUs} µs before to ${awake.afterUs} µs behind each due time (--awake spin)`;
}

/** Share of the host's CPU time that was in use, but for what kept its cores awake; null where the kernel does not say. */
export function busyShareBeside({
  busyShare,
  awakeShare = 0,
}: Pick<HostRecord, 'busyShare' | 'awakeShare'>): number | null {
  return busyShare === null ? null : Math.max(0, busyShare - awakeShare);
}
