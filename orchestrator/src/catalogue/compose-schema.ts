import { z } from 'zod';
import { BASE_PATH } from './addressing.js';
import { ComposeFloat } from './compose-scalar.js';
import { FEATURES } from './feature.js';
import { ASKED_FORMATS } from './format-of.js';
import { KINDS, SERVED } from './served.js';
import { CONDUCT_MECHANISMS, DEVIATIONS, UPSTREAM } from './service.js';
import { DURATION, SIZE, bytesOf } from './compose-units.js';

/**
 * The subset of the Compose specification that the orchestrator reads, and `x-bench`, which says what Compose cannot.
 * Strict: what is not understood is refused, because a limit that is silently ignored makes a comparison unfair. Where it takes a
 * value, it takes the types that Compose takes and no other: a number is no text, and a text is no list.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json
 */

/** Says what belongs there, what stands there, and where it is not plain, why that will not do. */
function must(be: string, why = ''): { error: (issue: { readonly input?: unknown }) => string } {
  const because = why === '' ? '' : ` (${why})`;
  return {
    error: ({ input }) =>
      input === undefined ? `is missing: it must be ${be}${because}` : `must be ${be}, not ${shown(input)}${because}`,
  };
}

function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof ComposeFloat || typeof value === 'bigint' || typeof value === 'number')
    return `the number ${String(value)}`;
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`;
  return typeof value === 'boolean' ? String(value) : 'a map';
}

function text(example: string): z.ZodString {
  return z.string(must(`a text such as ${example}`));
}

function textLike(pattern: RegExp, be: string): z.ZodString {
  return z.string(must(be)).regex(pattern, must(be));
}

/** A map that Compose lets hold `x-…` keys of anybody. */
function extensible<T extends z.ZodRawShape>(shape: T) {
  return z.preprocess(withoutExtensions, z.strictObject(shape, must('a map')));
}

function withoutExtensions(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key === 'x-bench' || !key.startsWith('x-')));
}

const float = z.instanceof(ComposeFloat, must('a number'));
const scalar = z.union(
  [z.string(), z.number(), z.bigint(), z.boolean(), float],
  must('a text, a number, or true or false'),
);
/** For keys of our own, where 1.10 must not become 1.1: no numbers with a point. */
const word = z.union([z.string(), z.number(), z.boolean()], must('a text: put it in quotes'));
const texts = z.array(z.string(must('a text: put it in quotes')), must('a list of texts'));
const distinct = texts.refine((list) => new Set(list).size === list.length, must('a list without anything twice'));
const words = z.union([z.string(), texts, z.null()], must('a text, or a list of words'));
const variables = z.union(
  [z.record(z.string(), scalar.nullable()), z.array(z.string(must('a text such as "NAME=value" or "NAME"')))],
  must('a map such as NAME: value, or a list such as - NAME=value'),
);

/** Compose takes the words, too. */
const truth = z.union([z.boolean(), z.string().regex(/^(true|false)$/i, must('true or false'))], must('true or false'));

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

const duration = textLike(DURATION, 'a duration: numbers with h, m, s or ms, for example 60s or 1m30s');

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

const processSchema = z.strictObject(
  {
    command: z.array(word, must('a list of words')).min(1, 'must have one word at least'),
    version: z.array(word, must('a list of words')).min(1, 'must have one word at least').optional(),
    environment: variables.optional(),
    npm: text('./gateway').optional(),
    install: text('crabllm-bench gateways litellm').optional(),
  },
  must('a map with command'),
);

const featureName = z.enum(
  FEATURES.map(({ name }) => name),
  must(FEATURES.map(({ name }) => name).join(', ')),
);

const change = z.strictObject(
  { from: text('"limit = 1000"'), to: text('"limit = 1"') },
  must('a map with from and to', 'the text that is changed, and what it is changed to'),
);
const pattern = text('"request completed"').refine(isPattern, must('a regular expression'));
/** One way to attest, with what all of them may say. */
function proofBy<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject({ ...shape, misspelt: change.optional() });
}

const PROOFS = [
  proofBy({
    by: z.literal('wrong-key'),
    header: text('authorization').default('authorization'),
    status: z
      .number(must('a status from 400 to 499'))
      .int()
      .min(400, must('a status from 400 to 499'))
      .max(499, must('a status from 400 to 499'))
      .optional(),
  }),
  proofBy({ by: z.literal('limit'), change }),
  proofBy({ by: z.literal('log-lines'), match: pattern, delay: duration.default('0s') }),
  proofBy({
    by: z.literal('scrape'),
    path: textLike(/^\//, 'a path: it starts with /, for example /metrics'),
    match: pattern,
  }),
  proofBy({
    by: z.literal('calls'),
    url: textLike(/^http:\/\//, 'the address of the counts, such as http://127.0.0.1:4319/__sink/counts'),
    field: text('allowed'),
    delay: duration.default('0s'),
  }),
  proofBy({ by: z.literal('cache-hit') }),
  proofBy({ by: z.literal('cache-miss') }),
  proofBy({ by: z.literal('other-provider'), change }),
  proofBy({ by: z.literal('both-providers') }),
  proofBy({
    by: z.literal('processes'),
    match: pattern,
    count: z.number(must('a whole number of processes')).int().min(1, must('a whole number of processes')),
  }),
] as const;
const proof = z.discriminatedUnion(
  'by',
  PROOFS,
  must(`a map with by: ${PROOFS.map(({ shape }) => shape.by.value).join(', ')}`),
);

function isPattern(written: string): boolean {
  try {
    return new RegExp(written) instanceof RegExp;
  } catch {
    return false;
  }
}

const workersSchema = z
  .strictObject(
    { command: texts.optional(), environment: z.record(z.string(), word).optional(), match: pattern.optional() },
    must('a map with command or environment'),
  )
  .refine(
    ({ command = [], environment = {} }) =>
      [...command, ...Object.values(environment)].some((each) => String(each).includes('{workers}')),
    must('a map with command or environment', '{workers} has to stand in one of them'),
  );

const basePath = textLike(
  BASE_PATH,
  'a path that stands before /v1, such as /openai, without a slash at its end (or "" for none)',
);

function kindSchema(ending: string) {
  return z
    .strictObject(
      {
        'base-path': basePath.optional(),
        path: z
          .string(must(`a path that ends with ${ending}`))
          .refine(
            (path) => /^(\/[^/\s?#]+)+$/.test(path) && path.endsWith(ending),
            must(`a path that ends with ${ending}`),
          )
          .optional(),
        'model-prefix': text('openai/').optional(),
        model: text('bench').optional(),
      },
      must('a map with base-path, path, model-prefix or model'),
    )
    .refine(
      (kind) => kind.path === undefined || kind['base-path'] === undefined,
      must('a map with base-path or with path, which is the whole path, not with both'),
    );
}

/** By kind of request, which its path tells; the answer is read in the format that the path ends with. */
const byKindSchema = z.strictObject(
  {
    chat: kindSchema('/chat/completions').optional(),
    embeddings: kindSchema('/embeddings').optional(),
    messages: kindSchema('/messages').optional(),
    responses: kindSchema('/responses').optional(),
  },
  must(`a map with ${ASKED_FORMATS.join(', ')}`),
);

const benchSchema = z.strictObject(
  {
    role: z.enum(['mock', 'gateway', 'helper'], must('mock, gateway or helper')).default('gateway'),
    'variant-of': text('litellm').optional(),
    variant: textLike(
      /^(?!bare$)[a-z0-9][a-z0-9-]*$/,
      'a name in small letters such as auth, and not "bare"',
    ).optional(),
    port: z
      .number(must('a port from 1 to 65535'))
      .int()
      .min(1, must('a port from 1 to 65535'))
      .max(65_535, must('a port from 1 to 65535')),
    health: textLike(/^\//, 'a path: it starts with /, for example /health').optional(),
    'ready-timeout': duration.default('60s'),
    'base-path': basePath.optional(),
    'model-prefix': text('openai/').default(''),
    model: text('bench').optional(),
    'by-kind': byKindSchema.optional(),
    headers: z.record(z.string(), word, must('a map such as NAME: value')).default({}),
    accept: z
      .array(z.enum(DEVIATIONS, must(DEVIATIONS.join(' or '))), must(`a list of ${DEVIATIONS.join(', ')}`))
      .default([]),
    template: z
      .array(textLike(/^\//, 'the path of a mounted file in the container'), must('a list of paths in the container'))
      .optional(),
    serves: z
      .array(z.enum(SERVED, must(SERVED.join(', '))), must(`a list of ${SERVED.join(', ')}`))
      .min(1, 'must name one kind of request at least')
      .optional(),
    attest: proof.optional(),
    workers: workersSchema.optional(),
    lacks: z.partialRecord(featureName, text('"needs a vector store"'), must('a map such as FEATURE: why')).optional(),
    conduct: z
      .strictObject(
        {
          aside: z
            .strictObject(
              { model: text('bench-aside').optional(), headers: z.record(z.string(), word).optional() },
              must('a map with model or headers'),
            )
            .optional(),
          lacks: z
            .partialRecord(
              z.enum(CONDUCT_MECHANISMS, must(CONDUCT_MECHANISMS.join(', '))),
              text('"it knows one provider"'),
              must('a map such as breaker: why'),
            )
            .optional(),
          'primary-share': z
            .union([z.number(), float.transform(({ value }) => value)], must('a share from 0 to 1'))
            .refine((share) => share >= 0 && share <= 1, must('a share from 0 to 1'))
            .optional(),
        },
        must('a map with aside, lacks or primary-share'),
      )
      .optional(),
    upstream: textLike(UPSTREAM, 'pypi:NAME, npm:NAME, crates:NAME or github:OWNER/NAME').optional(),
    tried: z.boolean(must('true or false')).optional(),
    kind: z.enum(KINDS, must(KINDS.join(', '))).optional(),
    language: text('Rust').optional(),
    keeper: text('crabllm-bench').optional(),
    deviations: z.array(z.string(must('a sentence in quotes')), must('a list of sentences')).optional(),
    docs: textLike(/^https?:\/\//, 'an address that begins with https://').optional(),
    // 1.10 without quotes would be the version 1.1.
    version: z.union([z.string(), z.number()], must('a version in quotes such as "1.10"')).optional(),
    process: processSchema.optional(),
  },
  must('a map with at least port', 'it says where the load goes'),
);

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
