import { programFile } from '../installation.js';
import type { Service } from '../catalogue/service.js';

/** What is known beforehand of a relay's delay; that of each request, and how long it was really held, it tells itself. */
export type Truth =
  /** The same for every request, microseconds; 0 for the relays that others are held against. */
  | { readonly kind: 'fixed'; readonly us: number }
  | { readonly kind: 'spread' }
  /** A few requests are held this long, the others not at all. */
  | { readonly kind: 'spikes'; readonly us: number };

/** What a sinful relay does wrong. */
export type Sin = 'buffers-streams' | 'drops-frames' | 'answers-wrong' | 'rejects-above-limit' | 'queues-above-limit';

/** A relay as one contestant of a calibration. */
export interface Relay {
  readonly name: string;
  /** Its command line. */
  readonly words: readonly string[];
  readonly truth: Truth;
  /** Null for an honest one. */
  readonly sin: Sin | null;
}

/** One target under three names: two stand where `direct` does, the third is judged against them, each in turn. */
export const SAME: readonly Relay[] = ['relay-a', 'relay-b', 'relay-c'].map((name) => fixed(name, '0', 0));

/** One target under two names, of which nobody looks at the second. */
export const WATCHED: Relay = fixed('relay-watched', '0', 0);
export const UNWATCHED: Relay = fixed('relay-unwatched', '0', 0);

/** Those with a delay that the suite has to find. */
export const DELAYED: readonly Relay[] = [
  fixed('relay-200us', '200us', 200),
  fixed('relay-1ms', '1ms', 1000),
  fixed('relay-5ms', '5ms', 5000),
  { name: 'relay-lognormal', words: ['--lognormal', '1ms,0.6'], truth: { kind: 'spread' }, sin: null },
  { name: 'relay-spikes', words: ['--spikes', '1%,50ms'], truth: { kind: 'spikes', us: 50_000 }, sin: null },
];

/** Just above what a machine like this tells apart; with it the cells of a whole run are sixty. */
export const FAINT: Relay = fixed('relay-100us', '100us', 100);

/** One of which no two starts are alike, and two steady ones beside it: neither may be blurred by it, nor taken for it. */
export const ERRATIC: Relay = {
  name: 'relay-erratic',
  words: ['--erratic', '1.5ms,60ms,4s'],
  truth: { kind: 'spread' },
  sin: null,
};
/** Two with a fixed delay each, of which the second is certain to be the slower. */
export const STEADY: readonly [faster: Relay, slower: Relay] = [
  fixed('relay-steady-100us', '100us', 100),
  fixed('relay-steady-1500us', '1500us', 1500),
];

/** Half of what they are sent, so that the load is above it whatever the level's pace. */
const LIMIT = ['--limit-rps', '120'];

/** Those that do something wrong, and one that does not. */
export const SINFUL: readonly Relay[] = [
  fixed('relay-honest', '0', 0),
  sinful('relay-buffering', 'buffers-streams', ['--buffer-streams']),
  sinful('relay-dropping', 'drops-frames', ['--drop-frame-every', '50']),
  sinful('relay-wrong', 'answers-wrong', ['--wrong-share', '1%']),
  sinful('relay-rejecting', 'rejects-above-limit', [...LIMIT, '--limit-by', 'reject']),
  sinful('relay-queueing', 'queues-above-limit', [...LIMIT, '--limit-by', 'queue']),
];

/**
 * Ports below the mock's, so that two calibrations with mocks of their own do not meet; only one relay is up at a time, but each has its own
 * so that none is mistaken for another.
 */
const BELOW_THE_MOCK = 99;
/** Lower ones are the system's. */
const LEAST_PORT = 1024;

/** A relay as a service like any gateway's, in front of the mock, with the limits that gateways have. */
export function relayService(relay: Relay, index: number, mock: Service): Service {
  const first = mock.port - BELOW_THE_MOCK;
  const port = (first < LEAST_PORT ? mock.port + 1 : first) + index;
  const words = ['--port', String(port), '--upstream', `http://127.0.0.1:${mock.port}`, '--seed', String(index + 1)];
  const program = programFile('relay/main.js');
  return {
    ...mock,
    name: relay.name,
    role: 'gateway',
    command: ['relay', '--host', '127.0.0.1', ...words, ...relay.words],
    port,
    process: {
      command: ['{node}', program, ...words, ...relay.words],
      environment: {},
      versionCommand: null,
      npmDirectory: null,
      versionFolder: null,
      install: null,
    },
  };
}

function fixed(name: string, delay: string, us: number): Relay {
  return { name, words: ['--delay', delay], truth: { kind: 'fixed', us }, sin: null };
}

function sinful(name: string, sin: Sin, words: readonly string[]): Relay {
  return { name, words, truth: { kind: 'fixed', us: 0 }, sin };
}
