import type { ExpectedAnswer } from '../answers/expected-answer.js';
import type { SessionRhythm } from '../catalogue/session-rhythm.js';
import type { Level } from '../record/cell.js';
import type { Reason } from '../record/reason.js';
import type { AgentRecord, LedgerRecord, LoadRecord } from '../record/trial.js';
import type { LoadSpan } from '../resources/load-span.js';
import type { Availability, Tell } from '../runtime/runtime.js';

/** What a request asks, and what its answer has to be. */
export interface RequestKind {
  /** Absolute, for example `http://127.0.0.1:6666/v1/chat/completions`. POST. */
  readonly url: string;
  /**
   * The compact JSON body. Where it holds the placeholder of catalogue/marker.ts, a driver that can gives every request an id of
   * its own of the same length; one that cannot sends it as it is.
   */
  readonly body: string;
  /** The answer is an SSE stream: time to first token and gaps are wanted. */
  readonly streaming: boolean;
  /** What every answer has to say; a driver that looks inside answers counts others as `content`. Null or left out: form and end only. */
  readonly expected?: ExpectedAnswer | null;
}

/** One of the kinds of requests of a trial in which not all are alike. */
export interface TableKind extends RequestKind {
  /** What a person calls it, for example `chat-stream`, or the sizes that a trace asks for. */
  readonly name: string;
  /** In place of the trial's. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Kinds of one part are counted together, and apart from those of others. */
  readonly part: string;
}

/** The requests of a trial in which not all are alike. All kinds go to one host. */
export interface RequestTable {
  /** At least one, at most 65 536. */
  readonly kinds: readonly TableKind[];
  /**
   * How the kind of each request is chosen: at random with these weights (seeded), as a trace says, or one kind after the other in each of many
   * sessions: those of an open loop only, the level of which is what all sessions together send. Or each kind has a schedule of its own: so many
   * a second at random, or (null) as the level and the driver's options say.
   */
  readonly draw:
    | { readonly weights: readonly number[] }
    | { readonly trace: ReplayedTrace }
    | { readonly sessions: SessionRhythm }
    | { readonly rates: readonly (number | null)[] };
}

/** Whether the requests of a trial are due at times of their own, not at a rate that somebody gave. */
export function comesUnevenly({ table }: Pick<TrialLoad, 'table'>): boolean {
  return table !== undefined && !('weights' in table.draw);
}

/** Requests at times of their own. Of an open loop only; the window is as long as the trace. */
export interface ReplayedTrace {
  /** Microseconds from the window's start, ascending. */
  readonly atUs: Float64Array;
  /** Index of each request's kind. */
  readonly kindOf: Uint16Array;
}

/**
 * Which part of a trial's load one of several agents makes. All draw the same schedule from the same seed; of its requests, counted from
 * 0, agent `nth` of `of` sends those whose number leaves `nth` when divided by `of`. The streams of a closed loop are divided likewise.
 */
export interface AgentShare {
  readonly of: number;
  readonly nth: number;
  /** What the ids of all the trial's requests begin with: 8 characters of base 36. */
  readonly idPrefix: string;
  /**
   * Asked when nothing is left to do but to start: when that is, by this host's monotonic clock. A start that is less than 20 ms ahead
   * is refused, so that a late agent never begins in the middle.
   */
  readonly startAt: () => Promise<number>;
}

/** What one trial sends. */
export interface TrialLoad extends RequestKind {
  /** Besides content-type: application/json, which the driver sets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where not all requests are alike; then nothing but these is sent. Only the native driver can. */
  readonly table?: RequestTable;
  readonly level: Level;
  /** Load at the same level on the same connections before the window; not recorded. */
  readonly warmupMs: number;
  readonly measureMs: number;
  /** A request without a whole answer after this time has failed (`timeout`). */
  readonly timeoutMs: number;
  /** What a request is thought to take, for the number of connections; from the attestation. */
  readonly expectedLatencyMs: number;
  readonly seed: number;
  /** Where others make the rest of it. Only the native driver can. @default all of it */
  readonly share?: AgentShare;
  /** Told when the schedule begins, microseconds of the monotonic clock, a little before it does; only the native driver can. */
  readonly onStart?: (startedAtUs: number) => void;
}

