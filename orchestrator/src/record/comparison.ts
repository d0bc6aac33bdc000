import { z } from 'zod';
import { formatLevel, levelSchema } from './cell.js';
import { runToRunSchema } from './run-to-run.js';
import { overheadKindSchema } from './summary.js';

/** `not-compared`: one side has no usable figure, and nothing follows from that. */
const verdictSchema = z.enum(['better', 'worse', 'cannot-be-told', 'not-compared']);
export type CompareVerdict = z.infer<typeof verdictSchema>;

/** A quantity that is compared, by its name on the command line: `overhead.p99`, `cpu`. */
export const MEASURES = [
  ...(['overhead', 'latency', 'ttft', 'gap'] as const).flatMap((of) =>
    (['p50', 'p90', 'p99'] as const).map((quantile) => `${of}.${quantile}` as const),
  ),
  'cpu',
  'memory',
] as const;
export type MeasureName = (typeof MEASURES)[number];

const measureSchema = z.strictObject({
  name: z.enum(MEASURES),
  /** What an overhead is of; null for everything else. */
  by: overheadKindSchema.nullable(),
  unit: z.enum(['us', 'bytes']),
  /** Of the typical block: geometric means where every block is above 0, else means. */
  a: z.number(),
  b: z.number(),
  /** b − a, with its 95 % interval; between two runs it holds what runs add to blocks. */
  change: z.strictObject({ value: z.number(), low: z.number(), high: z.number() }),
  /** What direct and direct differ by in as many blocks; no change within it is one. Null: unknown, and then nothing can be told. */
  noiseFloor: z.number().nullable(),
  /** No smaller change is one either, whatever its interval: 3 % of what it is a part of. */
  least: z.number(),
  blocks: z.number().int().positive(),
  verdict: verdictSchema,
});
export type ComparedMeasure = z.infer<typeof measureSchema>;

const comparedCellSchema = z.strictObject({
  a: z.string(),
  b: z.string(),
  scenario: z.string(),
  level: levelSchema,
  /** What the states of the two cells say by themselves; `cannot-be-told` when both are ok and the measures speak. */
  verdict: verdictSchema,
  /** Present for every verdict that comes from the states. */
  reason: z.string().nullable(),
  measures: z.array(measureSchema),
});
export type ComparedCell = z.infer<typeof comparedCellSchema>;

const sideSchema = z.strictObject({
  run: z.string(),
  startedAt: z.string(),
  targets: z.array(z.strictObject({ name: z.string(), version: z.string().nullable(), digest: z.string().nullable() })),
});

const comparedRowSchema = z.strictObject({
  name: z.string(),
  unit: z.enum(['us', 'share', 'rate', 'times']),
  /** Which way is better; null: neither is by itself, and a change `differs`. */
  better: z.enum(['less', 'more']).nullable(),
  /** Means over blocks; null where the side has no quantity. */
  a: z.number().nullable(),
  b: z.number().nullable(),
  /** b − a, with its 95 % interval; null where there is none, or one block alone. */
  change: z.strictObject({ value: z.number(), low: z.number(), high: z.number() }).nullable(),
  /** No smaller change is one: 3 % of a, and not less than a timer's step or what one request in a hundred makes. */
  least: z.number(),
  /** Of the side that has fewer. */
  blocks: z.number().int().nonnegative(),
  verdict: z.enum(['better', 'worse', 'differs', 'cannot-be-told', 'not-compared']),
  /** Present where there is no change to judge. */
  reason: z.string().nullable(),
});
export type ComparedRow = z.infer<typeof comparedRowSchema>;

const comparedCaseSchema = z.strictObject({
  a: z.string(),
  b: z.string(),
  case: z.string(),
  rows: z.array(comparedRowSchema),
});
export type ComparedCase = z.infer<typeof comparedCaseSchema>;

/** The result of `compare`: b against a. Times µs, sizes bytes. */
export const comparisonSchema = z.strictObject({
  schemaVersion: z.literal(2),
  a: sideSchema,
  b: sideSchema,
  /** `blocks`: both were measured in the blocks of one run, and differences are taken within each. */
  pairing: z.enum(['blocks', 'runs']),
  /** What each of two runs was taken to add to its blocks; null within one run, where nothing has to be added. */
  runToRun: z.strictObject({ a: runToRunSchema, b: runToRunSchema }).nullable(),
  cells: z.array(comparedCellSchema),
  /** Of two that `--group conduct` asked: what they do while providers fail; then there are no cells. */
  conduct: z.array(comparedCaseSchema).optional(),
  /** What speaks against the comparison, or limits it. */
  notes: z.array(z.string()),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** A cell as sentences name it, by its side b. */
export function cellName({ b, scenario, level }: ComparedCell): string {
  return `${b} ${scenario} ${formatLevel(level)}`;
}
