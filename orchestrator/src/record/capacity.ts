import { z } from 'zod';
import { installedSizeSchema } from './installed-size.js';
import { objectiveSchema } from './objective.js';
import { surfacePointSchema } from './surface.js';
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

/** The fewest windows that can settle a rate. */
export const LEAST_WINDOWS = STRICT;

/** The windows after which {@link settledBy} has either said so, or will not for these. */
export const MOST_WINDOWS = LENIENT;

/** A target before any load: after it was attested, for a few seconds. */
export const restSchema = z.array(
  z.strictObject({
    target: z.string(),
    resources: resourceRecordSchema,
    /** From its start until it answered. Absent in earlier records. */
    readyMs: z.number().nonnegative().optional(),
    size: installedSizeSchema.nullable().optional(),
  }),
);
export type Rest = z.infer<typeof restSchema>;

/** Which targets are searched: `direct` is the control of the gateways that can be had; where there are none, it is searched itself. */
export function searchedTargets<T extends { readonly kind: string; readonly absent?: unknown }>(
  targets: readonly T[],
): readonly T[] {
  const gateways = targets.filter(({ kind }) => kind !== 'direct');
  return gateways.some(({ absent = null }) => absent === null) ? gateways : targets;
}

/** What was wrong in some windows of a search, by its code, with what the last of them said. */
const notedSchema = z.strictObject({ code: z.string(), windows: z.number().int().positive(), message: z.string() });

const answerSchema = z.strictObject({
  target: z.string(),
  scenario: z.string(),
  /** What the scenario is, where only this run knows. */
  about: z.string().optional(),
  /**
   * `found`: low and high bound it. `at-least`: the objective held at the highest rate that was tried, or the driver, the mock or the
   * machine that they share with the target gave way first. `none`: it did not hold at the lowest. `unsettled`: the windows at an end
   * did not agree, below a rate that does not hold there is one at which nothing broke, or the search was ended before they could.
   * `failed`: the target could not be measured.
   */
  state: z.enum(['found', 'at-least', 'none', 'unsettled', 'failed']),
  /** Requests per second: the highest rate that was settled to hold, and the lowest above that was settled not to. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  windows: z.number().int().nonnegative(),
  /** Windows among them that say nothing, because the surroundings spoilt them; and what else was noted beside those that do. */
  voidWindows: z.array(notedSchema).default([]),
  warnings: z.array(notedSchema).default([]),
  /** What broke first and by how much, at `high`. */
  broken: z.array(z.string()),
  /** What gave way. `instrument` and `machine`: then it is no capacity of the gateway alone. */
  limit: z.enum(['cpu', 'one-core', 'memory', 'ended', 'instrument', 'machine', 'unknown']).nullable(),
  limitMessage: z.string().nullable(),
  /** `direct` at `high`, the same load without the target: where most windows do not hold either, driver or mock gave way. */
  control: z.strictObject({ windows: z.number().int().positive(), held: z.number().int().nonnegative() }).nullable(),
  /** At `low`: CPU time of a request, µs. */
  cpuUsPerRequest: z.number().nullable(),
  /** The highest before the first window that did not hold: an overload may leave memory taken for good. */
  memoryPeakBytes: z.number().nullable(),
  /** The highest of all windows, overloads included. */
  memoryOverloadedBytes: z.number().nullable(),
  /** Without load: memory, and CPU as a share of one CPU. */
  restMemoryBytes: z.number().nullable(),
  restCpuShare: z.number().nullable(),
  /** From the start of its program or container until it answered. */
  readyMs: z.number().nullable().default(null),
  /** Of what was started, on disk. */
  size: installedSizeSchema.nullable().default(null),
  /** Why there is no answer, or only its lower end. */
  reason: z.string().nullable(),
  /**
   * Letters within the scenario, the highest capacity first: targets that share one cannot be told apart. Null: nothing of it was settled, or
   * there is nobody to tell it from.
   */
  place: z.string().nullable().default(null),
});
export type CapacityAnswer = z.infer<typeof answerSchema>;

/** `capacity.json`: what each target carries within the objective. */
export const capacitySchema = z.strictObject({
  schemaVersion: z.literal(1),
  run: z.string(),
  objectives: z.array(objectiveSchema),
  answers: z.array(answerSchema),
  /** Of a search over limits; else empty. */
  surface: z.array(surfacePointSchema).default([]),
});
export type Capacity = z.infer<typeof capacitySchema>;
