import type { MockConfig } from '../config.js';
import type { Settings } from '../faults/settings.js';
import type { ReportedHealth, Restarts } from '../health/health.js';

/** What a worker is started with, as JSON in its environment. */
export interface WorkerStart {
  /** Place among the workers, 0 and up. */
  readonly worker: number;
  readonly config: MockConfig;
  /** The port to bind, once it is known. */
  readonly port: number;
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

/** The settings that are in force. */
export interface CurrentSettings {
  /** 1 for those of the start, one more with each change. */
  readonly version: number;
  readonly settings: Settings;
  /** When they were made, in microseconds of the host's monotonic clock. */
  readonly madeUs: number;
}

/** What a worker says to the primary. */
export type FromWorker =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'ask'; readonly ask: number; readonly question: Question }
  | { readonly type: 'told'; readonly ask: number; readonly report: WorkerReport }
  /** A connection was turned away, the first of its life, because it has as many as it has file descriptors for. */
  | { readonly type: 'crowded'; readonly connections: number; readonly descriptors: number }
  /** Counts one more of something that is counted over all workers. */
  | { readonly type: 'count'; readonly ask: number; readonly what: string };

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
  | { readonly about: 'settings'; readonly settings: Settings; readonly current?: CurrentSettings };

/** One worker's report. */
export interface WorkerReport extends ReportedHealth {
  /** The records of its ledger, when those were asked for. */
  readonly records?: Uint8Array;
  readonly dropped: number;
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
