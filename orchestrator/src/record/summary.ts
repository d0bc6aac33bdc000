import { z } from 'zod';
import { levelSchema } from './cell.js';
import { conductSummarySchema } from './conduct.js';
import { notLlmGatewaySchema } from './not-llm-gateway.js';
import { reasonSchema } from './reason.js';
import { surfacePointSchema } from './surface.js';
import { timeAccountSchema } from './time-account.js';

const boundsSchema = z.strictObject({ low: z.number(), high: z.number() });

/** A value with the bounds of its 95 % interval. */
const intervalSchema = boundsSchema.extend({ value: z.number() });
export type Interval = z.infer<typeof intervalSchema>;

/** The value is that of the typical block: a geometric mean over blocks. */
const estimateSchema = intervalSchema.extend({
  /** What the cell's own blocks say by themselves, where the interval leans on the spread of the run's other cells. */
  own: boundsSchema.optional(),
});
export type Estimate = z.infer<typeof estimateSchema>;

/** Quantiles in microseconds; one that the sample cannot carry (n(1−p) < 10) is left out. */
const quantilesSchema = z.strictObject({
  p50: estimateSchema.optional(),
  p90: estimateSchema.optional(),
  p99: estimateSchema.optional(),
  p999: estimateSchema.optional(),
});
export type Quantiles = z.infer<typeof quantilesSchema>;
export type QuantileName = keyof Quantiles;

/** How an overhead stands to the noise floor. */
export const verdictSchema = z.enum(['above', 'below', 'within-noise']);
export type Verdict = z.infer<typeof verdictSchema>;

const judgedSchema = intervalSchema.extend({
  /** `above` and `below`: the interval excludes 0, and the shift is at least 3 % of direct's quantile. */
  verdict: verdictSchema,
  /** The target's quantile as a multiple of direct's: what the verdict is by. */
  ratio: intervalSchema,
  own: boundsSchema.extend({ verdict: verdictSchema }).optional(),
});

/** The target's quantile minus direct's in the same block. May be negative; never clamped. */
const overheadSchema = z.strictObject({
  p50: judgedSchema.optional(),
  p90: judgedSchema.optional(),
  p99: judgedSchema.optional(),
});
export type Overhead = z.infer<typeof overheadSchema>;

/**
 * What each request was delayed by, from the driver's and the mock's records joined by the request's id: no quantiles are subtracted.
 * Present when every trial that the cell rests on was joined.
 */
const perRequestSchema = z.strictObject({
  /** Requests that it rests on. */
  joined: z.number().int().nonnegative(),
  /** Per-request overhead: sending to last byte, less the time that the mock held the request. */
  overheadUs: quantilesSchema,
  /** The same quantity of `direct` in the same blocks: what network, driver and mock add by themselves. Not for direct. */
  directUs: quantilesSchema.optional(),
  /** `overheadUs` against `directUs`, as differences within blocks. Not for direct. */
  shiftUs: overheadSchema.optional(),
  /** What direct and direct differ by in the same blocks; null where no block held both. Not for direct. */
  noiseFloorUs: z
    .strictObject({ p50: z.number().nullable(), p90: z.number().nullable(), p99: z.number().nullable() })
    .optional(),
  /** Sending to arrival at the mock, and the mock's last byte to the client's; where both read one clock. */
  requestPathUs: quantilesSchema.optional(),
  responsePathUs: quantilesSchema.optional(),
  /** Streams: what time to the first frame (which need not bear a token), and the gap between frames, grew by. */
  addedFirstFrameUs: quantilesSchema.optional(),
  addedGapUs: quantilesSchema.optional(),
});
export type PerRequest = z.infer<typeof perRequestSchema>;

/** What an overhead is of: each request's own (then that is the headline), or of quantiles. */
export const overheadKindSchema = z.enum(['per-request', 'quantile-shift']);
export type OverheadKind = z.infer<typeof overheadKindSchema>;

/** One block of a cell: requests, and the median of its latency and of what it was above direct, microseconds; null where it has none. */
const blockFiguresSchema = z.strictObject({
  block: z.number().int().positive(),
  requests: z.number().int().nonnegative(),
  p50Us: z.number().nullable(),
  shiftUs: z.number().nullable(),
});
export type BlockFigures = z.infer<typeof blockFiguresSchema>;

