import { z } from 'zod';
import { awakeSchema } from './awake.js';
import { levelSchema } from './cell.js';
import { configurationSchema } from './configuration.js';
import { limitLeftOutSchema } from './limit-left-out.js';
import { notLlmGatewaySchema } from './not-llm-gateway.js';
import { pinningSchema } from './pinning.js';
import { reasonSchema } from './reason.js';
import { runToRunSchema } from './run-to-run.js';
import { surfacePlaceSchema } from './surface.js';
import { timeAccountSchema } from './time-account.js';

/** What ran beside a target because it needs it, and is not measured with it. */
const helperRecordSchema = z.strictObject({
  name: z.string(),
  version: z.string().nullable(),
  digest: z.string().nullable(),
  limits: z.strictObject({
    cpus: z.number().nullable(),
    memoryBytes: z.number().nullable(),
    enforced: z.boolean(),
  }),
});
export type HelperRecord = z.infer<typeof helperRecordSchema>;

/** Of which gateway a target is another configuration, and all that this one has otherwise. */
const variantRecordSchema = z.strictObject({
  of: z.string(),
  name: z.string(),
  /** From the services as they were resolved; null: nothing there. Of files the lines that the other has not. */
  differs: z.array(z.strictObject({ what: z.string(), bare: z.string().nullable(), here: z.string().nullable() })),
});

const targetRecordSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['direct', 'gateway', 'external']),
  /** Where its entry says that it is no LLM gateway. */
  plays: notLlmGatewaySchema.optional(),
  /** Where the load went, for example `http://127.0.0.1:6666`. */
  url: z.string(),
  /** What ran, where that is known: never what was only asked for. */
  version: z.string().nullable(),
  digest: z.string().nullable(),
  /** The file of one's own that was measured in place of the gateway's; then version and digest are its. */
  program: z.string().optional(),
  /** Absent: the gateway's own configuration. */
  variant: variantRecordSchema.optional(),
  /** Absent: it is no point of a surface. */
  place: surfacePlaceSchema.optional(),
  /** True where its entry is written from documentation and was never run by whoever keeps it. */
  untried: z.literal(true).optional(),
  /** Digest of all that it is configured by, files and helpers too. Absent in records of versions that did not write it. */
  configuration: z.string().optional(),
  /** Absent: nothing runs beside it. */
  helpers: z.array(helperRecordSchema).optional(),
  /** Of all its replicas together, as what it used is. */
  limits: z.strictObject({
    cpus: z.number().nullable(),
    memoryBytes: z.number().nullable(),
    /** Whether all of them were in force. */
    enforced: z.boolean(),
    /** Those that were not although the runtime enforces limits. */
    leftOut: z.array(limitLeftOutSchema).optional(),
  }),
  /** Absent in earlier records, and for a target that could not be had. */
  resolvedConfiguration: configurationSchema.optional(),
  /** Set when the target could not be measured at all. */
  absent: reasonSchema.nullable(),
});
export type TargetRecord = z.infer<typeof targetRecordSchema>;

/** A precision that was asked for, and why no further block was begun. `open`: the run ended before that was decided. */
const precisionSchema = z.strictObject({
  /** Half-width of an interval over the overhead, 0 to 1. */
  share: z.number().positive(),
  maxBlocks: z.number().int().positive(),
  budgetMs: z.number().positive().nullable(),
  endedBy: z.enum(['reached', 'blocks', 'budget', 'open']),
});
export type PrecisionRecord = z.infer<typeof precisionSchema>;

const settingsSchema = z.strictObject({
  /** Its name, without its folder: run directories are sent around. */
  file: z.string(),
  sha256: z.string(),
  /** Those options of it that took effect; they are among the manifest's `options` as well. */
  used: z.record(z.string(), z.unknown()),
  /** Names of those that the command line was stronger than. */
  overridden: z.array(z.string()),
});
/** What a settings file had to do with a run. */
export type SettingsRecord = z.infer<typeof settingsSchema>;

