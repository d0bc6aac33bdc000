import { z } from 'zod';
import { benchSchema } from './bench-schema.js';
import { ComposeFloat } from './compose-scalar.js';
import {
  distinct,
  duration,
  extensible,
  float,
  must,
  text,
  texts,
  textLike,
  truth,
  variables,
  words,
} from './compose-types.js';
import { SIZE, bytesOf } from './compose-units.js';

/**
 * The subset of the Compose specification that the orchestrator reads, and `x-bench`, which says what Compose cannot.
 * Strict: what is not understood is refused, because a limit that is silently ignored makes a comparison unfair.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json
 */

const SIZE_WORDS = 'a size such as 512m or 1.5g, or a whole number of bytes';
const NO_LIMIT = 'Compose takes it for no limit';
const size = z.union(
  [
    z.number().int().positive(must(SIZE_WORDS, NO_LIMIT)),
    textLike(SIZE, SIZE_WORDS).refine((written) => bytesOf(written) > 0, must(SIZE_WORDS, NO_LIMIT)),
  ],
  {
    error: ({ input }) => must(SIZE_WORDS, input instanceof ComposeFloat ? NO_LIMIT : '').error({ input }),
  },
);

const CPUS_WORDS = 'a number of CPUs above 0, for example 2 or 0.5';
const cpus = z
  .union(
    [z.number(), float.transform(({ value }) => value), textLike(/^\+?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i, CPUS_WORDS)],
    must(CPUS_WORDS),
  )
  .refine((value) => Number(value) > 0 && Number.isFinite(Number(value)), must(CPUS_WORDS, NO_LIMIT));

const volume = z.union(
  [
    z.string(),
    extensible({
      type: z.literal('bind', must('bind', 'only files of the host are mounted')),
      source: text('./gateway.toml'),
      target: text('/etc/gateway.toml'),
      read_only: truth.optional(),
    }),
  ],
  must('a text such as ./FILE:/PATH:ro, or a map with type, source and target'),
);

const buildSchema = z.union(
  [
    z.string(),
    extensible({
      context: text('./folder'),
      dockerfile: text('Dockerfile').optional(),
      target: text('final').optional(),
      args: variables.optional(),
      network: text('host').optional(),
    }),
  ],
  must('the path of a folder, or a map with context'),
);

const envFile = z.union(
  [
    z.string(),
    z.array(
      z.union(
        [
          z.string(),
          z.strictObject(
            { path: text('./gateway.env'), required: z.boolean(must('true or false')).optional() },
            must('a map'),
          ),
        ],
        must('a path, or a map with path'),
      ),
    ),
  ],
  must('a path such as ./gateway.env, or a list of them'),
);

const dependsOn = z.union(
  [
    distinct,
    z.record(
      z.string(),
      extensible({
        condition: z.enum(
          ['service_started', 'service_healthy', 'service_completed_successfully'],
          must('service_started, service_healthy or service_completed_successfully'),
        ),
        required: z.boolean(must('true or false')).optional(),
        restart: truth.optional(),
      }),
    ),
  ],
  must('a list of services, or a map with a condition for each'),
);

const healthcheck = extensible({
  test: z
    .union([z.string(), texts], must('a text, or a list that begins with CMD, CMD-SHELL or NONE'))
    .refine(
      (test) => typeof test === 'string' || test.length === 0 || /^(CMD|CMD-SHELL|NONE)$/.test(test[0] ?? ''),
      must('a list that begins with CMD, CMD-SHELL or NONE'),
    )
    .optional(),
  interval: duration.optional(),
  timeout: duration.optional(),
  start_period: duration.optional(),
  start_interval: duration.optional(),
  retries: z.union([z.number().int(), textLike(/^\d+$/, 'a whole number')], must('a whole number')).optional(),
  disable: truth.optional(),
});

const SERVICE = {
  image: text('ghcr.io/maker/gateway:1.2.3').optional(),
  build: buildSchema.optional(),
  entrypoint: words.optional(),
  command: words.optional(),
  environment: variables.optional(),
  env_file: envFile.optional(),
  volumes: z.array(volume, must('a list such as ["./FILE:/PATH:ro"]')).optional(),
  /** Left out only where there is no container. */
  network_mode: z.literal('host', must('host', 'only host networking is measured')).optional(),
  cpus: cpus.optional(),
  mem_limit: size.optional(),
  /** Read for Compose's sake; the runtimes always set it equal to `mem_limit`, so that nothing swaps. */
  memswap_limit: z.union([z.number().int(), textLike(SIZE, SIZE_WORDS)], must(SIZE_WORDS)).optional(),
  cpuset: textLike(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, 'a text with processors such as "0,2" or "0-3"').optional(),
  user: text('"1000:1000"').optional(),
  /** What follows concerns `docker compose` alone and changes nothing in a measurement. */
  depends_on: dependsOn.optional(),
  profiles: distinct.optional(),
  container_name: textLike(/[a-zA-Z0-9][a-zA-Z0-9_.-]+/, 'a name of two letters or digits at least').optional(),
  restart: text('"no"').optional(),
  init: truth.optional(),
  stop_signal: text('SIGINT').optional(),
  stop_grace_period: duration.optional(),
  cap_drop: texts.optional(),
  security_opt: distinct.optional(),
  read_only: truth.optional(),
  healthcheck: healthcheck.optional(),
  labels: variables.optional(),
  /** Left out: a helper. */
  'x-bench': benchSchema.optional(),
};

/** A service of a Compose file; keys that begin with `x-` may be anything. */
export const serviceSchema = extensible(SERVICE);
export type ComposeService = z.infer<typeof serviceSchema>;

/** Of a service that cannot be used as a whole, the keys that can: what is wrong beyond their types is told as well. */
export function usableKeys(service: Readonly<Record<string, unknown>>): Partial<ComposeService> {
  return Object.fromEntries(
    Object.entries(SERVICE).flatMap(([key, schema]) => {
      const { success, data } = schema.safeParse(service[key]);
      return success && data !== undefined ? [[key, data]] : [];
    }),
  );
}

/** A whole file; top-level `x-…` keys hold anchors and are free. */
export const composeSchema = extensible({
  name: text('my-project').optional(),
  version: text('"3.8"').optional(),
  services: z.record(z.string(), z.unknown(), must('a map of services')),
});