/** One row of the result: what all blocks together say of a target, a scenario and a level. */
export const cellSummarySchema = z.strictObject({
  target: z.string(),
  scenario: z.string(),
  level: levelSchema,
  state: z.enum(['ok', 'saturated', 'invalid', 'failed', 'absent']),
  /** Present for every state but `ok`. */
  reason: reasonSchema.optional(),
  /** Blocks with a usable trial. */
  blocks: z.number().int().nonnegative(),
  requests: z.number().int().nonnegative(),
  /** What each block says by itself, so that a reader sees what an interval stands for. */
  perBlock: z.array(blockFiguresSchema),
  achievedRps: z.number().nonnegative().nullable(),
  /**
   * Requests due a second: in a ramp less than the level, and about it with Poisson arrivals and in a part of a mix. Null in a closed loop,
   * where the target's own pace decides.
   */
  offeredRps: z.number().nonnegative().nullable(),
  /** Complete, correct 2xx answers over requests scheduled, 0 to 1. */
  successRate: z.number().min(0).max(1).nullable(),
  /** Requests among them that were sent a second time, because their idle connection was being closed; left out where there are none. */
  staleConnections: z.number().int().positive().optional(),
  /** Trials of this cell that were void, of how many, and how many for which reason, also where others took their place; left out without any. */
  voidTrials: z
    .strictObject({
      trials: z.number().int().positive(),
      of: z.number().int().positive(),
      reasons: z.record(z.string(), z.number().int().positive()),
    })
    .optional(),
  latencyUs: quantilesSchema,
  /**
   * Of a saturated cell of the original suite: what its pool of connections measured at the rate that it achieved. It is no latency at
   * this level, and never compared or ranked.
   */
  latencyAtAchievedUs: quantilesSchema.optional(),
  ttftUs: quantilesSchema.optional(),
  gapUs: quantilesSchema.optional(),
  /** The quantile shift against direct. Not for direct. */
  overheadUs: overheadSchema.optional(),
  perRequest: perRequestSchema.optional(),
  memoryPeakBytes: z.number().nonnegative().nullable(),
  cpuUsPerRequest: z.number().nonnegative().nullable(),
  throttledMs: z.number().nonnegative().nullable(),
});
export type CellSummary = z.infer<typeof cellSummarySchema>;

/** What speaks against figures, or is to be known beside them; null where it is of all targets, scenarios or levels. */
export const findingSchema = z.strictObject({
  code: z.string(),
  severity: z.enum(['info', 'warning', 'void']),
  target: z.string().nullable(),
  scenario: z.string().nullable(),
  level: levelSchema.nullable(),
  message: z.string(),
  /** Figures behind the message. */
  evidence: z.record(z.string(), z.unknown()),
});
export type Finding = z.infer<typeof findingSchema>;

/**
 * What the figures of two equal targets would differ by in this run, from direct against direct, per scenario and level; null where no block
 * held both, or a single one in which they happened to agree.
 */
const noiseFloorSchema = z.strictObject({
  scenario: z.string(),
  level: levelSchema,
  p50Us: z.number().nonnegative().nullable(),
  p90Us: z.number().nonnegative().nullable(),
  p99Us: z.number().nonnegative().nullable(),
  /** Blocks that it rests on. */
  pairs: z.number().int().nonnegative(),
});
export type NoiseFloor = z.infer<typeof noiseFloorSchema>;

/** Two gateways, the faster one first, and whether the blocks that both took part in tell them apart. */
const rankedPairSchema = z.strictObject({
  faster: z.string(),
  slower: z.string(),
  /** The slower one's figure as a multiple of the faster one's, with its 95 % interval (of this pair alone). */
  ratio: intervalSchema,
  told: z.boolean(),
  blocks: z.number().int().nonnegative(),
  /** Blocks in all that would tell this ratio from 1 four times in five; null for a pair that is told, and where it is out of reach. */
  blocksNeeded: z.number().int().positive().nullable(),
});
export type RankedPair = z.infer<typeof rankedPairSchema>;

/**
 * The order of the gateways at one scenario and level, by one quantile of their overhead. Gateways that share a letter cannot be told apart;
 * any two that share none were told apart in the blocks that both took part in, after Holm's correction over `pairs`, which are the family.
 */
