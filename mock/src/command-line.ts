import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { MAX_CALLS } from './api/answer-wish.js';
import { MAX_TOKENS } from './api/tokens.js';
import {
  type ControlReach,
  DEFAULTS,
  MAX_STORE,
  modelName,
  type MockConfig,
  ONLY_PROVIDER,
  type ProviderAddress,
  quote,
  requireDistinct,
  UsageError,
} from './config.js';
import { FAULT_HELP } from './faults/fault.js';
import {
  checkSettings,
  mergeStories,
  readScenario,
  requirePlayable,
  SettingsError,
  type Settings,
} from './faults/settings.js';
import { readTimeline, requirePlayableTimeline } from './faults/timeline.js';

/** Characters of the token of the control endpoint. */
const LEAST_TOKEN = 16;

const MOST_WORKERS = 64;
/** A record of the ledger has two bytes for the number of a worker. */
const MOST_WORKER_NUMBERS = 65_536;
const DEFAULT_WORKERS = Math.min(4, availableParallelism());

const OPTIONS = {
  port: { type: 'string', short: 'p' },
  providers: { type: 'string' },
  'control-port': { type: 'string' },
  host: { type: 'string', default: DEFAULTS.host },
  workers: { type: 'string', default: String(DEFAULT_WORKERS) },
  'first-worker': { type: 'string', default: '0' },
  chunks: { type: 'string', short: 'c', default: String(DEFAULTS.chunks) },
  'chunk-tokens': { type: 'string', default: String(DEFAULTS.chunkTokens) },
  delay: { type: 'string', short: 'd' },
  ttft: { type: 'string' },
  gap: { type: 'string' },
  tokens: { type: 'string' },
  answer: { type: 'string', multiple: true },
  model: { type: 'string', multiple: true },
  'any-model': { type: 'boolean', default: false },
  lenient: { type: 'boolean', default: false },
  'error-rate': { type: 'string', short: 'e' },
  'error-status': { type: 'string' },
  fault: { type: 'string', multiple: true },
  capacity: { type: 'string' },
  rpm: { type: 'string' },
  tpm: { type: 'string' },
  seed: { type: 'string' },
  scenario: { type: 'string' },
  timeline: { type: 'string' },
  ledger: { type: 'string', default: String(DEFAULTS.ledgerRecords) },
  store: { type: 'string', default: String(DEFAULTS.store) },
  control: { type: 'string', default: 'loopback' },
  'max-body': { type: 'string', default: String(DEFAULTS.maxBodyBytes) },
  'api-key': { type: 'string' },
  cors: { type: 'boolean', default: false },
  drain: { type: 'string', default: String(DEFAULTS.drainMs) },
  help: { type: 'boolean', default: false },
} as const;

/** What `--help` prints. */
export const HELP: string = `Mock provider for benchmarking LLM gateways.

Usage: crabllm-bench mock [options]

Listening
  -p, --port N         TCP port, 0 = any free one (default 9999)
  --providers LIST     play several providers, each on a port of its own: a:9999,b:9998
  --host ADDRESS       address to bind (default 127.0.0.1)
  --workers N          worker processes, 1 to 64 (default ${DEFAULT_WORKERS} here: one a core, at most 4)
  --first-worker N     number of the first of them in the ledger: of several mocks behind one address, whose ledgers are
                       laid together, each has numbers of its own (default 0)
  --max-body BYTES     larger request bodies are answered 413 (default 64 MiB)
  --api-key KEY        answer 401 to every other key (default: any key, or none, will do)
  --cors               let pages of every origin read the answers, for clients that run in a browser
  --drain MS           how long streams may go on after SIGTERM (default 10000)

  --control-port N     answer /__bench/ on this port too, where it stays while those of the providers are closed
  --control WHERE      who may use /__bench/ beside this host: loopback (nobody), any, or token: who sends that of
                       CRABLLM_BENCH_CONTROL_TOKEN in x-bench-token (default loopback)
  --ledger N           requests with an id that each worker remembers, 0 = none (default 65536)
  --store N            responses of /v1/responses that each worker keeps to be fetched and gone on from (default 0: none)

Answers
  --model NAME         repeatable: a model beside bench-chat and bench-embed
  --any-model          every model's name will do; the answer names the one that was asked for
  --lenient            answer what a provider would refuse: unknown members, values out of range, results without calls
  -c, --chunks N       content chunks of a stream that does not ask for max_tokens (default 20)
  --chunk-tokens N     tokens that a stream sends in one chunk (default 1)
  --tokens N           tokens of every answer, whatever is asked for
  --answer WISH        repeatable, what every answer is: as=text|json|call, say=TEXT, calls=N, tool=NAME,
                       finish=stop|length|tool_calls|content_filter
  -d, --delay MS       before a plain answer, and between the frames of a stream (default 0)
  --ttft LATENCY       before a plain answer and before a stream's first frame
  --gap LATENCY        between the frames of a stream
                       LATENCY: 5 | normal:5:1 | lognormal:5:0.5 | table:p50=5,p90=9,p99=30  (milliseconds)
  --rpm N, --tpm N     answer only so many requests, tokens, a minute, and the others 429; headers count down
  --capacity N[:QUEUE] answer only N requests at a time (one a worker or more), let QUEUE more wait, refuse the others

Faults
  -e, --error-rate N   share of requests that fail, 0 to 1 (default 0)
  --error-status CODE  with this status, 400 to 599 (default 500)
  --fault RULE         repeatable: FAULT[,share=0.1][,first=N][,from=5s][,to=10s][,every=30s][,path=/v1/chat]
  --seed N             seed of everything that is drawn (default 1)
  --scenario FILE      latency, size, capacity, errors, faults and seed in YAML; options on the command line are stronger
  --timeline FILE      phases with settings of their own, in YAML; started by POST /__bench/timeline/start

FAULT is one of
${FAULT_HELP}

  --help               this text
`;

