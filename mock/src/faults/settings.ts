import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { ANSWER_KINDS, FINISH_REASONS, MAX_CALLS, MAX_SAID } from '../api/answer-wish.js';
import { MAX_TOKENS } from '../api/tokens.js';
import { parseLatency } from '../timing/latency.js';
import { parseFault } from './fault.js';

const latency = z
  .union([z.number().min(0).max(3_600_000).transform(String), z.string()])
  .superRefine(checked(parseLatency));
const fault = z.string().superRefine(checked(parseFault));
const duration = z
  .union([z.number().min(0), z.string().regex(/^\d+(\.\d+)?(ms|s|m)$/, 'expected a time such as 500ms, 5s or 2m')])
  .transform(seconds);

const SHARE = 'expected a number from 0 to 1';
const FIRST = 'expected a whole number from 1 to 1000000000';

const rule = z.strictObject({
  /** Such as `cut:5`. */
  fault,
  /** Share of the requests that the rule is for, 0 to 1. */
  share: z.number(SHARE).min(0, SHARE).max(1, SHARE).default(1),
  /** Only for so many requests, counted over all workers. */
  first: z.int(FIRST).min(1, FIRST).max(1_000_000_000, FIRST).optional(),
  /** Only from this time on, counted from when the settings were made. */
  from: duration.default(0),
  /** Only before this time. */
  to: duration.optional(),
  /** Only for paths that begin with this. */
  path: z.string().startsWith('/', 'expected the beginning of a path, such as /v1/chat').optional(),
});

const answer = z.strictObject({
  as: z.enum(ANSWER_KINDS).optional(),
  say: z.string().max(MAX_SAID).optional(),
  calls: z.int().min(0).max(MAX_CALLS).optional(),
  tool: z.string().min(1).optional(),
  finish: z.enum(FINISH_REASONS).optional(),
});

const settingsSchema = z.strictObject({
  seed: z.int().min(0).max(0xffff_ffff).optional(),
  latency: z.strictObject({ plain: latency.optional(), ttft: latency.optional(), gap: latency.optional() }).optional(),
  tokens: z.int().min(1).max(MAX_TOKENS).nullable().optional(),
  answer: answer.nullable().optional(),
  /** True: requests are answered that the provider would refuse, as long as they can be. */
  lenient: z.boolean().optional(),
  'error-rate': z.number().min(0).max(1).optional(),
  'error-status': z.int().min(400).max(599).optional(),
  capacity: z
    .strictObject({
      /** Requests answered at the same time, over all workers; at least one a worker. */
      slots: z.int().min(1).max(1_000_000),
      /** Requests that may wait for a slot; more are answered as the provider does when it is overloaded. */
      queue: z.int().min(0).max(1_000_000).default(1_000_000),
    })
    .nullable()
    .optional(),
  faults: z.array(rule).max(100).optional(),
});

/** How a mock is to behave, as a scenario file or the control endpoint says it; what is left out stays as it was. */
export type Settings = z.infer<typeof settingsSchema>;

/** One rule of a fault plan. */
export type FaultRule = z.infer<typeof rule>;

/** Settings that cannot be used: names the place, the value and what is allowed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  /** Where in the settings, for whoever has another name for that place; empty: in no one place. */
  readonly path: readonly PropertyKey[];
  /** What is wrong there, without the place. */
  readonly what: string;

  constructor(what: string, path: readonly PropertyKey[] = []) {
    super(path.length === 0 ? what : `${path.join('.')}: ${what}`);
    this.what = what;
    this.path = path;
  }
}

/**
 * Reads a scenario file.
 * @throws {SettingsError} with line and column
 */
export function readScenario(file: string): Settings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new SettingsError(`scenario ${file} cannot be read: ${(error as Error).message}`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [problem] = document.errors;
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (problem !== undefined) throw new SettingsError(`${at(problem.pos[0])}: ${problem.message}`);
  const result = settingsSchema.safeParse(valueOf(document, file));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path ?? [];
  // Of a key that should not be there, the place is the object around it and the key stands apart.
  const node = document.getIn(issue?.code === 'unrecognized_keys' ? [...path, issue.keys[0]] : path, true);
  const range = (node as { range?: readonly [number, number, number] } | undefined)?.range;
  throw new SettingsError(`${at(range?.[0] ?? 0)}: ${describe(issue)}`);
}

/** An alias of nothing is found only here. */
function valueOf(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    throw new SettingsError(`${file}: ${(error as Error).message}`);
  }
}

/**
 * Checks settings that came as JSON.
 * @throws {SettingsError}
 */
export function checkSettings(value: unknown): Settings {
  const result = settingsSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new SettingsError(describe(issue), issue?.path);
}

/**
 * Settings whose capacity can be divided among the workers, each of which gives out its own slots.
 * @throws {SettingsError} when some worker would have none
 */
export function requireSlots(settings: Settings, workers: number): Settings {
  const slots = settings.capacity?.slots ?? workers;
  if (slots >= workers) return settings;
  throw new SettingsError(
    `capacity: ${slots} ${slots === 1 ? 'slot' : 'slots'} cannot be divided among ${workers} workers; give at least ${workers} slots, or start the mock with --workers ${slots}`,
  );
}

/** Settings with others laid over them. */
export function mergeSettings(base: Settings, over: Settings): Settings {
  return { ...base, ...over, latency: { ...base.latency, ...over.latency } };
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return 'invalid';
  const allowed = issue.code === 'unrecognized_keys' ? ` (allowed: ${allowedKeys(issue.path)})` : '';
  return `${issue.message}${allowed}`;
}

function allowedKeys(path: readonly PropertyKey[]): string {
  const shapes: Record<string, object> = {
    faults: rule.shape,
    latency: { plain: 0, ttft: 0, gap: 0 },
    capacity: { slots: 0, queue: 0 },
    answer: answer.shape,
  };
  return Object.keys(shapes[String(path[0])] ?? settingsSchema.shape).join(', ');
}

function seconds(value: number | string): number {
  if (typeof value === 'number') return value;
  const number = Number.parseFloat(value);
  if (value.endsWith('ms')) return number / 1000;
  return value.endsWith('m') ? number * 60 : number;
}

/** Turns a parser that throws into a check of the schema. */
function checked(parse: (text: string) => unknown) {
  return (text: string, context: z.RefinementCtx): void => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  };
}
