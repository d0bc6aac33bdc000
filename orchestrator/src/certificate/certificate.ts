import { z } from 'zod';
import { blameRowSchema } from './blame-rows.js';
import { runToRunSchema } from '../record/run-to-run.js';
import { levelSchema } from '../record/cell.js';

const count = z.number().int().nonnegative();
const quantile = z.enum(['p50', 'p90', 'p99']);
const estimate = z.strictObject({ value: z.number(), low: z.number(), high: z.number() });

/** Off by no more than the larger of the two, a delay counts as recovered. */
export const TOLERANCE = { us: 30, share: 0.05 } as const;

/** Watching is harmless where a watched target's quantiles are within this factor of an unwatched one's. */
export const WATCHING_MARGIN = 1.1;

/** How an experiment ended. `too-few`: nothing spoke against it, on fewer comparisons than a judgement needs. */
const outcome = z.enum(['passed', 'missed', 'too-few']);
export type Outcome = z.infer<typeof outcome>;

const delayRow = z.strictObject({
  relay: z.string(),
  scenario: z.string(),
  level: levelSchema,
  quantile,
  /** How far the planted delays move the quantile of the relays without delay, mean over the blocks. */
  plantedUs: z.number(),
  /** How far the relay's own holding moves it, by its own clock and against the relays without delay; unlike what was planted, the relay is at fault. */
  heldUs: z.number(),
  /** What the suite says. */
  measuredUs: estimate,
  /** Within max(30 µs, 5 %) of it. */
  recovered: z.boolean(),
  /** The interval holds what was planted. */
  covered: z.boolean(),
});
export type DelayRow = z.infer<typeof delayRow>;

const spikeRow = z.strictObject({
  relay: z.string(),
  scenario: z.string(),
  level: levelSchema,
  requests: count,
  /** Requests that took half of the spike or longer beyond the usual: said by the relay, and seen. */
  planted: count,
  seen: count,
  /** Median of those: said, and seen, less the usual. */
  plantedUs: z.number(),
  seenUs: z.number().nullable(),
  recovered: z.boolean(),
});
export type SpikeRow = z.infer<typeof spikeRow>;

const sinRow = z.strictObject({
  relay: z.string(),
  /** Null for the honest one, which must not be accused. */
  sin: z.string().nullable(),
  /** How often the relay says it was done. */
  done: count,
  /** Whether the suite said what it should. */
  named: z.boolean(),
  /** In the suite's own words. */
  said: z.array(z.string()),
});
export type SinRow = z.infer<typeof sinRow>;

const erraticCell = z.strictObject({
  scenario: z.string(),
  level: levelSchema,
  /** The least and the highest median of what the erratic relay planted in its starts; null where it does not say. */
  plantedUs: z.strictObject({ low: z.number(), high: z.number() }).nullable(),
  /** Whether that is far enough apart for its starts to have to be called erratic. */
  planted: z.boolean(),
  /** It was told to be above direct, at the median. */
  above: z.boolean(),
  /** The two steady ones were told apart, the faster one first. */
  apart: z.boolean(),
  /** It was called erratic; and which of the steady ones were. */
  named: z.boolean(),
  accused: z.array(z.string()),
  /** Targets, `direct` among them, of which too little was usable to judge by; nothing of the above is meant where there are any. */
  silent: z.array(z.string()),
});
export type ErraticCell = z.infer<typeof erraticCell>;

const sentences = z.array(z.string()).readonly();

const repeated = z.strictObject({
  cells: count,
  agreeing: count,
  /** Cells whose intervals are so wide that their agreement says nothing; they count as no agreement and as no miss. */
  vague: sentences,
  disagreements: sentences,
});

/** `certificate.json`: how good the ruler is on one machine. Times microseconds, shares 0 to 1. */
export const certificateSchema = z.strictObject({
  schemaVersion: z.literal(2),
  madeAt: z.string(),
  quick: z.boolean(),
  runtime: z.string(),
  driver: z.string(),
  host: z.record(z.string(), z.unknown()),
  versions: z.record(z.string(), z.string()),
  /** Passes over all cells, over all runs. */
  blocks: count,
  /** The smallest difference that the suite would have called one, in the worst of its cells; null where no cell carries the quantile. */
  tells: z.strictObject({ p50Us: z.number().nullable(), p99Us: z.number().nullable(), cells: count }),
  delays: z.strictObject({
    outcome,
    /** Comparisons at the median that came within max(30 µs, 5 %). */
    recovered: count,
    medians: count,
    /** Comparisons at every quantile whose interval holds the truth. */
    covered: count,
    comparisons: count,
    rows: z.array(delayRow),
    spikes: z.array(spikeRow),
    /** Relays of which nothing could be compared. */
    silent: z.array(z.string()),
  }),
  sins: z.strictObject({ outcome, rows: z.array(sinRow) }),
  sameTarget: z.strictObject({ outcome, comparisons: count, declaredDifferent: count, examples: z.array(z.string()) }),
  repeatedRun: z.strictObject({
    outcome,
    /** What each target adds at p50, as a report leads with it. */
    overheads: repeated,
    /** p50 as it is, at the levels where `direct` is repeated. */
    latencies: repeated,
    /** Levels at which `direct` itself is not: the machine was another there, so their latencies are not compared. */
    moved: sentences,
    /** Pairs of targets that one run places in one order and the other in the other. */
    contradictions: sentences,
  }),
  /** What runs add to blocks here, learnt from the two runs of one plan; left out where too few cells are in both. */
  runToRun: runToRunSchema.optional(),
  /** A target that is watched over the same target that is not, by quantile; left out where it was not tried. */
  observer: z
    .strictObject({
      outcome,
      blocks: count,
      /** Pairs of trials of one block and cell. */
      pairs: count,
      p50: estimate.nullable(),
      p90: estimate.nullable(),
      p99: estimate.nullable(),
    })
    .optional(),
  /** An erratic target beside two steady ones; left out where it was not tried. */
  erratic: z.strictObject({ outcome, blocks: count, cells: z.array(erraticCell) }).optional(),
  /** Stops of gateway, mock and driver, and whom the suite blamed; left out where it was not tried. */
  blame: z
    .union([
      z.strictObject({ outcome, rows: z.array(blameRowSchema) }),
      /** Where nobody can be stopped, why. */
      z.strictObject({ outcome: z.literal('not-offered'), reason: z.string() }),
    ])
    .optional(),
  /** Gateways with planted policies for failing providers, and what the rows of conduct recovered of them; left out where it was not tried. */
  conduct: z
    .strictObject({
      outcome,
      policies: count,
      rows: count,
      recovered: count,
      /** Planted rows beside these, about processes, that the runtime cannot show. Left out: it shows all. */
      unseen: count.optional(),
      /** Rows that were not recovered, and what gateways were wrongly accused of, or wrongly not. */
      misses: sentences,
    })
    .optional(),
  /** Everything that was missed, one sentence each. */
  misses: z.array(z.string()),
});
export type Certificate = z.infer<typeof certificateSchema>;