/**
 * Reads the command line.
 * @returns the configuration, or `'help'` when that was asked for
 * @throws {UsageError} for an unknown option or a value out of bounds
 */
export function parseConfig(argv: readonly string[]): MockConfig | 'help' {
  const values = parseOptions(argv);
  if (values.help) return 'help';
  const workers = integer('workers', values.workers, 1, MOST_WORKERS);
  const providers = readProviders(values);
  return {
    providers,
    controlPort:
      values['control-port'] === undefined ? undefined : integer('control-port', values['control-port'], 0, 65_535),
    host: values.host,
    workers,
    firstWorker: readFirstWorker(values),
    ...streamLengths(values),
    maxBodyBytes: integer('max-body', values['max-body'], 1024, 1024 * 1024 * 1024),
    apiKey: values['api-key'],
    models: (values.model ?? []).map(modelName),
    anyModel: values['any-model'],
    drainMs: integer('drain', values.drain, 0, 3_600_000),
    ledgerRecords: integer('ledger', values.ledger, 0, 10_000_000),
    store: integer('store', values.store, 0, MAX_STORE),
    cors: values.cors,
    control: controlReach(values.control),
    ...readStories(values, providers, workers),
  };
}

/** Whoever asks for a stored response may reach another mock than the one that keeps it. */
function readFirstWorker(values: Values): number {
  const first = integer('first-worker', values['first-worker'], 0, MOST_WORKER_NUMBERS - MOST_WORKERS);
  if (first > 0 && integer('store', values.store, 0, MAX_STORE) > 0) {
    throw new UsageError(
      '--store and --first-worker cannot be had together: each of several mocks would keep responses of its own',
    );
  }
  return first;
}

/** Whoever may list processes reads their command lines, and not the environment of other users'. */
function controlReach(text: string): ControlReach {
  const where = oneOf('control', text, ['loopback', 'any', 'token']);
  if (where !== 'token') return where;
  const token = process.env['CRABLLM_BENCH_CONTROL_TOKEN'] ?? '';
  if (token.length >= LEAST_TOKEN) return { token };
  throw new UsageError(
    `--control token needs CRABLLM_BENCH_CONTROL_TOKEN in the environment, ${LEAST_TOKEN} characters or more`,
  );
}

function readProviders({ providers, port }: Values): ProviderAddress[] {
  if (providers === undefined) return [{ name: ONLY_PROVIDER, port: integer('port', port ?? '9999', 0, 65_535) }];
  if (port !== undefined)
    throw new UsageError('--port and --providers cannot be had together; --providers has the ports');
  return requireDistinct(
    providers.split(',').map((text) => {
      const [name = '', digits = '', ...more] = text.split(':');
      if (more.length > 0 || digits === '') throw new UsageError(`--providers ${quote(text)} is not NAME:PORT`);
      return { name, port: integer('providers', digits, 0, 65_535) };
    }),
  );
}

type Values = ReturnType<typeof parseOptions>;

function streamLengths(values: Values): Pick<MockConfig, 'chunks' | 'chunkTokens'> {
  const chunkTokens = integer('chunk-tokens', values['chunk-tokens'], 1, 1000);
  return { chunkTokens, chunks: integer('chunks', values.chunks, 1, Math.floor(MAX_TOKENS / chunkTokens)) };
}

/** The scenario file with the command line's options laid over it, and the timeline. */
function readStories(
  values: Values,
  providers: readonly ProviderAddress[],
  workers: number,
): Pick<MockConfig, 'story' | 'timeline'> {
  const names = providers.map(({ name }) => name);
  try {
    const file = values.scenario === undefined ? { settings: {}, providers: {} } : readScenario(values.scenario);
    const story = mergeStories(file, { settings: checkOptions(values), providers: {} });
    const timeline = values.timeline === undefined ? undefined : readTimeline(values.timeline);
    return {
      story: requirePlayable(story, names, workers),
      timeline: timeline && requirePlayableTimeline(timeline, names, workers),
    };
  } catch (error) {
    if (error instanceof SettingsError) throw new UsageError(error.message);
    throw error;
  }
}