/** What came of one trial's load. */
export interface LoadResult {
  readonly record: LoadRecord;
  /** When it was loaded, for whoever watched meanwhile. */
  readonly span: LoadSpan;
  /** CPU time of what kept cores awake while it was loaded, microseconds; left out: nothing did, or it did not say. */
  readonly awakeCpuUs?: number;
  /** The driver's own output, kept untouched beside the record (oha's JSON; the native driver's record). */
  readonly raw: Uint8Array;
  /** One row a request in the driver's own binary format, gzipped, to lie beside the raw record; only drivers that know each request have it. */
  readonly columns?: Uint8Array;
  /** Those that made it together, each by itself; left out: one driver made it. */
  readonly agents?: readonly AgentRecord[];
}

/**
 * Codes of what a driver throws that is the end of one trial and not of the run: it gave no record, or one of several agents did not give its
 * part, gave another, or gave it too late.
 */
export const ENDS_TRIAL: ReadonlySet<string> = new Set([
  'driver-failed',
  'agent-late',
  'agent-lost',
  'agent-silent',
  'agent-restarted',
  'agent-failed',
  'agent-missing',
  'agent-deadline-exceeded',
  'agent-deleted',
  'agent-evicted',
  'agent-exited',
  'agent-node-lost',
  'agent-out-of-memory',
  'rows-corrupt',
  'parts-differ',
  'columns-unreadable',
]);

/** What makes the load: a trial in, a typed record out. */
export interface Driver {
  readonly name: 'oha' | 'native';
  /** How many make each trial's load together, and where. Left out: it does by itself. */
  readonly agents?: { readonly count: number; readonly on: 'own-host' | 'nodes' };
  /** Makes the driver ready, for example pulls its image. */
  prepare(tell: Tell, signal: AbortSignal): Promise<Availability>;
  /**
   * Runs one trial to its end.
   * @throws BenchError `driver-failed` when the driver itself gives no usable record; `agent-late` when its share would begin too
   *   late to begin in time; `interrupted` when the signal aborts.
   */
  run(load: TrialLoad, signal: AbortSignal): Promise<LoadResult>;
  /**
   * Runs two trials at the same time, request by request: one schedule at twice the level, its requests by turns to either (by lot where
   * arrivals are random), so that each has the level and neither a moment of its own. Only drivers that keep the schedule can.
   * @param loads of one level, window, table of requests and seed, in an open loop; the first one has the first turn
   * @throws BenchError as {@link Driver.run}
   */
  runPair?(loads: readonly [TrialLoad, TrialLoad], signal: AbortSignal): Promise<readonly [LoadResult, LoadResult]>;
  /**
   * Joins a trial's columns with what the mock's ledger (its binary form) holds of it; only drivers that give every request an id can.
   * @param beside columns of the trial that was run at the same time, whose requests are in the ledger as well; null: none was
   * @returns the join, or why the ledger cannot be used
   */
  joinLedger?(columns: Uint8Array, ledger: Uint8Array, beside: Uint8Array | null): Promise<LedgerRecord | Reason>;
  /**
   * Decides, of the requests that were sent a second time, which had been sent on a stale connection and which had arrived and were lost;
   * only drivers that send again. To be asked before {@link Driver.joinLedger}, where the record tells of `staleConnections`.
   * @param ledger null where the mock gives none: then none of them is proved
   */
  settleStale?(
    trial: { readonly record: LoadRecord; readonly columns: Uint8Array },
    ledger: Uint8Array | null,
  ): Promise<{ readonly record: LoadRecord; readonly columns: Uint8Array }>;
  close(): Promise<void>;
}
