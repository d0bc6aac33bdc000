import { z } from 'zod';
import { objectiveSchema } from './objective.js';
import { resourceRecordSchema } from './trial.js';

/** So many windows in a row settle a rate when all agree, and so many when all but one do. */
const STRICT = 7;
const LENIENT = 10;

/**
 * Whether windows at one rate settle what it does: the last seven agree, or nine of the last ten, so that one hiccup of a busy machine does
 * not count against a rate. By chance, where half of the windows hold, that happens with a probability below 2 % (1/128 + 11/1024).
 * @returns null while they do not
 */
export function settledBy(held: readonly boolean[]): boolean | null {
  for (const wanted of [true, false]) {
    const agreeing = (last: number): number => held.slice(-last).filter((one) => one === wanted).length;
    if (held.length >= STRICT && agreeing(STRICT) === STRICT) return wanted;
    if (held.length >= LENIENT && agreeing(LENIENT) >= LENIENT - 1) return wanted;
  }
  return null;
}

/** The windows after which {@link settledBy} has either said so, or will not for these. */
export const MOST_WINDOWS = LENIENT;

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
  /** Requests per second: the highest rate that was settled to hold, and the lowest above that was settled not to. */
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
