import type { MockConfig } from '../config.js';
import type { Counts } from '../health/counters.js';
import type { ReportedHealth, Restarts } from '../health/health.js';
import type { ReceivedRequest } from '../request/received.js';
import type { Change, CurrentSettings } from './current.js';

/** What a worker is started with, as JSON in its environment. */
export interface WorkerStart {
  /** Place among the workers, 0 and up. */
  readonly worker: number;
  readonly config: MockConfig;
  /** The ports of the providers in their order, and behind them that of the control endpoint, when it has one; 0 while not known. */
  readonly ports: readonly number[];
  readonly listening: Listening;
  /** When the mock started, in seconds, which is what all its workers say of their answers. */
  readonly startedSeconds: number;
  readonly current: CurrentSettings;
}

/**
 * How workers come to their connections: each has a listener of its own on the same port (`SO_REUSEPORT`), the first process
 * accepts for all and deals out in turn, or there is but one worker, which needs nobody to accept for it.
 */
export type Listening = 'reusePort' | 'shared' | 'alone';

/** What a worker says to the primary. */
export type FromWorker =
  | { readonly type: 'ready'; readonly ports: readonly number[] }
  | { readonly type: 'failed'; readonly port: number; readonly code: string; readonly message: string }
  | { readonly type: 'ask'; readonly ask: number; readonly question: Question }
  | { readonly type: 'told'; readonly ask: number; readonly report: WorkerReport }
  /** A connection was turned away, the first of its life, because it has as many as it has file descriptors for. */
  | { readonly type: 'crowded'; readonly connections: number; readonly descriptors: number }
  /** Counts so many more of something that is counted over all workers. */
  | { readonly type: 'count'; readonly ask: number; readonly what: string; readonly by: number };

/** What the primary says to a worker. */
export type FromPrimary =
  | { readonly type: 'tell'; readonly ask: number; readonly question: Question }
  | { readonly type: 'answer'; readonly ask: number; readonly answer: Answered }
  | { readonly type: 'counted'; readonly ask: number; readonly count: number }
  | { readonly type: 'stop' };

/** Something that a worker wants every worker to do and to report on. */
export type Question =
  | { readonly about: 'health' }
  | { readonly about: 'mark' }
  | { readonly about: 'ledger' }
  | { readonly about: 'clear-ledger' }
  /** From where the requests in the ledger came. */
  | { readonly about: 'peers' }
  /** `current` is what comes of it, once the primary has it. */
  | { readonly about: 'change'; readonly change: Change; readonly current?: CurrentSettings }
  /** What happened when. */
  | { readonly about: 'events' }
  /** The requests with this id as they arrived, of those that asked to be kept. */
  | { readonly about: 'received'; readonly id: string }
  /** A response that this worker alone may have kept. */
  | {
      readonly about: 'stored';
      readonly worker: number;
      /** Which of the providers gave it. */
      readonly provider: number;
      readonly id: string;
      readonly what: 'get' | 'delete';
    };

/** One worker's report. */
export interface WorkerReport extends ReportedHealth {
  /** The records of its ledger, when those were asked for. */
  readonly records?: Uint8Array;
  readonly dropped: number;
  /** One for each provider, in their order. */
  readonly providers: readonly ReportedProvider[];
  /** When those were asked for, or the ledger was. */
  readonly events?: readonly TimelineEvent[];
  readonly received?: readonly ReceivedRequest[];
  /** Requests in its ledger by the address that they came from. */
  readonly peers?: Readonly<Record<string, number>>;
  /** The response that was asked for, when this worker has it. */
  readonly stored?: StoredResponse;
}

/** A response of the Responses API that was kept. */
export interface StoredResponse {
  /** The response object as JSON. */
  readonly response: string;
  /** Its input items as a JSON array, with those of the responses before it. */
  readonly input: string;
}

/** What one worker can say of one of its providers. */
export interface ReportedProvider {
  readonly name: string;
  /** False while its port is closed. */
  readonly listening: boolean;
  readonly connections: number;
  /** Since the worker started, and since the last mark. */
  readonly counts: Counts;
  readonly window: Counts;
}

/** Something that really happened, in one worker. */
export interface TimelineEvent {
  /** Microseconds of the host's monotonic clock. */
  readonly atUs: number;
  readonly worker: number;
  readonly provider: string;
  /** A phase began (its name; null: none lasts), or the port was closed or opened. */
  readonly event: 'phase' | 'closed' | 'opened';
  readonly phase: string | null;
}

/** What came of a question. */
export interface Answered {
  readonly reports: readonly WorkerReport[];
  /** How many workers there should be. */
  readonly workers: number;
  readonly restarts: Restarts;
  readonly current: CurrentSettings;
}

/** Name of the environment variable that carries a `WorkerStart`. */
export const WORKER_START = 'CRABLLM_BENCH_MOCK_WORKER';
