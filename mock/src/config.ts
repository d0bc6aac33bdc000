import { MAX_TOKENS } from './api/tokens.js';
import { PROVIDER_NAME, type Story } from './faults/settings.js';
import type { Timeline } from './faults/timeline.js';
/** How one mock is to behave, checked. */
export interface MockConfig {
  /** Whom the mock plays, at least one; more than one are a fleet. */
  readonly providers: readonly ProviderAddress[];
  /** A port on which only `/__bench/` is answered, also while the providers' are closed; undefined when there is none. */
  readonly controlPort: number | undefined;
  /** Address to bind. */
  readonly host: string;
  /** Worker processes, 1 to 64. */
  readonly workers: number;
  /**
   * Number of the first worker in the ledger and in the ids of answers, the others follow: of mocks whose ledgers are laid together no two
   * workers have the same.
   */
  readonly firstWorker: number;
  /** Content chunks of a stream whose request does not ask for a length, 1 to 100 000. */
  readonly chunks: number;
  /** Tokens that a stream sends in one chunk, 1 to 1000. */
  readonly chunkTokens: number;
  /** Largest request body that is read; a larger one is answered 413. */
  readonly maxBodyBytes: number;
  /** The only key that requests are answered with; undefined accepts every key and none. */
  readonly apiKey: string | undefined;
  /** Models beside the mock's own. */
  readonly models: readonly string[];
  /** True when every model's name will do. */
  readonly anyModel: boolean;
  /** How long running streams may go on after SIGTERM. */
  readonly drainMs: number;
  /** Records the ledger of a worker has room for; 0 keeps none. */
  readonly ledgerRecords: number;
  /** Responses that each worker keeps for each provider; 0 keeps none. */
  readonly store: number;
  /** True when pages of other origins may read the answers. */
  readonly cors: boolean;
  /** Which requests of other hosts `/__bench/` also answers; those of this one always. */
  readonly control: ControlReach;
  /** How requests are answered, to begin with. */
  readonly story: Story;
  /** What is played once the control endpoint starts it. */
  readonly timeline: Timeline | undefined;
}

/** From where the control endpoints are reached: loopback alone, everywhere, or also where the request carries this token. */
export type ControlReach = 'loopback' | 'any' | { readonly token: string };

/** One provider that the mock plays. */
export interface ProviderAddress {
  readonly name: string;
  /** TCP port; 0 lets the kernel choose. */
  readonly port: number;
}

/** The name of the only provider of a mock that is no fleet. */
export const ONLY_PROVIDER = 'mock';

const MAX_PROVIDERS = 16;
/** Most responses that a worker keeps. */
export const MAX_STORE = 1_000_000;

/**
 * A mock of one worker: what is given, and the defaults of the command line.
 * @throws {UsageError} that names the value and what is allowed
 */
export function configOf(
  asked: Pick<MockConfig, 'providers' | 'story' | 'timeline'> & Partial<MockConfig>,
): MockConfig {
  const { providers, story, timeline, host = DEFAULTS.host, apiKey, cors = false, control = 'loopback' } = asked;
  const whole = (name: string, value: number, low: number, high: number) => {
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw new UsageError(`${name} ${value} is not a whole number from ${low} to ${high}`);
  };
  const chunkTokens = whole('chunkTokens', asked.chunkTokens ?? DEFAULTS.chunkTokens, 1, 1000);
  return {
    providers: requireDistinct(providers.map(({ name, port }) => ({ name, port: whole('port', port, 0, 65_535) }))),
    controlPort: asked.controlPort,
    host,
    workers: 1,
    firstWorker: 0,
    chunkTokens,
    chunks: whole('chunks', asked.chunks ?? DEFAULTS.chunks, 1, Math.floor(MAX_TOKENS / chunkTokens)),
    maxBodyBytes: whole('maxBodyBytes', asked.maxBodyBytes ?? DEFAULTS.maxBodyBytes, 1024, 1024 * 1024 * 1024),
    apiKey,
    models: (asked.models ?? []).map(modelName),
    anyModel: asked.anyModel ?? false,
    drainMs: DEFAULTS.drainMs,
    ledgerRecords: whole('ledgerRecords', asked.ledgerRecords ?? DEFAULTS.ledgerRecords, 0, 10_000_000),
    store: whole('store', asked.store ?? DEFAULTS.store, 0, MAX_STORE),
    cors,
    control,
    story,
    timeline,
  };
}

/** A command line that cannot be used: one line that names the value and what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What holds where nothing is said. */
export const DEFAULTS = {
  host: '127.0.0.1',
  chunks: 20,
  chunkTokens: 1,
  maxBodyBytes: 64 * 1024 * 1024,
  ledgerRecords: 65_536,
  store: 0,
  drainMs: 10_000,
} as const;

/**
 * Providers that can be told apart.
 * @throws {UsageError} that names what two share, or a name that cannot be one
 */
export function requireDistinct(providers: ProviderAddress[]): ProviderAddress[] {
  if (providers.length < 1 || providers.length > MAX_PROVIDERS) {
    throw new UsageError(`${providers.length} providers are not 1 to ${MAX_PROVIDERS}`);
  }
  for (const [i, { name, port }] of providers.entries()) {
    if (!PROVIDER_NAME.test(name)) {
      throw new UsageError(`provider ${quote(name)} is not named with 1 to 32 of A-Z a-z 0-9 _ -`);
    }
    const before = providers.slice(0, i);
    if (before.some((other) => other.name === name)) throw new UsageError(`provider ${quote(name)} is there twice`);
    const same = port === 0 ? undefined : before.find((other) => other.port === port);
    if (same !== undefined)
      throw new UsageError(`providers ${quote(same.name)} and ${quote(name)} cannot share port ${port}`);
  }
  return providers;
}

/** @throws {UsageError} for the empty name */
export function modelName(name: string): string {
  if (name !== '') return name;
  throw new UsageError('model "" is not the name of a model');
}

/** A value as a message shows it. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