const rankingSchema = z.strictObject({
  scenario: z.string(),
  level: levelSchema,
  quantile: z.enum(['p50', 'p99']),
  by: overheadKindSchema,
  /** In the order of their figure, the least first. */
  places: z.array(z.strictObject({ target: z.string(), letters: z.string(), valueUs: z.number() })),
  pairs: z.array(rankedPairSchema),
  /** Gateways without a usable figure here; their cells say why. */
  unplaced: z.array(z.string()),
});
export type Ranking = z.infer<typeof rankingSchema>;

const pairedQuantileSchema = intervalSchema.extend({
  /** `above`: b takes longer. `above` and `below`: the interval excludes 0, and the difference is at least 3 % of a's quantile. */
  verdict: verdictSchema,
  /** b's quantile as a multiple of a's in the same slices of time: what the verdict is by. */
  ratio: intervalSchema,
  /** a's quantile in the typical block. */
  aUs: z.number(),
  /** Slices of time that it rests on, over all blocks. */
  slices: z.number().int().positive(),
  own: boundsSchema.extend({ verdict: verdictSchema }).optional(),
});

/** Differences b − a in microseconds; a quantile that the sample cannot carry is left out. */
const pairedQuantilesSchema = z.strictObject({
  p50: pairedQuantileSchema.optional(),
  p90: pairedQuantileSchema.optional(),
  p99: pairedQuantileSchema.optional(),
});
export type PairedQuantiles = z.infer<typeof pairedQuantilesSchema>;

/** Two targets that were measured at the same time, request by request: b against a at one scenario and level. */
const pairedComparisonSchema = z.strictObject({
  a: z.string(),
  b: z.string(),
  scenario: z.string(),
  level: levelSchema,
  /** Blocks with a usable trial of both at the same time. */
  blocks: z.number().int().nonnegative(),
  /** Why there is nothing to compare; present where there is not. */
  reason: reasonSchema.optional(),
  /** From the intended time of sending. */
  latencyUs: pairedQuantilesSchema.optional(),
  /** Of each request beyond the time that the mock held it, where every trial was joined with the ledger. */
  overheadUs: pairedQuantilesSchema.optional(),
  ttftUs: pairedQuantilesSchema.optional(),
});
export type PairedComparison = z.infer<typeof pairedComparisonSchema>;

/**
 * What a variant costs against its gateway as it is, at one scenario and level: differences within blocks, with `above` and `below` where they
 * are more than the gateway differs by from itself. `not-offered`: the gateway has not the feature; `absent`: it was not seen to work, or could
 * not be had; `failed`: nothing could be compared.
 */
const featureCostSchema = z.strictObject({
  /** As it is, with its version where one was asked for. */
  gateway: z.string(),
  /** The variant's name. */
  feature: z.string(),
  target: z.string(),
  scenario: z.string(),
  level: levelSchema,
  state: z.enum(['ok', 'not-offered', 'absent', 'failed']),
  /** Present for every state but `ok`. */
  reason: reasonSchema.optional(),
  /** What was seen before the clock started; left out of variants that are no features. */
  attested: z.strictObject({ by: z.string(), evidence: z.record(z.string(), z.number()) }).optional(),
  /** In which both were usable. */
  blocks: z.number().int().nonnegative(),
  addedUs: z.strictObject({ p50: judgedSchema.optional(), p99: judgedSchema.optional() }).optional(),
  /** Null where the runtime cannot know. */
  cpuUsPerRequest: judgedSchema.nullable().optional(),
  memoryBytes: judgedSchema.nullable().optional(),
});
export type FeatureCost = z.infer<typeof featureCostSchema>;
/**
 * By how much the latency of some requests moves while a neighbour sends others, at one level: against the same requests without it in the same
 * visits, with `above` and `below` where that is more than they differ by from themselves, measured twice without.
 */
const neighbourEffectSchema = z.strictObject({
  target: z.string(),
  /** With the neighbour, and its name. */
  scenario: z.string(),
  neighbour: z.string(),
  level: levelSchema,
  /** The cell of the watched requests beside the neighbour, and those without. */
  part: z.string(),
  against: z.array(z.string()),
  state: z.enum(['ok', 'failed', 'absent']),
  /** Present for every state but `ok`. */
  reason: reasonSchema.optional(),
  /** In which both were usable. */
  blocks: z.number().int().nonnegative(),
  movedUs: z.strictObject({ p50: judgedSchema.optional(), p99: judgedSchema.optional() }).optional(),
});
export type NeighbourEffect = z.infer<typeof neighbourEffectSchema>;

