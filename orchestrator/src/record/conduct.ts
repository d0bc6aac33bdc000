import { z } from 'zod';
import { reasonSchema } from './reason.js';
import { trialFileSchema } from './trial.js';

const count = z.number().int().nonnegative();

const measuredSchema = z.strictObject({ value: z.number(), low: z.number(), high: z.number(), count });
const absentSchema = z.strictObject({
  state: z.enum(['cannot-tell', 'nothing-seen', 'beyond-phase', 'not-offered']),
  reason: z.string(),
  /** Of `beyond-phase`: it is more than this, which is how much could be seen. Of `not-offered`: what was measured all the same. */
  value: z.number().optional(),
});

const resultFields = {
  case: z.string(),
  streaming: z.boolean(),
  /** Microseconds of the host's monotonic clock, as the mock played them. */
  phases: z.array(
    z.strictObject({ name: z.enum(['before', 'fault', 'after']), fromUs: z.number(), untilUs: z.number() }),
  ),
  requests: z.strictObject({ known: count, unknown: count, strangeAttempts: count }),
};
const rawRows = { rows: z.record(z.string(), z.union([measuredSchema, absentSchema])) };

const accusationsSchema = z.array(
  z.strictObject({ case: z.string(), row: z.string(), what: z.string(), source: z.string() }),
);

const filesSchema = z.strictObject({
  requests: trialFileSchema,
  ledger: trialFileSchema,
  /** What a few requests beside the load were answered; left out where none were made. */
  witnesses: trialFileSchema.optional(),
});

/** How a target stood at one moment under load; null where the runtime does not show it. */
const lookSchema = z.strictObject({
  /** Its processes, each as `PID/START`; none: it had ended. */
  processes: z.array(z.string()).nullable(),
  descriptors: count.nullable(),
  /** Those descriptors that are sockets. */
  connections: count.nullable(),
  memoryBytes: count.nullable(),
});
export type ConductLook = z.infer<typeof lookSchema>;

const looksSchema = z.strictObject({
  /** Before the fault; of the case `afterwards`, before that of the first case of its block. */
  before: lookSchema.nullable(),
  after: lookSchema.nullable(),
});
export type ConductLooks = z.infer<typeof looksSchema>;

/** `conduct.json`: what targets did while providers failed. Times in microseconds, shares 0 to 1. */
export const conductRunSchema = z.strictObject({
  schemaVersion: z.literal(2),
  id: z.string(),
  /** ISO 8601. */
  startedAt: z.string(),
  finishedAt: z.string(),
  /** False where it was ended before its plan was. */
  complete: z.boolean(),
  /** Of crabllm-bench. */
  version: z.string(),
  runtime: z.string(),
  seed: z.number(),
  host: z.record(z.string(), z.unknown()),
  pace: z.strictObject({ beforeMs: z.number(), faultMs: z.number(), afterMs: z.number(), rps: z.number() }),
  blocks: z.strictObject({ planned: count, done: count }),
  targets: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string().nullable(),
      absent: reasonSchema.nullable(),
      /** What its maker does not offer, each with the reason: nobody can fail in it. Left out: its entry names nothing. */
      lacks: z.record(z.string(), z.string()).optional(),
      /** Share of first attempts that the primary is configured to get. Left out: its entry does not say. */
      primaryShare: z.number().min(0).max(1).optional(),
    }),
  ),
  /** Each case of each block, with the files that it was computed from; or why it was not played. */
  played: z.array(
    z.union([
      z.strictObject({
        target: z.string(),
        block: count,
        /** The driver's rows, gzipped, and the mock's ledger in its binary form. */
        files: filesSchema,
        /** What its figures may be coloured by. */
        warnings: z.array(reasonSchema),
        /** Left out where nobody looked: of the mock itself. */
        looks: looksSchema.optional(),
        ...resultFields,
        ...rawRows,
      }),
      z.strictObject({
        target: z.string(),
        block: count,
        case: z.string(),
        reason: reasonSchema,
        /** Of one that was played and is void: its raw records, which no figure is made of. */
        voided: filesSchema.optional(),
      }),
    ]),
  ),
  /** The same over all blocks, and what speaks against the target. */
  conduct: z.array(
    z.strictObject({
      target: z.string(),
      /** How many of them it is made of. */
      blocks: count,
      ...resultFields,
      ...rawRows,
      accusations: accusationsSchema,
    }),
  ),
});
export type ConductRun = z.infer<typeof conductRunSchema>;

/** What every row of `summary.json` says beside its figure. */
const readingFields = {
  unit: z.enum(['us', 'share', 'rate', 'times']),
  /** Whose requests it is made of. */
  phase: z.enum(['before', 'fault', 'after']),
};

/** One case of one target in `summary.json`. */
export const conductSummarySchema = z.strictObject({
  target: z.string(),
  blocks: count,
  ...resultFields,
  rows: z.record(
    z.string(),
    z.union([
      measuredSchema.extend({
        ...readingFields,
        /** `against`: the whole interval is beyond the bound; `within`: none of it is; `open`: some is. Left out: nobody set a bound. */
        verdict: z.enum(['against', 'within', 'open']).optional(),
        bound: z.number().optional(),
      }),
      absentSchema.extend(readingFields),
    ]),
  ),
  accusations: accusationsSchema,
});
export type ConductSummary = z.infer<typeof conductSummarySchema>;

/** Its file in the output directory. */
export const CONDUCT_FILE = 'conduct.json';
