import { z } from 'zod';
import { clockDomainSchema } from '../clock/clock-domain.js';
import { levelSchema } from './cell.js';
import { reasonSchema } from './reason.js';

const count = z.number().int().nonnegative();
const durationUs = z.number().nonnegative();

/** A quantile and a bucket of what cannot be negative, and of a difference, which can. */
const duration = { valueUs: durationUs, bucket: count };
const difference = { valueUs: z.number(), bucket: z.number().int() };

/**
 * A distribution seen in one trial, in microseconds.
 * `quantiles` is what the driver itself says (null where it saw nothing); `seconds` are the histograms of each second of the
 * measured window by the request's intended time (flattened pairs of bucket and count, see histogram.ts), and null when the driver
 * cannot give them (then nothing can be merged or resampled).
 */
function distributionOf({ valueUs, bucket }: typeof duration | typeof difference) {
  const quantile = valueUs.nullable();
  return z.strictObject({
    count,
    quantiles: z.strictObject({ p50: quantile, p90: quantile, p99: quantile, p999: quantile, max: quantile }),
    seconds: z.array(z.array(bucket)).nullable(),
  });
}

/** Durations in microseconds, by quantile. */
export const distributionSchema = distributionOf(duration);
const differencesSchema = distributionOf(difference);
export type Distribution = z.infer<typeof distributionSchema>;

/**
 * How a request failed. `status`: any answer that is not 2xx. `open`: no answer when the wait after the window had ended. `exhausted`: this
 * side had no descriptor, port or buffer for a connection, which is never the target's error.
 */
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
  'exhausted',
]);
export type ErrorKind = z.infer<typeof errorKindSchema>;

const pauseSchema = z.strictObject({
  /** When it began, microseconds from the window's beginning. */
  fromUs: z.number(),
  lengthUs: durationUs,
  /** Requests that waited in it. */
  requests: count,
});
/** A time in which a target answered nothing although requests waited, see load/pauses.ts. */
export type Pause = z.infer<typeof pauseSchema>;

/** All pauses of a trial, and the longest of them in the order of time. */
const pausesSchema = z.strictObject({ count, totalUs: durationUs, longest: z.array(pauseSchema) });
export type Pauses = z.infer<typeof pausesSchema>;

/** Times in which the driver itself did not run, as it and whoever watched it noticed; what it missed then is no delay of the target. */
const standstillSchema = z.strictObject({
  /** The longest ones, in the order of time, microseconds from the window's beginning. */
  stalls: z.array(z.strictObject({ fromUs: z.number(), lengthUs: durationUs })),
  /** Together, as far as they lie in the window. */
  totalUs: durationUs,
  /** Who noticed: the driver's own heartbeat, its schedule (rows against k / rate), a look at its process from outside. */
  witnesses: z.array(z.enum(['heartbeat', 'schedule', 'process'])),
  /** How long its threads were ready in the window and waited for a CPU, added up; null where the system does not tell. */
  runQueueWaitUs: durationUs.nullable(),
});
export type Standstill = z.infer<typeof standstillSchema>;

/**
 * What a driver saw in the measured window of one trial (warm-up excluded).
 * `scheduled = ok + sum(errors) + dropped + left` always holds: requests that were due but never sent by the driver are `dropped`.
 */
