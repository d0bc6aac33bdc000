import { parseArgs } from 'node:util';
import { usageError } from '../errors.js';
import type { BreakerPlan } from './provider-choice.js';
import { number, parseUpstream, share, time } from './values.js';

/** How a gateway with a known policy treats a provider that fails. Times in microseconds. */
export interface ConductPlan {
  readonly port: number;
  readonly host: string;
  /** The first is asked first. */
  readonly providers: readonly { readonly host: string; readonly port: number }[];
  /** Attempts of one request, at most. */
  readonly attempts: number;
  /** Pause before the second attempt; each further one is `growth` times as long as the one before. */
  readonly gapUs: number;
  readonly growth: number;
  /** How far a pause is drawn to either side of that, as a share of it: 0 to 1, evenly. */
  readonly jitter: number;
  /** Whether a provider's Retry-After is waited for where it is longer than the pause. */
  readonly honourRetryAfter: boolean;
  readonly breaker: BreakerPlan | null;
  /** A stream in which nothing comes for so long is ended; 0: never. */
  readonly idleUs: number;
  /** Also what is not to be tried again (400, 401) is. */
  readonly retryEverything: boolean;
  /** A stream that was cut gets the end of a whole one. */
  readonly forgeEndings: boolean;
  /** What a client asked for goes on when it has left. */
  readonly ignoreAborts: boolean;
  /** How often each provider is the first to be asked, against the others; null: the first one always is. */
  readonly weights: readonly number[] | null;
  /** The model that the last provider alone has; null: every provider has every one. */
  readonly aside: string | null;
  /** What clients are told of a provider's error: itself, it as a text in an error of the gateway's, that with the provider's address, or nothing. */
  readonly errors: 'kept' | 'wrapped' | 'showing' | 'hidden';
  /** Usage is told as one token of an answer, plain or streamed. */
  readonly miscount: boolean;
  /** Each failed attempt leaves so many bytes of memory behind, and a connection; 0: none does. */
  readonly leakBytes: number;
  /** A process of its own is lost, and replaced, at this failed attempt; 0: never. */
  readonly loseWorkerAt: number;
  readonly seed: number;
}

const OPTIONS = {
  port: { type: 'string', default: '9900' },
  host: { type: 'string', default: '127.0.0.1' },
  providers: { type: 'string' },
  attempts: { type: 'string', default: '1' },
  gap: { type: 'string', default: '0' },
  growth: { type: 'string', default: '1' },
  jitter: { type: 'string', default: '0' },
  'honour-retry-after': { type: 'boolean', default: false },
  breaker: { type: 'string' },
  idle: { type: 'string', default: '0' },
  'retry-everything': { type: 'boolean', default: false },
  'forge-endings': { type: 'boolean', default: false },
  'ignore-aborts': { type: 'boolean', default: false },
  aside: { type: 'string' },
  weights: { type: 'string' },
  errors: { type: 'string', default: 'kept' },
  miscount: { type: 'boolean', default: false },
  leak: { type: 'string', default: '0' },
  'lose-worker': { type: 'string', default: '0' },
  seed: { type: 'string', default: '1' },
} as const;

/** What `--help` prints of a relay with several providers. */
export const CONDUCT_HELP = `With --providers it is a gateway that tries again, by a policy that is known beforehand; then only these options:
  --providers URL,URL     asked in this order, the next one at each further attempt
  --weights N,N           draw whom to ask first by these weights, and go on from there (default: the first one)
  --attempts N            attempts of one request at most, 1 to 100 (default 1)
  --gap TIME              pause before the second (default none)
  --growth FACTOR         each further pause is so many times the one before, 1 to 10 (default 1)
  --jitter SHARE          each pause is drawn evenly to either side by this share of it (default none)
  --honour-retry-after    wait as long as the provider asks, where that is longer
  --breaker N,TIME        leave a provider alone for TIME when N attempts in a row have failed, then let one through
  --idle TIME             end a stream in which nothing comes for so long (default never)
  --retry-everything      try 400 and 401 again as well
  --forge-endings         end a stream that was cut as if it were whole
  --ignore-aborts         go on for clients that have left
  --aside MODEL           this model is asked of the last provider alone
  --errors HOW            tell clients a provider's error kept, wrapped, showing (wrapped, with its address) or hidden (default kept)
  --miscount              say of every answer that it has one token
  --leak BYTES            keep so much memory, and a connection, of every attempt that failed (default none)
  --lose-worker N         lose a process of its own at the Nth attempt that failed, and start another (default never)
`;

