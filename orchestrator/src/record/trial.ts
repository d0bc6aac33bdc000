import { z } from 'zod';
import { levelSchema } from './cell.js';
import { reasonSchema } from './reason.js';

const count = z.number().int().nonnegative();
const durationUs = z.number().nonnegative();

/** Flattened pairs of bucket index and count, see histogram.ts. */
const sparseHistogramSchema = z.array(z.number().int().nonnegative());

/**
 * A distribution seen in one trial, in microseconds.
 * `quantiles` is what the driver itself says (null where it saw nothing); `seconds` are the histograms of each second of the
 * measured window by the request's intended time, and null when the driver cannot give them (then nothing can be merged or resampled).
 */
export const distributionSchema = z.strictObject({
  count,
  quantiles: z.strictObject({
    p50: durationUs.nullable(),
    p90: durationUs.nullable(),
    p99: durationUs.nullable(),
    p999: durationUs.nullable(),
    max: durationUs.nullable(),
  }),
  seconds: z.array(sparseHistogramSchema).nullable(),
});
export type Distribution = z.infer<typeof distributionSchema>;

/** How a request failed. `status`: any answer that is not 2xx. `open`: no answer when the wait after the window had ended. */
export const errorKindSchema = z.enum([
  'connect',
  'reset',
  'timeout',
  'status',
  'malformed',
  'truncated',
  'content',
  'stream-error',
  'open',
  'other',
]);
export type ErrorKind = z.infer<typeof errorKindSchema>;

/**
 * What a driver saw in the measured window of one trial (warm-up excluded).
 * `scheduled = ok + sum(errors) + dropped` always holds: requests that were due but never sent by the driver are `dropped`.
 */
export const loadRecordSchema = z.strictObject({
  driver: z.strictObject({ name: z.enum(['oha', 'native']), version: z.string() }),
  /** Length of the measured window, from the first intended time to the end of the schedule. */
  windowMs: z.number().positive(),
  /** Requests that were due in the window (open loop), or were sent in it (closed loop). */
  scheduled: count,
  /** Complete, correct 2xx answers. */
  ok: count,
  errors: z.partialRecord(errorKindSchema, count),
  /** Due in the window, never sent: the backlog that a driver with a fixed pool throws away at the deadline. */
  dropped: count,
  /** HTTP status to number of answers. */
  statuses: z.record(z.string(), count),
  /** Up to ten distinct messages of errors with their counts, for a person. */
  errorExamples: z.record(z.string(), count),
  /** Answers of any status per second of the window. */
  achievedRps: z.number().nonnegative(),
  connections: count,
  /** From the intended time of sending to the last byte; answers with status 2xx only. */
  latencyUs: distributionSchema,
  /** Time to first token (native) or first body byte (oha: from the actual send). Streaming scenarios only. */
  ttftUs: distributionSchema.nullable(),
  /** Inter-token gaps. Streaming scenarios with the native driver only. */
  gapUs: distributionSchema.nullable(),
  /** Intended time to actual send; null when the driver cannot know. */
  latenessUs: distributionSchema.nullable(),
  /** CPU time that the driver used in the window, microseconds; null when unknown. */
  driverCpuUs: z.number().nonnegative().nullable(),
  /** Bytes of answer bodies. */
  bytes: count.nullable(),
});
export type LoadRecord = z.infer<typeof loadRecordSchema>;

/** CPU and memory of the target's whole process tree or container during the trial; null where the runtime cannot know, never 0. */
export const resourceRecordSchema = z.strictObject({
  memoryPeakBytes: z.number().nonnegative().nullable(),
  memoryStartBytes: z.number().nonnegative().nullable(),
  memoryEndBytes: z.number().nonnegative().nullable(),
  cpuUs: z.number().nonnegative().nullable(),
  /** Time between the first and last CPU sample, by the sampler's own clock. */
  cpuWindowMs: z.number().nonnegative().nullable(),
  throttledMs: z.number().nonnegative().nullable(),
  /** `[ms since the trial's start, memory bytes, cumulative CPU µs]` rows. */
  series: z.array(z.tuple([z.number(), z.number().nullable(), z.number().nullable()])),
});
export type ResourceRecord = z.infer<typeof resourceRecordSchema>;

/** Names of the files beside `trials.jsonl` that belong to a trial; identity is never parsed back out of them. */
const trialFilesSchema = z.strictObject({
  raw: z.string().nullable(),
  resources: z.string().nullable(),
  log: z.string().nullable(),
});

/** One line of `trials.jsonl`. */
export const trialRecordSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Block, from 1. */
  block: z.number().int().positive(),
  target: z.string(),
  /** 1, or 2 for the second `direct` of a block. */
  replica: z.union([z.literal(1), z.literal(2)]),
  scenario: z.string(),
  level: levelSchema,
  /** ISO 8601. */
  startedAt: z.string(),
  finishedAt: z.string(),
  /**
   * `valid`: may be used. `saturated`: the target did not keep up with the level. `void`: the instrument was at fault, or the surroundings.
   * `failed`: the target was at fault (errors, crash, wrong answers). `absent`: not measured at all. `skipped`: implied by lower levels.
   */
  state: z.enum(['valid', 'saturated', 'void', 'failed', 'absent', 'skipped']),
  /** Present for every state but `valid`. */
  reason: reasonSchema.nullable(),
  /** Warnings that do not void the trial. */
  warnings: z.array(reasonSchema),
  load: loadRecordSchema.nullable(),
  resources: resourceRecordSchema.nullable(),
  files: trialFilesSchema,
});
export type TrialRecord = z.infer<typeof trialRecordSchema>;
export type TrialState = TrialRecord['state'];