const loadFiguresSchema = z.strictObject({
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
  /** Requests whose client left before the answer was whole, as it was asked to (`--abort`): nobody's error. Left out: none. */
  left: count.optional(),
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
  /** From the actual send, or the beginning of the wait for a connection, to the last byte; of drivers that know it. */
  serviceUs: distributionSchema.nullable().optional(),
  /** Time to connect, of requests that had to wait for a connection of their own. */
  connectUs: distributionSchema.nullable().optional(),
  /**
   * How long requests waited because no connection was free and the target gave no other; of those that did. The target's time, and part
   * of the latency. With oha, whose connections are fixed in number: for one of them to become free.
   */
  connectionWaitUs: distributionSchema.nullable().optional(),
  /** Requests sent a second time because their idle connection turned out to be closed (`stale-connection`): answered, and no errors. */
  staleConnections: count.optional(),
  /** Pauses of the target; none that the driver's own standing still explains. */
  pauses: pausesSchema.optional(),
  /** Intended time until the driver had done its part: had sent, or had nothing to send on; null when the driver cannot know. */
  latenessUs: distributionSchema.nullable(),
  /** CPU time that the driver used in the window, microseconds; null when unknown. */
  driverCpuUs: z.number().nonnegative().nullable(),
  /** Lengths of the bodies of answers with status 2xx, as a histogram of bytes; of drivers that do not look into answers. */
  answerBytes: z.array(count).optional(),
  /** Bytes of answer bodies. */
  bytes: count.nullable(),
});
export type LoadFigures = z.infer<typeof loadFiguresSchema>;

/** The figures of a trial as a whole, and those of each part where its requests were not all of one kind. */
export const loadRecordSchema = loadFiguresSchema.extend({
  standstill: standstillSchema.optional(),
  parts: z.array(z.strictObject({ name: z.string(), load: loadFiguresSchema })).optional(),
});
export type LoadRecord = z.infer<typeof loadRecordSchema>;

/** What requests were delayed by, from driver and ledger together; each difference is of one request, no quantiles are subtracted. */
const ledgerFiguresSchema = z.strictObject({
  /** Requests that were answered completely and reached the mock exactly once: those that the distributions are over. */
  joined: count,
  /** Sending to last byte, less the time that the mock held the request. May be negative by what clocks are wrong by. */
  overheadUs: differencesSchema,
  /** Sending to arrival at the mock, and the mock's last byte to the client's; null without a shared clock. */
  requestPathUs: differencesSchema.nullable(),
  responsePathUs: differencesSchema.nullable(),
  /** Streams: what time to the first frame, and the gap between two frames, grew by (negative: frames came in lumps). */
  addedFirstFrameUs: differencesSchema.nullable(),
  addedGapUs: differencesSchema.nullable(),
});
export type LedgerFigures = z.infer<typeof ledgerFiguresSchema>;

/** What the mock's ledger says of the requests of the window, joined with the driver's own records by id. */
const ledgerRecordSchema = ledgerFiguresSchema.extend({
  /** Whether driver and mock read one monotonic clock; when they do not, only sums within each clock are known. */
  sharedClock: z.boolean(),
  /**
   * From when on the mock held a request: from having all of it. Absent in earlier records, which count from its first byte, so that the time
   * that a body took to come was the mock's and in no overhead.
   */
  heldFrom: z.literal('whole').optional(),
  /** Records that the mock had to overwrite before they were fetched: with any, `missing` means nothing. */
  overwritten: count,
  /** Sent, and never seen by the mock. */
  missing: count,
  /** Requests that reached the mock more than once, and how many times all of them together. */
  repeated: z.strictObject({ requests: count, attempts: count }),
  /** Ids in the ledger that the driver never sent. */
  strange: count,
  /** Requests that the client gave up, those of which the mock saw it, how long that took, and frames produced for nobody. */
  aborts: z.strictObject({
    givenUp: count,
    passedOn: count,
    passedOnUs: distributionSchema.nullable(),
    wastedFrames: count,
  }),
  /** Streams that the mock paced and that arrived in a lump. */
  buffered: z.strictObject({
    streams: count,
    /** Up to five, with how long the mock took to send them and how long they took to arrive. */
    examples: z.array(z.strictObject({ id: z.string(), providerSpanUs: z.number(), clientSpanUs: z.number() })),
  }),
  /** Connections over which the target reached the mock; null when the ledger does not say. */
  upstreamConnections: count.nullable(),
  /** As of the load: the figures of each part where the requests were not all of one kind. */
  parts: z.array(z.strictObject({ name: z.string(), ledger: ledgerFiguresSchema })).optional(),
});
export type LedgerRecord = z.infer<typeof ledgerRecordSchema>;

