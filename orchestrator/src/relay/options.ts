import { parseArgs } from 'node:util';
import { usageError } from '../errors.js';
import { CONDUCT_HELP } from './conduct-plan.js';
import { number, parseUpstream, share, time } from './values.js';

/** What is added to each request before it is passed on. Times in microseconds. */
export type DelayPlan =
  | { readonly kind: 'fixed'; readonly us: number }
  /** Lognormal: half of the requests are delayed by less than the median; sigma is the standard deviation of the logarithm. */
  | { readonly kind: 'lognormal'; readonly medianUs: number; readonly sigma: number }
  /** Nothing for most requests, `us` for a share of them (0 to 1). */
  | { readonly kind: 'spikes'; readonly share: number; readonly us: number }
  /** The same for a stay of `stayUs`, then another: from `leastUs` to `mostUs`, each factor as likely. */
  | { readonly kind: 'erratic'; readonly leastUs: number; readonly mostUs: number; readonly stayUs: number };

/** What is done wrong, on purpose. Null and false: not done. */
export interface Sins {
  /** Streams are kept until they are whole. */
  readonly bufferStreams: boolean;
  /** Every so many streams lose one frame. */
  readonly dropFrameEvery: number | null;
  /** Share of answers with another text than the provider's, 0 to 1. */
  readonly wrongShare: number;
  /** Requests per second that are passed on; more are answered 429, or wait for their turn. */
  readonly limit: { readonly rps: number; readonly by: 'reject' | 'queue' } | null;
}

/** How one relay is to behave: what the command line says, checked. */
export interface RelayOptions {
  readonly port: number;
  readonly host: string;
  readonly upstream: { readonly host: string; readonly port: number };
  readonly delay: DelayPlan;
  readonly sins: Sins;
  /** How long a core is kept busy for each request, beside passing it on; 0: not at all. */
  readonly burnUs: number;
  readonly seed: number;
}

const OPTIONS = {
  port: { type: 'string', default: '9900' },
  host: { type: 'string', default: '127.0.0.1' },
  upstream: { type: 'string', default: 'http://127.0.0.1:9999' },
  delay: { type: 'string' },
  lognormal: { type: 'string' },
  spikes: { type: 'string' },
  erratic: { type: 'string' },
  'buffer-streams': { type: 'boolean', default: false },
  'drop-frame-every': { type: 'string' },
  'wrong-share': { type: 'string' },
  'limit-rps': { type: 'string' },
  'limit-by': { type: 'string' },
  burn: { type: 'string' },
  seed: { type: 'string', default: '1' },
  help: { type: 'boolean', default: false },
} as const;

/** What `--help` prints. */
export const RELAY_HELP = `A gateway that only passes on, and adds what it is told to: the known truth that calibrate holds the suite against.

Usage: crabllm-bench relay [options]

  --port N                TCP port (default 9900)
  --host ADDRESS          address to bind (default 127.0.0.1)
  --upstream URL          the mock (default http://127.0.0.1:9999)
  --seed N                fixes every random choice (default 1)

Delays, one kind at most (default none); times as 200us, 1ms or 1.5ms, at most 60s
  --delay TIME            the same for every request
  --lognormal TIME,SIGMA  lognormal with this median, SIGMA from 0 to 3
  --spikes SHARE,TIME     a share of the requests (0.01 or 1%), the others none
  --erratic LOW,HIGH,STAY one delay between LOW and HIGH for a STAY (4s), then another

Work
  --burn TIME             keep a core busy so long for each request, in a thread of its own (a core at most)

Sins
  --buffer-streams        keep a stream until it is whole
  --drop-frame-every N    take one frame out of every Nth stream
  --wrong-share SHARE     answer this share with another text
  --limit-rps N           pass on no more than N requests per second
  --limit-by WAY          what becomes of the others: reject (429, the default) or queue

GET /__relay/planted tells what was really planted: when each request came, how long it was meant to be held and how long it was.

${CONDUCT_HELP}`;

/** The kinds of delay, of which a relay has one. */
const DELAYS = ['delay', 'lognormal', 'spikes', 'erratic'] as const;