/** The settings that the options make; what is wrong with one is said under the option's name, as it was typed. */
function checkOptions(values: Values): Settings {
  try {
    return checkSettings(fromOptions(values));
  } catch (error) {
    if (!(error instanceof SettingsError) || error.path.length === 0) throw error;
    const [first, second, ...more] = error.path.map(String);
    if (first === 'faults') {
      const rule = quote(values.fault?.[Number(second)] ?? '');
      throw new UsageError(`--fault ${rule}: ${more.length === 0 ? '' : `${more.join('.')}: `}${error.what}`);
    }
    const option = first === 'latency' ? latencyOption(second ?? '', values) : first;
    const within = first === 'latency' || second === undefined ? '' : `${[second, ...more].join('.')}: `;
    throw new UsageError(`--${option}: ${within}${error.what}`);
  }
}

/** `--delay` stands for whatever has no option of its own. */
function latencyOption(of: string, values: Values): string {
  if (of === 'gap') return values.gap === undefined ? 'delay' : 'gap';
  return values.ttft === undefined ? 'delay' : 'ttft';
}

function fromOptions(values: Values): object {
  const { delay, ttft, gap } = values;
  const fixed = delay === undefined ? undefined : String(decimal('delay', delay, 0, 3_600_000));
  const plain = ttft ?? fixed;
  const pace = gap ?? fixed;
  return {
    ...given('seed', values.seed, (text) => integer('seed', text, 0, 0xffff_ffff)),
    latency: { ...given('plain', plain, String), ...given('ttft', ttft, String), ...given('gap', pace, String) },
    ...given('tokens', values.tokens, (text) => integer('tokens', text, 1, MAX_TOKENS)),
    ...given('answer', values.answer, answerParts),
    ...(values.lenient ? { lenient: true } : {}),
    ...given('error-rate', values['error-rate'], (text) => decimal('error-rate', text, 0, 1)),
    ...given('error-status', values['error-status'], (text) => integer('error-status', text, 400, 599)),
    ...given('capacity', values.capacity, capacity),
    ...limits(values),
    ...given('faults', values.fault, (rules) => rules.map(faultRule)),
  };
}

function given<T>(name: string, value: T | undefined, read: (value: T) => unknown): object {
  return value === undefined ? {} : { [name]: read(value) };
}

function limits({ rpm, tpm }: Values): object {
  if (rpm === undefined && tpm === undefined) return {};
  const whole = (name: string) => (text: string) => integer(name, text, 1, 1_000_000_000);
  return { limits: { ...given('rpm', rpm, whole('rpm')), ...given('tpm', tpm, whole('tpm')) } };
}

function capacity(text: string): object {
  const [slots = '', queue] = text.split(':');
  return {
    slots: integer('capacity', slots, 1, 1_000_000),
    ...given('queue', queue, (digits) => integer('capacity', digits, 0, 1_000_000)),
  };
}

/** `as=json`, `calls=2` and so on as the scenario file would have them; it knows the keys and what they may be. */
function answerParts(texts: readonly string[]): object {
  const entries = texts.map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1) throw new UsageError(`--answer ${quote(text)} is not KEY=VALUE, such as as=json or calls=2`);
    const [key, value] = [text.slice(0, equals), text.slice(equals + 1)];
    return [key, key === 'calls' ? integer('answer calls', value, 0, MAX_CALLS) : value];
  });
  return Object.fromEntries(entries) as object;
}

/** `FAULT,key=value,…` as the scenario file would have it. */
function faultRule(text: string): object {
  const [fault = '', ...pairs] = text.split(',');
  const rule: Record<string, unknown> = { fault };
  for (const pair of pairs) {
    const [key = '', value = ''] = pair.split('=');
    if (!['share', 'first', 'from', 'to', 'every', 'path'].includes(key)) {
      throw new UsageError(`--fault ${quote(text)}: ${quote(key)} is not one of share, first, from, to, every, path`);
    }
    rule[key] = key === 'path' || /[a-z]$/.test(value) ? value : decimal('fault', value, 0, 1_000_000_000);
  }
  return rule;
}

function parseOptions(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: false, strict: true }).values;
  } catch (error) {
    const [firstSentence] = (error as Error).message.split('. ');
    throw new UsageError(`${firstSentence} (see --help)`);
  }
}

function integer(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high) {
    throw new UsageError(`--${name} ${quote(text)} is not a whole number from ${low} to ${high}`);
  }
  return value;
}

function decimal(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!/^(\d+\.?\d*|\.\d+)$/.test(text) || value < low || value > high) {
    throw new UsageError(`--${name} ${quote(text)} is not a number from ${low} to ${high}`);
  }
  return value;
}

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} ${quote(text)} is not one of ${allowed.join(', ')}`);
}
