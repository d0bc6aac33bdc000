import { z } from 'zod';
import { objectiveSchema } from './objective.js';
import { resourceRecordSchema } from './trial.js';

/** Windows at a rate that must agree: six of six happen by chance once in 64 when half of them would. */
export const CONFIRMATIONS = 6;

/** A target before any load: after it was attested, for a few seconds. */
export const restSchema = z.array(z.strictObject({ target: z.string(), resources: resourceRecordSchema }));
export type Rest = z.infer<typeof restSchema>;

const answerSchema = z.strictObject({
  target: z.string(),
  scenario: z.string(),
  /**
   * `found`: low and high bound it. `at-least`: the objective held at the highest rate that was tried, or driver or mock gave way first.
   * `none`: it did not hold at the lowest. `unsettled`: the search did not end. `failed`: the target could not be measured.
   */
  state: z.enum(['found', 'at-least', 'none', 'unsettled', 'failed']),
  /** Requests per second: the highest rate at which each of the last windows held, and the lowest above at which none did. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  windows: z.number().int().nonnegative(),
  /** What broke first and by how much, at `high`. */
  broken: z.array(z.string()),
  /** What gave way. `instrument` and `machine`: then it is no capacity of the gateway alone. */
  limit: z.enum(['cpu', 'one-core', 'memory', 'ended', 'instrument', 'machine', 'unknown']).nullable(),
  limitMessage: z.string().nullable(),
  /** At `low`: CPU time of a request, µs, and the highest memory. */
  cpuUsPerRequest: z.number().nullable(),
  memoryPeakBytes: z.number().nullable(),
  /** Without load: memory, and CPU as a share of one CPU. */
  restMemoryBytes: z.number().nullable(),
  restCpuShare: z.number().nullable(),
  reason: z.string().nullable(),
});
export type CapacityAnswer = z.infer<typeof answerSchema>;

/** `capacity.json`: what each target carries within the objective. */
export const capacitySchema = z.strictObject({
  schemaVersion: z.literal(1),
  run: z.string(),
  objectives: z.array(objectiveSchema),
  answers: z.array(answerSchema),
});
export type Capacity = z.infer<typeof capacitySchema>;
