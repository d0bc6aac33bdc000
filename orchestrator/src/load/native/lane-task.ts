import type { MessagePort } from 'node:worker_threads';
import type { Stall } from '../../clock/heartbeat.js';
import type { ExpectedAnswer } from '../../answers/expected-answer.js';
import type { BreachCode } from './answer-check.js';
import type { WireFormat } from '../../answers/frame.js';
import type { LaneBuffers } from './lane-memory.js';
import type { SeededLeaving } from './leaving.js';
import type { RequestTemplate } from './request-template.js';
import type { SessionPlan } from './session-schedule.js';
import type { SessionCounts } from './session-turns.js';

/**
 * How the sender keeps time. `wait`: a thread of its own sleeps until each intended time and writes the request itself, at modest CPU.
 * `spin`: one thread looks at clock and sockets in turn without ever sleeping; the most exact, at a whole core.
 */
export type Pacing = 'wait' | 'spin';

/** What a lane's two threads know of the trial; plain data. */
export interface LaneTask {
  readonly buffers: LaneBuffers;
  /** By the column `kind`. */
  readonly templates: readonly RequestTemplate[];
  /** Row r of the lane is request `counterStart + r * counterStep` of the trial. */
  readonly counterStart: number;
  readonly counterStep: number;
  readonly warmupUs: number;
  readonly measureUs: number;
  /** CPUs that both threads run on; null: any. */
  readonly cpuset: string | null;
}

/** What a lane has to know of a kind of request to read its answers. */
export interface LaneKind {
  readonly format: WireFormat;
  readonly streaming: boolean;
  readonly expected: ExpectedAnswer | null;
  /** Index of the part that it is counted in; kinds of one part say the same in their frames, but for how many there are. */
  readonly part: number;
}

/** What the pacing thread is given besides. */
export interface PacerTask extends LaneTask {
  /** To the lane's other thread: rows that cannot be written from here, as {@link Handover}. */
  readonly handover: MessagePort;
  /** To the driver: `ready` out, when nothing is left to do but to wait for the start. */
  readonly conductor: MessagePort;
  /** Whether sockets have descriptors to write to. */
  readonly direct: boolean;
}

/** A row that the pacer hands on: no connection was free (-1), or the kernel took only `written` bytes (-1: the connection is gone). */
export type Handover = readonly [row: number, connection: number, written: number];

/** What the thread with the sockets is given besides. */
export interface ReaderTask extends LaneTask {
  readonly host: string;
  readonly port: number;
  /** Server name for TLS; null for plain TCP. */
  readonly tlsName: string | null;
  /** `sessions`: each request is due when the one before it in its session is answered and a pause is over. */
  readonly mode: 'paced' | 'spin' | 'closed' | 'sessions';
  /** Streams of a closed loop in this lane. */
  readonly streams: number;
  readonly connections: number;
  readonly maxConnections: number;
  /** Under load no more connections a second are opened than this; null: as many as it takes. */
  readonly openPerSecond: number | null;
  /** Whether a connection takes another request after its first. */
  readonly reuse: boolean;
  readonly timeoutUs: number;
  /** Clients that leave; null: all wait. */
  readonly leaving: SeededLeaving | null;
  /** By the column `kind`. */
  readonly kinds: readonly LaneKind[];
  /** Kinds of the requests of a closed loop, whose number nobody knows: taken in turn, over and over. */
  readonly draws: Uint16Array;
  /** Null in every other mode. */
  readonly sessions: SessionPlan | null;
  /** From the pacer; null when there is none. */
  readonly handover: MessagePort | null;
  /** To and from the driver: `ready` out, `start` in. */
  readonly conductor: MessagePort;
}

/** Inter-token gaps of the window. */
export interface GapCounts {
  /** A histogram for each second of the window by the request's intended time. */
  readonly seconds: readonly (readonly number[])[];
  /** The largest, microseconds; null without one. */
  readonly maxUs: number | null;
}

/** What the pacing thread reports at its end. */
export interface PacerReport {
  /** CPU time of the thread in the window, microseconds; null where the platform does not tell. */
  readonly cpuUs: number | null;
  /** For how long the thread waited for a CPU in the window, microseconds; null where the platform does not tell. */
  readonly runQueueWaitUs: number | null;
}

/** What the thread with the sockets reports at its end. */
export interface ReaderReport {
  /** The columns of a closed loop or of sessions, which grow in the thread; null when they are in the shared buffers. */
  readonly ownColumns: { readonly buffer: ArrayBuffer; readonly capacity: number } | null;
  readonly rows: number;
  /** Connections opened in the whole trial, and the most that were open at once. */
  readonly connectionsOpened: number;
  readonly connectionsPeak: number;
  /** Inter-token gaps of each part; null for one with plain answers. */
  readonly gaps: readonly (GapCounts | null)[];
  /** Up to ten distinct messages of failed requests of the window, with their counts. */
  readonly errorExamples: Readonly<Record<string, number>>;
  /** Ways in which answers of the window were wrong, each with the first row that was. */
  readonly breaches: readonly {
    readonly code: BreachCode;
    readonly count: number;
    readonly row: number;
    readonly message: string;
  }[];
  /** Arrival times of content frames, microseconds from the intended time, for a few requests of the window. */
  readonly series: readonly { readonly row: number; readonly tokensUs: readonly number[] }[];
  /** Null of a load without. */
  readonly sessions: SessionCounts | null;
  /** Whether the thread could be put before others. */
  readonly raisedPriority: boolean;
  readonly cpuUs: number | null;
  readonly runQueueWaitUs: number | null;
  /** When its loop did not run, microseconds of the monotonic clock. */
  readonly stalls: readonly Stall[];
}
