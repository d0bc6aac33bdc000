import { z } from 'zod';
import { levelSchema } from './cell.js';
import { trialRecordSchema } from './trial.js';

/** From less than this, as asked for, nobody can tell an hour: the slope would be extrapolated more than twelvefold, from pools that still fill. */
export const LEAST_SOAK_MS = 300_000;

const growthSchema = z.strictObject({
  /** Medians of the first and the last part of the time that is judged. */
  startBytes: z.number(),
  endBytes: z.number(),
  /** With its 95 % interval; null when it was not watched for {@link LEAST_SOAK_MS}. */
  bytesPerHour: z.strictObject({ value: z.number(), low: z.number(), high: z.number() }).nullable(),
  watchedMs: z.number(),
  /** `no-growth-told`: the interval holds 0, or the slope is below 1 % of the memory an hour. */
  verdict: z.enum(['grows', 'shrinks', 'no-growth-told', 'too-short']),
});
export type MemoryGrowth = z.infer<typeof growthSchema>;

/** `soak.json`: whether memory grew. */
export const soakSchema = z.strictObject({
  schemaVersion: z.literal(1),
  run: z.string(),
  growth: z.array(
    z.strictObject({
      target: z.string(),
      scenario: z.string(),
      level: levelSchema,
      state: trialRecordSchema.shape.state,
      growth: growthSchema.nullable(),
      reason: z.string().nullable(),
    }),
  ),
});
export type Soak = z.infer<typeof soakSchema>;
