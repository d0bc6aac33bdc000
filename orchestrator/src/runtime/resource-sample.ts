import { z } from 'zod';
import type { ResourceSample } from './runtime.js';

const figure = z.number().nonnegative().nullable();

/** A {@link ResourceSample} as it comes from somewhere else. */
export const resourceSampleSchema = z.strictObject({
  atMs: z.number(),
  cpuUs: figure,
  memoryBytes: figure,
  memoryPeakBytes: figure,
  throttledMs: figure,
  memoryKills: figure.optional(),
  observerCpuUs: z.number().nonnegative().optional(),
}) satisfies z.ZodType<ResourceSample>;
