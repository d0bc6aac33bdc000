import type { TimelineEvent } from '../control/messages.js';
import { toHostUs } from '../timing/clock.js';

/** Events that are kept; the oldest make room. */
const MAX_EVENTS = 10_000;

/** What really happened in one worker, and when: the truth that the records of the ledger are held against. */
export class EventLog {
  readonly #worker: number;
  #events: TimelineEvent[] = [];

  constructor(worker: number) {
    this.#worker = worker;
  }

  /** It happens now. */
  add(provider: string, event: TimelineEvent['event'], phase: string | null): void {
    const atUs = Math.round(toHostUs(performance.now()) * 10) / 10;
    this.#events.push({ atUs, worker: this.#worker, provider, event, phase });
    if (this.#events.length > MAX_EVENTS) this.#events = this.#events.slice(MAX_EVENTS / 2);
  }

  /** All, the oldest first. */
  all(): readonly TimelineEvent[] {
    return this.#events;
  }

  /** Forgets all. */
  clear(): void {
    this.#events = [];
  }
}