const ERRORS = ['kept', 'wrapped', 'showing', 'hidden'] as const;

const MAX_ATTEMPTS = 100;

/** Whether a command line asks for a gateway that tries again. */
export function asksForConduct(words: readonly string[]): boolean {
  return words.some((word) => word === '--providers' || word.startsWith('--providers='));
}

/**
 * Reads a command line.
 * @throws BenchError `usage`, `bad-value`: one error that names the value and what is allowed
 */
export function readConductPlan(words: readonly string[]): ConductPlan {
  const values = parse(words);
  const providers = (values.providers ?? '').split(',').map((url) => parseUpstream('providers', url));
  return {
    port: number('port', values.port, { min: 1, max: 65_535, whole: true }),
    host: values.host,
    providers,
    attempts: number('attempts', values.attempts, { min: 1, max: MAX_ATTEMPTS, whole: true }),
    gapUs: time('gap', values.gap),
    growth: number('growth', values.growth, { min: 1, max: 10 }),
    jitter: share('jitter', values.jitter),
    honourRetryAfter: values['honour-retry-after'],
    breaker: values.breaker === undefined ? null : readBreaker(values.breaker),
    idleUs: time('idle', values.idle),
    retryEverything: values['retry-everything'],
    forgeEndings: values['forge-endings'],
    ignoreAborts: values['ignore-aborts'],
    weights: values.weights === undefined ? null : readWeights(values.weights, providers.length),
    aside: values.aside ?? null,
    errors: readErrors(values.errors),
    miscount: values.miscount,
    leakBytes: number('leak', values.leak, { min: 0, max: 1e8, whole: true }),
    loseWorkerAt: number('lose-worker', values['lose-worker'], { min: 0, max: 1e9, whole: true }),
    seed: number('seed', values.seed, { min: 0, max: 2 ** 31 - 1, whole: true }),
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (thrown) {
    const [first = ''] = (thrown as Error).message.split('. ');
    throw usageError(
      'usage',
      `With --providers: ${first.replace(/\.$/, '')}.`,
      'See crabllm-bench relay --help: delays and sins are of a relay with one --upstream.',
    );
  }
}

function readWeights(text: string, providers: number): readonly number[] {
  const weights = text.split(',').map((each) => number('weights', each, { min: 0, max: 1e6 }));
  if (weights.length === providers && weights.some((weight) => weight > 0)) return weights;
  throw usageError(
    'bad-value',
    `--weights ${JSON.stringify(text)} cannot be used.`,
    `Give one for each of the ${providers} providers, not all of them 0.`,
  );
}

function readErrors(text: string): ConductPlan['errors'] {
  const found = ERRORS.find((known) => known === text);
  if (found === undefined)
    throw usageError('bad-value', `--errors ${JSON.stringify(text)} cannot be used.`, `Give ${ERRORS.join(', ')}.`);
  return found;
}

function readBreaker(text: string): BreakerPlan {
  const [failures, length, ...more] = text.split(',');
  if (failures !== undefined && length !== undefined && more.length === 0)
    return {
      failures: number('breaker', failures, { min: 1, max: 1e6, whole: true }),
      openUs: time('breaker', length),
    };
  throw usageError('bad-value', `--breaker ${JSON.stringify(text)} cannot be used.`, 'Give N,TIME, for example 5,2s.');
}
