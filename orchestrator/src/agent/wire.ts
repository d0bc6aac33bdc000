import { z } from 'zod';
import { clockDomainSchema } from '../clock/clock-domain.js';
import { levelSchema } from '../record/cell.js';

/**
 * What an agent and the orchestrator say to each other: HTTP/1.1 and JSON, every request by the agent, every one with the run's token
 * (`authorization: Bearer …`). Moments are microseconds of the monotonic clock of whoever says them. The whole of it is docs/agents.md.
 *
 *     POST /v1/hello                    who I am                     200; 409 `agent-twice`, `agent-version`
 *     GET  /v1/orders?after=N           what is to be done?          200 an order; 204 nothing so far, ask again
 *     GET  /v1/time                     what time is it?             200 {@link toldSchema}
 *     POST /v1/trials/ID/ready          connections are open         200 {@link startSchema}; 202 not yet, ask again
 *     POST /v1/trials/ID/finished       the last request is decided  200; 202 others are not done, ask again
 *     POST /v1/trials/ID/report         what I saw                   200
 *     PUT  /v1/trials/ID/rows           the file of requests         200; 422 `rows-corrupt`, send it again
 *     POST /v1/trials/ID/failed         why there is nothing         200
 *     POST /v1/watches/ID/begun         the first look is taken      200
 *     POST /v1/watches/ID/series        all looks                    200
 *
 * 401 `token-refused`: another token. 409 `agent-unknown`: say hello first. 410: the trial or watch is void, with its reason. Whatever fails
 * otherwise is asked again; asking twice changes nothing.
 */
export const PROTOCOL = 1;

/** How long a question is held that has no answer yet. */
export const HOLD_MS = 20_000;

/** The variable in which an agent is given the run's token; never on its command line, which every process of its host can read. */
export const TOKEN_VARIABLE = 'CRABLLM_BENCH_TOKEN';

/** Who asks: `load/0`, and the word that tells this process from an earlier one of the same number. */
export const AGENT_HEADER = 'x-bench-agent';
export const SESSION_HEADER = 'x-bench-session';
/** Of the rows: SHA-256 of the body, hexadecimal. */
export const SHA256_HEADER = 'x-bench-sha256';

/** `load`: makes a share of each trial's requests. `watch`: samples what runs beside it. */
export const DUTIES = ['load', 'watch'] as const;
export type Duty = (typeof DUTIES)[number];

/** Agents of one duty, at most: which one a row is of takes a byte. */
export const MOST_AGENTS = 256;

export const helloSchema = z.strictObject({
  protocol: z.number().int(),
  /** Of the program; both sides have to be of one. */
  version: z.string(),
  duty: z.enum(DUTIES),
  index: z.number().int().nonnegative(),
  session: z.string().min(8),
  /** Null where the system does not tell. */
  clockDomain: clockDomainSchema.nullable(),
  host: z.strictObject({ name: z.string(), cpus: z.number().int().positive() }),
});
export type Hello = z.infer<typeof helloSchema>;

/** When a question was heard, and when it was answered. */
export const toldSchema = z.strictObject({ heardUs: z.number(), answeredUs: z.number() });

const roundTripsSchema = z
  .array(z.strictObject({ askedUs: z.number(), heardUs: z.number(), answeredUs: z.number(), returnedUs: z.number() }))
  .min(1)
  .max(10_000);

/** Before the load: how far the orchestrator's clock is ahead, by many round trips of which the agent's is the outer clock. */
export const readySchema = z.strictObject({ trips: roundTripsSchema });
/** The common start, by the orchestrator's clock, and which clock that is: an agent that reads the same one has no need of an offset. */
export const startSchema = z.strictObject({ startAtUs: z.number(), clockDomain: clockDomainSchema.nullable() });

const expectedSchema = z.strictObject({
  text: z.string().nullable(),
  tools: z.array(z.strictObject({ name: z.string(), arguments: z.string() })).nullable(),
  finishReason: z.string().nullable(),
  usage: z.strictObject({ input: z.number(), output: z.number() }).nullable(),
  withoutEnd: z.boolean().optional(),
});
const requestKind = {
  url: z.url(),
  body: z.string(),
  streaming: z.boolean(),
  expected: expectedSchema.nullable().optional(),
};
const headers = z.record(z.string(), z.string());

