import type { LoadFigures } from '../../record/trial.js';
import { ABSENT, type Columns, OUTCOMES } from './columns.js';
import { type Window, WindowSamples } from './window-samples.js';

/** What {@link RowTotals} adds up to. */
export type RowFigures = Pick<
  LoadFigures,
  | 'scheduled'
  | 'ok'
  | 'errors'
  | 'dropped'
  | 'left'
  | 'statuses'
  | 'latencyUs'
  | 'serviceUs'
  | 'connectUs'
  | 'connectionWaitUs'
  | 'staleConnections'
  | 'bytes'
> & {
  /** Of streams; without samples where there are none. */
  readonly ttftUs: LoadFigures['latencyUs'];
  /** How late requests were sent; of a closed loop it means nothing. */
  readonly latenessUs: LoadFigures['latencyUs'];
};

/** Adds up the requests of a window, a row at a time. */
export class RowTotals {
  readonly #latency: WindowSamples;
  readonly #ttft: WindowSamples;
  readonly #lateness: WindowSamples;
  readonly #service: WindowSamples;
  readonly #connecting: WindowSamples;
  readonly #connectionWait: WindowSamples;
  readonly #outcomes = new Map<string, number>();
  readonly #statuses: Record<string, number> = {};
  #scheduled = 0;
  #stale = 0;
  #bytes = 0;

  constructor(window: Window) {
    this.#latency = new WindowSamples(window);
    this.#ttft = new WindowSamples(window);
    this.#lateness = new WindowSamples(window);
    this.#service = new WindowSamples(window);
    this.#connecting = new WindowSamples(window);
    this.#connectionWait = new WindowSamples(window);
  }

  add(columns: Columns, row: number): void {
    const status = columns.status[row] as number;
    this.#scheduled += 1;
    this.#bytes += columns.bytes[row] as number;
    const outcome = OUTCOMES[columns.outcome[row] as number] as string;
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
    if (columns.resent[row] === 1 && outcome === 'ok') this.#stale += 1;
    if (status > 0) this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    this.#addTimes(columns, row, status >= 200 && status <= 299);
  }

  #addTimes(columns: Columns, row: number, good: boolean): void {
    const intended = columns.intendedUs[row] as number;
    const sent = columns.sentUs[row] as number;
    const waiting = columns.waitingUs[row] as number;
    addMoment(this.#connecting, intended, columns.connectUs[row] as number);
    if (sent !== ABSENT && waiting !== ABSENT) this.#connectionWait.add(intended, Math.max(0, sent - waiting));
    // Waiting for a connection that the target does not give is its work and no lateness.
    const begun = waiting === ABSENT ? sent : Math.min(sent, waiting);
    if (sent !== ABSENT) this.#lateness.add(intended, begun);
    if (!good) return;
    const last = columns.lastByteUs[row] as number;
    addMoment(this.#latency, intended, last);
    if (last !== ABSENT && sent !== ABSENT) this.#service.add(intended, last - begun);
    addMoment(this.#ttft, intended, columns.firstTokenUs[row] as number);
  }

  figures(): RowFigures {
    const { ok = 0, dropped = 0, left = 0, ...errors } = Object.fromEntries(this.#outcomes);
    return {
      scheduled: this.#scheduled,
      ok,
      errors,
      dropped,
      ...(left === 0 ? {} : { left }),
      statuses: this.#statuses,
      latencyUs: this.#latency.distribution(),
      ttftUs: this.#ttft.distribution(),
      serviceUs: this.#service.distribution(),
      connectUs: this.#connecting.count === 0 ? null : this.#connecting.distribution(),
      connectionWaitUs: this.#connectionWait.count === 0 ? null : this.#connectionWait.distribution(),
      latenessUs: this.#lateness.distribution(),
      staleConnections: this.#stale,
      bytes: this.#bytes,
    };
  }
}

function addMoment(samples: WindowSamples, intendedUs: number, valueUs: number): void {
  if (valueUs !== ABSENT) samples.add(intendedUs, valueUs);
}
