import type { StreamWatcher } from './stream/paced.js';

/** What one worker has counted since it started. */
export interface CounterTotals {
  readonly requests: number;
  readonly frames: number;
  readonly connections: number;
}

/** The counters of one worker; plain fields, because they are on the path of every request. */
export class Counters implements StreamWatcher {
  /** Requests answered or being answered. */
  requests = 0;
  /** Frames of paced streams sent. */
  frames = 0;
  /** Connections open now. */
  connections = 0;

  frameSent(_latenessMs: number): void {
    this.frames++;
  }

  /** The counters now. */
  totals(): CounterTotals {
    const { requests, frames, connections } = this;
    return { requests, frames, connections };
  }
}