/** What else went on on the host during a trial; null where it cannot be known (another host, another system). */
export const hostRecordSchema = z.strictObject({
  cpus: z.number().int().positive(),
  /** Share of the host's CPU time that the hypervisor gave to others, 0 to 1. */
  stealShare: z.number().min(0).max(1).nullable(),
  /** Share of the host's CPU time that was in use, by anybody, 0 to 1. */
  busyShare: z.number().min(0).max(1).nullable(),
  /** Of that, what kept cores awake because it was asked for (`--awake`); left out: nothing did, or it did not say. */
  awakeShare: z.number().min(0).max(1).optional(),
  /** Bytes swapped in and out. */
  swappedBytes: z.number().nonnegative().nullable(),
  /** How far the wall clock moved against the monotonic one, milliseconds, signed. */
  clockJumpMs: z.number().nullable(),
});
export type HostRecord = z.infer<typeof hostRecordSchema>;

/** What this program itself used within the measured window: orchestrating, watching, recording. Drivers are not in it. */
const observerRecordSchema = z.strictObject({
  /** CPU time of its main thread between two readings within the window, microseconds. */
  cpuUs: z.number().nonnegative(),
  /** How long the samplers of the target worked meanwhile, microseconds. */
  samplingUs: z.number().nonnegative(),
  /** The time between the readings, milliseconds. */
  ofMs: z.number().positive(),
  /** CPU time meanwhile of those who watch beside the targets, on the targets' hosts, microseconds. Left out: there are none. */
  besideCpuUs: z.number().nonnegative().optional(),
});
export type ObserverRecord = z.infer<typeof observerRecordSchema>;

/** CPU and memory of the target's whole process tree or container during the trial; null where the runtime cannot know, never 0. */
export const resourceRecordSchema = z.strictObject({
  memoryPeakBytes: z.number().nonnegative().nullable(),
  memoryStartBytes: z.number().nonnegative().nullable(),
  memoryEndBytes: z.number().nonnegative().nullable(),
  /** CPU time between two samples, see `cpuSpan`. */
  cpuUs: z.number().nonnegative().nullable(),
  /** For how long there was load between these samples. */
  cpuWindowMs: z.number().nonnegative().nullable(),
  /** Time lost to the CPU quota in the measured window, added up over CPUs; compare with the window's length. */
  throttledMs: z.number().nonnegative().nullable(),
  /**
   * Which samples, by their time since the trial's start. `window`: within the measured window; `load`: around warm-up and window, because
   * too few are within. Left out at rest, and in earlier records: there all that was watched counts, whether there was load or not.
   */
  cpuSpan: z.strictObject({ of: z.enum(['window', 'load']), fromMs: z.number(), untilMs: z.number() }).optional(),
  /** Processes of the target that the kernel killed for want of memory while it was watched. Left out: nobody counted them. */
  memoryKills: count.nullable().optional(),
  /** CPU time of whoever looked beside it, in the time of `cpuUs`. Left out: this program looked by itself. */
  observerCpuUs: z.number().nonnegative().nullable().optional(),
  /** Figures that could not be had, each with its reason. Left out: none is named. */
  unknown: z.array(reasonSchema).optional(),
  /** `[ms since the trial's start, memory bytes, cumulative CPU µs]` rows. */
  series: z.array(z.tuple([z.number(), z.number().nullable(), z.number().nullable()])),
});
export type ResourceRecord = z.infer<typeof resourceRecordSchema>;

/** What a helper of the target used during the trial, which is not in the target's own figures. */
const helperUseSchema = z.strictObject({ name: z.string(), resources: resourceRecordSchema });
export type HelperUse = z.infer<typeof helperUseSchema>;

/** A file beside `trials.jsonl`, and the SHA-256 of its bytes in hexadecimal. */
export const trialFileSchema = z.strictObject({ name: z.string(), sha256: z.string() });
export type TrialFile = z.infer<typeof trialFileSchema>;

