import { z } from 'zod';
import { BASE_PATH } from './addressing.js';
import { duration, float, must, text, texts, textLike, variables, word } from './compose-types.js';
import { FEATURES } from './feature.js';
import { ASKED_FORMATS } from './format-of.js';
import { KINDS, SERVED } from './served.js';
import { CONDUCT_MECHANISMS, DEVIATIONS, UPSTREAM } from './service.js';

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

/** What Compose cannot say of a service, under `x-bench`. */
export const benchSchema = z.strictObject(
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

export type ComposeBench = z.infer<typeof benchSchema>;