/** Where the latency of sessions stands by turn and by size of the conversation: cells of the same summary. */
const sessionTurnRowsSchema = z.strictObject({
  /** All turns together. */
  scenario: z.string(),
  level: levelSchema,
  rows: z.array(
    z.strictObject({
      scenario: z.string(),
      level: levelSchema,
      /** From 1. */
      turns: z.strictObject({ first: z.number().int().positive(), last: z.number().int().positive() }),
      /** Of the conversation in the first and in the last of them. */
      bytes: z.strictObject({ least: z.number().positive(), most: z.number().positive() }),
    }),
  ),
});
export type SessionTurnRows = z.infer<typeof sessionTurnRowsSchema>;

/** One of several agents over the trials that it took part in: the furthest that its clock and its start were from the orchestrator's. */
const agentSummarySchema = z.strictObject({
  index: z.number().int().nonnegative(),
  trials: z.number().int().positive(),
  cpus: z.number().int().positive(),
  /** How far ahead its clock was, and the largest bound of how far from the truth that is. */
  clockOffsetUs: z.strictObject({ low: z.number(), high: z.number(), boundUs: z.number().nonnegative() }),
  driftPpm: z.strictObject({ low: z.number(), high: z.number(), boundPpm: z.number().nonnegative() }),
  startSkewUs: z.strictObject({ low: z.number(), high: z.number(), boundUs: z.number().nonnegative() }),
  /** Requests of its share a second. */
  achievedRps: z.strictObject({ low: z.number().nonnegative(), high: z.number().nonnegative() }),
});
export type AgentSummary = z.infer<typeof agentSummarySchema>;

/** `summary.json`: analyse's result and the project's contract with others. Times µs, sizes bytes, rates per second, shares 0 to 1. */
export const summarySchema = z.strictObject({
  /** 3 has `conduct`, and a run of that group no cells; one of 2 is one of 3 without. */
  schemaVersion: z.literal([2, 3]),
  run: z.strictObject({
    id: z.string(),
    startedAt: z.string(),
    finishedAt: z.string().nullable(),
    complete: z.boolean(),
    blocks: z.strictObject({ planned: z.number().int(), done: z.number().int() }),
    seed: z.number().int(),
    runtime: z.string(),
    driver: z.string(),
    options: z.record(z.string(), z.unknown()),
    versions: z.record(z.string(), z.string()),
    host: z.record(z.string(), z.unknown()),
    /** Where its time went, milliseconds: `1 - measuredMs / wholeMs` lay beside measuring. Left out while a run goes on, and where nobody counted. */
    time: timeAccountSchema.optional(),
  }),
  noiseFloor: z.array(noiseFloorSchema),
  /** What watching took within the windows of this run, as a share of one core; left out where nobody counted it. */
  observer: z
    .strictObject({
      cpuShare: z.number().nonnegative(),
      samplingShare: z.number().nonnegative(),
      besideShare: z.number().nonnegative().optional(),
    })
    .optional(),
  /** Those that made the load together, over all trials; left out where one driver made it. */
  agents: z.array(agentSummarySchema).optional(),
  /** Targets that are no LLM gateways and stand among them for reference; left out where there are none. */
  references: z.array(z.strictObject({ target: z.string(), plays: notLlmGatewaySchema })).optional(),
  cells: z.array(cellSummarySchema),
  /** Of a run in which two targets were measured at the same time; left out of all others. Then `ranking` is empty: this is the order. */
  paired: z.array(pairedComparisonSchema).optional(),
  /** Of a run with variants; left out of all others. */
  features: z.array(featureCostSchema).optional(),
  /** Of a search for capacities over limits; left out of all others. */
  surface: z.array(surfacePointSchema).optional(),
  /** Of a run with neighbours; left out of all others. */
  neighbours: z.array(neighbourEffectSchema).optional(),
  /** Of a run with sessions; left out of all others. */
  sessions: z.array(sessionTurnRowsSchema).optional(),
  /** Of `--group conduct`: a case of a target each. Then there are no cells. */
  conduct: z.array(conductSummarySchema).optional(),
  ranking: z.array(rankingSchema),
  findings: z.array(findingSchema),
});
export type Summary = z.infer<typeof summarySchema>;
