import { z } from 'zod';
import { levelSchema } from './cell.js';
import { trialRecordSchema } from './trial.js';

const growthSchema = z.strictObject({
  /** Medians of the first and the last part of the time that is judged. */
  startBytes: z.number(),
  endBytes: z.number(),
  bytesPerHour: z.strictObject({ value: z.number(), low: z.number(), high: z.number() }),
  watchedMs: z.number(),
  /** `no-growth-told`: the interval holds 0, or the slope is below 1 % of the memory an hour. */
  verdict: z.enum(['grows', 'shrinks', 'no-growth-told']),
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