/** A trial's whole load, as `TrialLoad` of load/driver.ts has it; typed arrays are base64 of their bytes, little-endian. */
export const wireLoadSchema = z.strictObject({
  ...requestKind,
  headers,
  table: z
    .strictObject({
      kinds: z
        .array(z.strictObject({ ...requestKind, name: z.string(), headers: headers.optional(), part: z.string() }))
        .min(1),
      draw: z.union([
        z.strictObject({ weights: z.array(z.number()) }),
        z.strictObject({ trace: z.strictObject({ atUs: z.base64(), kindOf: z.base64() }) }),
        z.strictObject({ rates: z.array(z.number().positive().nullable()) }),
        z.strictObject({
          sessions: z.strictObject({ pauses: z.array(z.strictObject({ medianMs: z.number().nonnegative() })) }),
        }),
      ]),
    })
    .optional(),
  level: levelSchema,
  warmupMs: z.number().nonnegative(),
  measureMs: z.number().positive(),
  timeoutMs: z.number().positive(),
  expectedLatencyMs: z.number().nonnegative(),
  seed: z.number().int(),
});
export type WireLoad = z.infer<typeof wireLoadSchema>;

/** How the native driver makes it: `NativeOptions` of load/native/plan-lanes.ts. */
export const wireOptionsSchema = z.strictObject({
  pacing: z.enum(['wait', 'spin']).optional(),
  arrivals: z.enum(['constant', 'poisson']).optional(),
  connections: z.enum(['keep-alive', 'new']).optional(),
  shape: z
    .union([
      z.strictObject({ kind: z.literal('flat') }),
      z.strictObject({ kind: z.literal('ramp'), from: z.number(), to: z.number() }),
      z.strictObject({ kind: z.literal('steps'), shares: z.array(z.number()) }),
    ])
    .optional(),
  abort: z
    .strictObject({
      share: z.number().min(0).max(1),
      at: z.union([
        z.strictObject({ frame: z.number().int().positive() }),
        z.strictObject({ ms: z.number().nonnegative() }),
      ]),
    })
    .optional(),
  maxConnections: z.number().int().positive().optional(),
  cpuset: z.string().optional(),
});
export type WireOptions = z.infer<typeof wireOptionsSchema>;

/** What a `watch` agent looks at. */
export const subjectSchema = z.discriminatedUnion('of', [
  /** A process and all that it starts. */
  z.strictObject({ of: z.literal('process'), pid: z.number().int().positive() }),
  /** Every process that this one sees but itself: the other containers of a Pod that shares its processes. */
  z.strictObject({ of: z.literal('others') }),
  /** The folder of a control group, below `/sys/fs/cgroup` for example; of version 1 the same path in each hierarchy. */
  z.strictObject({ of: z.literal('cgroup'), path: z.string() }),
  /** The host alone. */
  z.strictObject({ of: z.literal('machine') }),
]);
export type WatchSubject = z.infer<typeof subjectSchema>;

/** What an agent is to do. Numbers ascend from 1; an order is told until a later question says that it was heard. */
export const orderSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('load'),
    number: z.number().int().positive(),
    trial: z.string(),
    share: z.strictObject({
      of: z.number().int().positive(),
      nth: z.number().int().nonnegative(),
      idPrefix: z.string().length(8),
    }),
    options: wireOptionsSchema,
    load: wireLoadSchema,
    /** Whether the agent's host is none that is watched otherwise. */
    watchHost: z.boolean(),
  }),
  /** Whatever was begun of it is to end. */
  z.strictObject({ kind: z.literal('abort'), number: z.number().int().positive(), trial: z.string() }),
  z.strictObject({
    kind: z.literal('watch'),
    number: z.number().int().positive(),
    watch: z.string(),
    subject: subjectSchema,
    intervalMs: z.number().positive(),
  }),
  z.strictObject({ kind: z.literal('unwatch'), number: z.number().int().positive(), watch: z.string() }),
  /** The run is over: the agent ends with exit code 0. */
  z.strictObject({ kind: z.literal('end'), number: z.number().int().positive() }),
]);
export type Order = z.infer<typeof orderSchema>;
export type LoadOrder = Extract<Order, { kind: 'load' }>;
export type WatchOrder = Extract<Order, { kind: 'watch' }>;

/** Why something was refused or is void. */
export const refusalSchema = z.object({ code: z.string(), message: z.string() });
