import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { ANSWER_KINDS, FINISH_REASONS, MAX_CALLS, MAX_SAID } from '../api/answer-wish.js';
import { MAX_TOKENS } from '../api/tokens.js';
import { parseLatency } from '../timing/latency.js';
import { CLOSED_PORT, parseFault } from './fault.js';

const latency = z
  .union([z.number().min(0).max(3_600_000).transform(String), z.string()])
  .superRefine(parsed(parseLatency));
const fault = z.string().superRefine(parsed(parseFault));
/** A time, as seconds or as `500ms`, `5s`, `2m`; comes out in seconds. */
export const duration = z
  .union([z.number().min(0), z.string().regex(/^\d+(\.\d+)?(ms|s|m)$/, 'expected a time such as 500ms, 5s or 2m')])
  .transform(seconds);

const SHARE = 'expected a number from 0 to 1';
const FIRST = 'expected a whole number from 1 to 1000000000';

const ruleSchema = z.strictObject({
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
  /** Again and again: `from` and `to` count from the beginning of each of these. */
  every: duration.refine((length) => length > 0, 'expected a time of more than 0').optional(),
  /** Only for paths that begin with this. */
  path: z.string().startsWith('/', 'expected the beginning of a path, such as /v1/chat').optional(),
});
const rule = ruleSchema.superRefine(forWholePorts);

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
  limits: z
    .strictObject({
      /** Requests a minute, over all workers; more are answered 429. */
      rpm: z.int().min(1).max(1_000_000_000).optional(),
      /** The same of tokens: what was sent, and what may be answered. */
      tpm: z.int().min(1).max(1_000_000_000_000).optional(),
    })
    .nullable()
    .optional(),
  faults: z.array(rule).max(100).optional(),
});

/** How a provider is to behave, as a scenario file or the control endpoint says it; what is left out stays as it was. */
export type Settings = z.infer<typeof settingsSchema>;

/** The name of a provider of a fleet. */
export const PROVIDER_NAME = /^[A-Za-z0-9_-]{1,32}$/;

/** A story as it is written: the settings of all, and under `providers` those of some. */
export const storySchema = settingsSchema.extend({
  providers: z.record(z.string().regex(PROVIDER_NAME), settingsSchema).optional(),
});

/** Settings of all providers, and those of some of them that are laid over these. */
export interface Story {
  readonly settings: Settings;
  readonly providers: Readonly<Record<string, Settings>>;
}

/** Settings as they are written: times may be `500ms`, `5s` or `2m`, latencies numbers or models. */
export type WrittenSettings = z.input<typeof settingsSchema>;

/** A story as it is written. */
export type WrittenStory = z.input<typeof storySchema>;

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
export function readScenario(file: string): Story {
  return storyOf(readYaml('scenario', file, storySchema));
}

/** A story as it is written, taken apart. */
export function storyOf({ providers, ...settings }: z.infer<typeof storySchema>): Story {
  return { settings, providers: providers ?? {} };
}

/**
 * Reads a file of YAML.
 * @param what it is, for messages
 * @throws {SettingsError} with line and column
 */
export function readYaml<T>(what: string, file: string, schema: z.ZodType<T>): T {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new SettingsError(`${what} ${file} cannot be read: ${(error as Error).message}`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [problem] = document.errors;
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (problem !== undefined) throw new SettingsError(`${at(problem.pos[0])}: ${problem.message}`);
  const result = schema.safeParse(valueOf(document, file));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path ?? [];
  // Of a key that should not be there, the place is the object around it and the key stands apart.
  const node = document.getIn(issue?.code === 'unrecognized_keys' ? [...path, issue.keys[0]] : path, true);
  const range = (node as { range?: readonly [number, number, number] } | undefined)?.range;
  throw new SettingsError(`${at(range?.[0] ?? 0)}: ${new SettingsError(describe(issue), path).message}`);
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
 * Checks settings of one provider that came as JSON.
 * @throws {SettingsError}
 */
export function checkSettings(value: unknown): Settings {
  return checked(settingsSchema, value);
}

/**
 * Checks settings that may tell providers apart and came as JSON.
 * @throws {SettingsError}
 */
export function checkStory(value: unknown): Story {
  return storyOf(checked(storySchema, value));
}

/**
 * Checks what came as JSON.
 * @throws {SettingsError} that names the place, the value and what is allowed
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
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

/** The settings of one provider in a story. */
export function settingsOf({ settings, providers }: Story, provider: string): Settings {
  const own = providers[provider];
  return own === undefined ? settings : mergeSettings(settings, own);
}

/** A story with another laid over it. */
export function mergeStories(base: Story, over: Story): Story {
  const providers: Record<string, Settings> = { ...base.providers };
  for (const [name, settings] of Object.entries(over.providers)) {
    providers[name] = mergeSettings(providers[name] ?? {}, settings);
  }
  return { settings: mergeSettings(base.settings, over.settings), providers };
}

/**
 * A story that these providers can play with so many workers.
 * @throws {SettingsError} when it tells of another provider, or some worker would have no slot
 */
export function requirePlayable(story: Story, names: readonly string[], workers: number): Story {
  for (const name of Object.keys(story.providers)) {
    if (!names.includes(name))
      throw new SettingsError(`providers: no provider is named "${name}" (${names.join(', ')})`);
  }
  for (const name of names) requireSlots(settingsOf(story, name), workers);
  return story;
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
  const [before, last] = [path.at(-2), path.at(-1)];
  const shapes: Record<string, object> = {
    latency: { plain: 0, ttft: 0, gap: 0 },
    capacity: { slots: 0, queue: 0 },
    limits: { rpm: 0, tpm: 0 },
    answer: answer.shape,
  };
  if (before === 'faults') return Object.keys(ruleSchema.shape).join(', ');
  if (before === 'phases') return ['name', 'from', 'to', ...Object.keys(storySchema.shape)].join(', ');
  return Object.keys(shapes[String(last)] ?? settingsSchema.shape).join(', ');
}

/** A port is closed to everybody, or open. */
function forWholePorts(
  { fault: text, share, first, path }: z.infer<typeof ruleSchema>,
  context: z.RefinementCtx,
): void {
  if (text !== CLOSED_PORT) return;
  if (share === 1 && first === undefined && path === undefined) return;
  context.addIssue({
    code: 'custom',
    message: `${CLOSED_PORT} closes the port: it takes from, to and every, and no share, first or path`,
  });
}

function seconds(value: number | string): number {
  if (typeof value === 'number') return value;
  const number = Number.parseFloat(value);
  if (value.endsWith('ms')) return number / 1000;
  return value.endsWith('m') ? number * 60 : number;
}

/** Turns a parser that throws into a check of the schema. */
function parsed(parse: (text: string) => unknown) {
  return (text: string, context: z.RefinementCtx): void => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  };
}
