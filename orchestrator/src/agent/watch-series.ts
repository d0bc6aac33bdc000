import { z } from 'zod';
import { reasonSchema } from '../record/reason.js';
import { hostRecordSchema } from '../record/trial.js';
import { resourceSampleSchema } from '../runtime/resource-sample.js';
import { readySchema } from './wire.js';

/** What a `watch` agent saw from its order until that was taken back. */
export const watchSeriesSchema = z.strictObject({
  /** How far the orchestrator's clock is ahead, before the first look and behind the last. */
  before: readySchema.shape.trips,
  after: readySchema.shape.trips,
  samples: z.array(
    z.strictObject({
      /** When the sample had come, by the agent's clock. */
      knownAtUs: z.number(),
      /** `atMs` is of a clock of the sampler's own. */
      sample: resourceSampleSchema,
    }),
  ),
  host: hostRecordSchema,
  /** What the looks themselves took. */
  samplingUs: z.number().nonnegative(),
  /** Figures that are null in every sample, each with its reason. */
  unknown: z.array(reasonSchema),
});
export type WatchSeries = z.infer<typeof watchSeriesSchema>;