/**
 * Reads a command line.
 * @throws BenchError `usage`, `bad-value`: one error that names the value and what is allowed
 */
export function readRelayOptions(words: readonly string[]): RelayOptions | 'help' {
  const values = parse(words);
  if (values.help) return 'help';
  const limitRps =
    values['limit-rps'] === undefined ? null : number('limit-rps', values['limit-rps'], { min: 0.1, max: 1e6 });
  if (limitRps === null && values['limit-by'] !== undefined)
    throw usageError('bad-value', '--limit-by says nothing without a limit.', 'Give --limit-rps N beside it.');
  return {
    port: number('port', values.port, { min: 1, max: 65_535, whole: true }),
    host: values.host,
    upstream: parseUpstream('upstream', values.upstream),
    delay: readDelay(values),
    sins: {
      bufferStreams: values['buffer-streams'],
      dropFrameEvery:
        values['drop-frame-every'] === undefined
          ? null
          : number('drop-frame-every', values['drop-frame-every'], { min: 1, max: 1e9, whole: true }),
      wrongShare: values['wrong-share'] === undefined ? 0 : share('wrong-share', values['wrong-share']),
      limit: limitRps === null ? null : { rps: limitRps, by: readLimitBy(values['limit-by'] ?? 'reject') },
    },
    burnUs: values.burn === undefined ? 0 : time('burn', values.burn),
    seed: number('seed', values.seed, { min: 0, max: 2 ** 31 - 1, whole: true }),
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (thrown) {
    const [first = ''] = (thrown as Error).message.split('. ');
    throw usageError('usage', `${first.replace(/\.$/, '')}.`, 'See crabllm-bench relay --help.');
  }
}

function readDelay(values: Readonly<Partial<Record<(typeof DELAYS)[number], string>>>): DelayPlan {
  const given = DELAYS.filter((name) => values[name] !== undefined);
  if (given.length > 1) {
    const names = given.map((name) => `--${name}`).join(' and ');
    throw usageError('bad-value', `${names} cannot be had together.`, 'Give one kind of delay.');
  }
  if (values.lognormal !== undefined) {
    const [median, sigma] = pair('lognormal', values.lognormal, 'TIME,SIGMA, for example 1ms,0.5');
    return {
      kind: 'lognormal',
      medianUs: time('lognormal', median),
      sigma: number('lognormal', sigma, { min: 0, max: 3 }),
    };
  }
  if (values.spikes !== undefined) {
    const [part, size] = pair('spikes', values.spikes, 'SHARE,TIME, for example 1%,50ms');
    return { kind: 'spikes', share: share('spikes', part), us: time('spikes', size) };
  }
  if (values.erratic !== undefined) return readErratic(values.erratic);
  return { kind: 'fixed', us: values.delay === undefined ? 0 : time('delay', values.delay) };
}

function readErratic(text: string): DelayPlan {
  const parts = text.split(',');
  const [leastUs = 0, mostUs = 0, stayUs = 0] = parts.length === 3 ? parts.map((part) => time('erratic', part)) : [];
  if (leastUs > 0 && mostUs > leastUs && stayUs > 0) return { kind: 'erratic', leastUs, mostUs, stayUs };
  throw usageError(
    'bad-value',
    `--erratic ${JSON.stringify(text)} cannot be used.`,
    'Give LOW,HIGH,STAY, LOW above 0 and below HIGH, for example 1.5ms,60ms,4s.',
  );
}

function readLimitBy(text: string): 'reject' | 'queue' {
  if (text === 'reject' || text === 'queue') return text;
  throw usageError('bad-value', `--limit-by ${JSON.stringify(text)} is not known.`, 'Choose one of: reject, queue.');
}

function pair(option: string, text: string, form: string): [string, string] {
  const [first, second, ...more] = text.split(',');
  if (first !== undefined && second !== undefined && more.length === 0) return [first, second];
  throw usageError('bad-value', `--${option} ${JSON.stringify(text)} cannot be used.`, `Give ${form}.`);
}
