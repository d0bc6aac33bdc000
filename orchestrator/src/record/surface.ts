import { z } from 'zod';
import { reasonSchema } from './reason.js';

/** Which point of a surface a target is; null: as the compose file has it. */
export const surfacePlaceSchema = z.strictObject({
  /** The target that it is at other limits. */
  of: z.string(),
  cpus: z.number().positive().nullable(),
  memoryBytes: z.number().positive().nullable(),
  workers: z.number().int().positive().nullable(),
});
export type SurfacePlace = z.infer<typeof surfacePlaceSchema>;

/** One point of a surface; null: as the compose file has it. */
export type SurfaceLimits = Omit<SurfacePlace, 'of'>;

/** A figure with its interval; `value` is null where only one end is known, and so is that end. */
const rangeSchema = z.strictObject({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});
export type Range = z.infer<typeof rangeSchema>;

/** The capacity of a gateway within the objectives of a run at some limits. */
export const surfacePointSchema = z.strictObject({
  gateway: z.string(),
  target: z.string(),
  scenario: z.string(),
  /** In force; null: not limited. */
  cpus: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  workers: z.number().int().nullable(),
  /** As in `capacity.json`; `absent`: it could not be had at these limits. */
  state: z.enum(['found', 'at-least', 'none', 'unsettled', 'failed', 'absent']),
  /** Present where there is no whole answer. */
  reason: reasonSchema.optional(),
  /** Requests per second within the objectives, with 96 %; `high` is null where the end is not the gateway's own. */
  rps: rangeSchema.nullable(),
  /** Requests that a second of CPU time is enough for, at `rps.low`; 95 % interval over its windows. */
  requestsPerCpuSecond: rangeSchema.nullable(),
  /**
   * The rate a CPU (or, where all have the same CPUs, a worker) over that of the point with the fewest of them and all else alike, whose own
   * is 1; the interval holds wherever in their intervals both rates lie.
   */
  efficiency: rangeSchema.nullable(),
  /** A million requests at that rate, in the money of `--price`: limits times price, over the rate. */
  costPerMillion: rangeSchema.nullable(),
  /** What gave way at the rate that did not hold. */
  gaveWay: z.string().nullable(),
});
export type SurfacePoint = z.infer<typeof surfacePointSchema>;
