import type { CounterTotals } from './counters.js';

/** What a worker is started with, as JSON in its environment. */
export interface WorkerStart {
  /** Place among the workers, 0 and up. */
  readonly worker: number;
  readonly argv: readonly string[];
  /** The port to bind, once it is known. */
  readonly port: number;
  readonly reusePort: boolean;
}

/** What a worker says to the primary. */
export type FromWorker =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'ask'; readonly ask: number; readonly question: Question }
  | { readonly type: 'told'; readonly ask: number; readonly report: WorkerReport };

/** What the primary says to a worker. */
export type FromPrimary =
  | { readonly type: 'tell'; readonly ask: number; readonly question: Question }
  | { readonly type: 'answer'; readonly ask: number; readonly reports: readonly WorkerReport[] }
  | { readonly type: 'stop' };

/** Something that a worker wants every worker to report on. */
export type Question = { readonly about: 'health' };

/** One worker's report. */
export interface WorkerReport {
  readonly worker: number;
  readonly pid: number;
  readonly counters: CounterTotals;
}

/** Name of the environment variable that carries a `WorkerStart`. */
export const WORKER_START = 'CRABLLM_BENCH_MOCK_WORKER';
