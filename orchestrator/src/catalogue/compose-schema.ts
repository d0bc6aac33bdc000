import { z } from 'zod';
import { DEVIATIONS } from './service.js';

/**
 * The subset of the Compose specification that the orchestrator reads, and `x-bench`, which says what Compose cannot.
 * Strict: what is not understood is refused, because a limit that is silently ignored makes a comparison unfair.
 */

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const words = z.union([z.string(), z.array(scalar)]);
const environment = z.union([z.record(z.string(), scalar.nullable()), z.array(z.string())]);

/** `512m`, `1g`, `268435456`: Compose's byte sizes. */
const byteSize = z.union([
  z.number().int().positive(),
  z.string().regex(/^\d+(\.\d+)?\s*([bkmg]b?)?$/i, 'not a size: a number with b, k, m or g, for example 512m'),
]);

const duration = z.string().regex(/^\d+(\.\d+)?(ms|s|m)$/, 'not a duration: a number with ms, s or m, for example 60s');

const volume = z.union([
  z.string(),
  z.strictObject({
    type: z.literal('bind'),
    source: z.string(),
    target: z.string(),
    read_only: z.boolean().optional(),
  }),
]);

const buildSchema = z.union([
  z.string(),
  z.strictObject({
    context: z.string(),
    dockerfile: z.string().optional(),
    target: z.string().optional(),
    args: environment.optional(),
    network: z.string().optional(),
  }),
]);

const processSchema = z.strictObject({
  command: z.array(scalar).min(1),
  version: z.array(scalar).min(1).optional(),
  environment: environment.optional(),
  npm: z.string().optional(),
  install: z.string().optional(),
});

const benchSchema = z.strictObject({
  role: z.enum(['mock', 'gateway']).default('gateway'),
  port: z.number().int().min(1).max(65_535),
  health: z.string().startsWith('/', 'not a path: it starts with /, for example /health').default('/'),
  'ready-timeout': duration.default('60s'),
  'model-prefix': z.string().default(''),
  headers: z.record(z.string(), scalar).default({}),
  accept: z.array(z.enum(DEVIATIONS)).default([]),
  version: z.union([z.string(), z.number()]).optional(),
  process: processSchema.optional(),
});

export const serviceSchema = z.strictObject({
  image: z.string(),
  build: buildSchema.optional(),
  entrypoint: words.optional(),
  command: words.optional(),
  environment: environment.optional(),
  volumes: z.array(volume).optional(),
  network_mode: z.literal('host', { error: 'only host networking is measured: write network_mode: host' }),
  cpus: z
    .union([z.number().positive(), z.string().regex(/^\d+(\.\d+)?$/, 'not a number of CPUs, for example 2 or 0.5')])
    .optional(),
  mem_limit: byteSize.optional(),
  /** Read for Compose's sake; the runtimes always set it equal to `mem_limit`, so that nothing swaps. */
  memswap_limit: byteSize.optional(),
  cpuset: z.string().optional(),
  user: z.string().optional(),
  /** What follows concerns `docker compose` alone and changes nothing in a measurement. */
  depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
  profiles: z.array(z.string()).optional(),
  container_name: z.string().optional(),
  restart: z.string().optional(),
  init: z.boolean().optional(),
  stop_signal: z.string().optional(),
  stop_grace_period: z.string().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  read_only: z.boolean().optional(),
  healthcheck: z.unknown().optional(),
  labels: z.unknown().optional(),
  'x-bench': benchSchema,
});
export type ComposeService = z.infer<typeof serviceSchema>;

/** A whole file; top-level `x-…` keys hold anchors and are free. */
export const composeSchema = z
  .object({ name: z.string().optional(), version: z.string().optional(), services: z.record(z.string(), z.unknown()) })
  .catchall(z.unknown());