/** The file that each trial replayed, or the part of it. */
const traceSchema = z.strictObject({
  file: z.string(),
  sha256: z.string(),
  requests: z.number().int().positive(),
  /** Requests that had no answer when the trace was taken, and were left out. */
  unanswered: z.number().int().nonnegative().optional(),
  /** Absent: the whole file, as fast as it came. `forSeconds` null: to its end. */
  part: z
    .strictObject({
      fromSeconds: z.number().nonnegative(),
      forSeconds: z.number().positive().nullable(),
      speed: z.number().positive(),
    })
    .optional(),
});

const mixPartSchema = z.strictObject({
  scenario: z.string(),
  streaming: z.boolean(),
  expectedErrorShare: z.number().min(0).max(1),
  weight: z.number().positive(),
  /** Where each part has a schedule of its own: its requests a second, or that they are the level's; its weight says nothing then. */
  rps: z.union([z.number().positive(), z.literal('level')]).optional(),
  /** Of sessions: which turns these are, from 1, and how many bytes the conversation has in the first and in the last of them. */
  turns: z.strictObject({ first: z.number().int().positive(), last: z.number().int().positive() }).optional(),
  bytes: z.strictObject({ least: z.number().positive(), most: z.number().positive() }).optional(),
});

/** `run.json`: everything needed to understand, resume and repeat a run. */
export const manifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  complete: z.boolean(),
  seed: z.number().int(),
  runtime: z.string(),
  driver: z.string(),
  /** How many made the load together, and where: as processes of the orchestrator's host. Absent: the orchestrator's own driver made it. */
  agents: z.strictObject({ count: z.number().int().positive(), on: z.enum(['own-host', 'nodes']) }).optional(),
  /** What was asked on the command line, after defaults. */
  options: z.record(z.string(), z.unknown()),
  /** Absent: no settings file was read. */
  settings: settingsSchema.optional(),
  blocks: z.number().int().positive(),
  precision: precisionSchema.optional(),
  /** Absent in earlier records: then the stated default counts. */
  runToRun: runToRunSchema.optional(),
  /** The two targets that were measured at the same time, request by request; what is told is b against a. Absent: each by itself. */
  paired: z.strictObject({ a: z.string(), b: z.string() }).optional(),
  /** Measured time of a trial and the warm-up before it. */
  measureMs: z.number().positive(),
  warmupMs: z.number().nonnegative(),
  /** The warm-up where a trial of the same scenario had just counted. Absent in earlier records: then as any other. */
  againWarmupMs: z.number().nonnegative().optional(),
  scenarios: z.array(
    z.strictObject({
      name: z.string(),
      streaming: z.boolean(),
      expectedErrorShare: z.number(),
      levels: z.array(levelSchema),
      /** How long the provider holds an answer, milliseconds, where that is long: no warm-up is shorter. */
      heldMs: z.number().positive().optional(),
      /** One line for a person, of scenarios that were made up for the run. */
      about: z.string().optional(),
      /** Requests of several scenarios in each trial, at random by these weights; turns of sessions, as many as the weight says. */
      mix: z.array(mixPartSchema).optional(),
      /** A part of the mix that is held against these scenarios, in which it is by itself. */
      against: z.strictObject({ part: z.string(), scenarios: z.array(z.string()) }).optional(),
      trace: traceSchema.optional(),
      /** Requests of somebody's own: how many, and bytes of each as they were given. */
      bodies: z
        .strictObject({
          file: z.string(),
          sha256: z.string(),
          requests: z.number().int().positive(),
          bytes: z.strictObject({ least: z.number(), median: z.number(), most: z.number() }),
        })
        .optional(),
    }),
  ),
  targets: z.array(targetRecordSchema),
  /** Absent: the run has not ended, or was a search for capacity. */
  time: timeAccountSchema.optional(),
  /** A digest over what must be equal for `--resume`. */
  planDigest: z.string(),
  versions: z.record(z.string(), z.string()),
  /** Absent: nobody asked for it, and nothing was pinned. */
  pinning: pinningSchema.optional(),
  /** Absent: nobody asked for cores to be kept awake. */
  awake: awakeSchema.optional(),
  host: z.record(z.string(), z.unknown()),
  /** What of the environment and of Node's own options bears on a measurement; left out where nothing was set. */
  environment: z.record(z.string(), z.string()).optional(),
});
export type Manifest = z.infer<typeof manifestSchema>;