/** The files that belong to a trial; identity is never parsed back out of their names. */
const trialFilesSchema = z.strictObject({
  /** The driver's own output. */
  raw: trialFileSchema.nullable(),
  resources: trialFileSchema.nullable(),
  log: trialFileSchema.nullable(),
  /** One row a request, and what the mock's ledger held of the trial; drivers that know each request only. */
  requests: trialFileSchema.nullable(),
  ledger: trialFileSchema.nullable(),
});
export type TrialFiles = z.infer<typeof trialFilesSchema>;

const NO_FILES: TrialFiles = { raw: null, resources: null, log: null, requests: null, ledger: null };

/**
 * How a trial was measured at the same time as another, request by request: from one schedule, whose requests went to either by turns, or by
 * lot where arrivals were random. Each side has a record of its own; what the mock's ledger held of both is one file.
 */
const pairedWithSchema = z.strictObject({
  /** The same in both records, and in no others. */
  id: z.string(),
  /** The other target. */
  with: z.string(),
  /** 1: the first request of the schedule was this one's, where they went by turns. */
  turn: z.union([z.literal(1), z.literal(2)]),
});
export type PairedWith = z.infer<typeof pairedWithSchema>;

const offsetSchema = z.strictObject({
  /** How far the agent's clock is ahead of the orchestrator's, and how far from the truth that is at most. */
  offsetUs: z.number(),
  boundUs: durationUs,
});

/** One of the agents that made a trial's load together: its clock, and what it saw by itself. */
const agentRecordSchema = z.strictObject({
  /** From 0; of N it sent the requests whose number leaves this when divided by N. */
  index: count,
  cpus: z.number().int().positive(),
  /** Null where its system does not tell. */
  clockDomain: clockDomainSchema.nullable(),
  /** Before the load and behind it, and by how much its clock gained on the orchestrator's meanwhile, parts of a million. */
  before: offsetSchema,
  after: offsetSchema,
  drift: z.strictObject({ ppm: z.number(), boundPpm: z.number().nonnegative() }),
  /** How much later than the common start it began, by the orchestrator's clock and both offsets. */
  start: z.strictObject({ skewUs: z.number(), boundUs: durationUs }),
  /** Its share alone, without the distributions of single seconds. */
  load: loadRecordSchema,
  /** Null where its host is the orchestrator's, which is watched as a whole. */
  host: hostRecordSchema.nullable(),
});
export type AgentRecord = z.infer<typeof agentRecordSchema>;

const replicaShareSchema = z.strictObject({
  name: z.string(),
  /** That reached the mock from it, or reached it where it is a mock, warm-up included; null: not known. */
  requests: count.nullable(),
});
/** What one of a target's replicas, or one of several mocks, had of a trial. */
export type ReplicaShare = z.infer<typeof replicaShareSchema>;

/** One line of `trials.jsonl`. */
export const trialRecordSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Block, from 1. */
  block: z.number().int().positive(),
  /** The block of the void trial that this one was measured in place of. */
  repeats: z.number().int().positive().optional(),
  /** Left out: nothing else was loaded meanwhile. */
  paired: pairedWithSchema.optional(),
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
  /** Left out: one driver made it. */
  agents: z.array(agentRecordSchema).min(1).optional(),
  /** Left out: the target is one. */
  replicas: z.array(replicaShareSchema).min(1).optional(),
  /** Left out: the mock is one. */
  mocks: z.array(replicaShareSchema).min(1).optional(),
  /** Null when the driver cannot tell requests apart, or the mock keeps no ledger. */
  ledger: ledgerRecordSchema.nullable(),
  resources: resourceRecordSchema.nullable(),
  /** Left out: the target has none. */
  helpers: z.array(helperUseSchema).optional(),
  host: hostRecordSchema.nullable(),
  /** Null where too few readings lie in the window, left out in records of earlier versions. */
  observer: observerRecordSchema.nullable().optional(),
  files: trialFilesSchema,
});
export type TrialRecord = z.infer<typeof trialRecordSchema>;
export type TrialState = TrialRecord['state'];

/** What the record of a trial holds of its measurement when there was none. */
export const NOTHING_MEASURED = { load: null, ledger: null, resources: null, host: null, files: NO_FILES } as const;
