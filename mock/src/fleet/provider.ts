import type { CurrentSettings } from '../control/current.js';
import type { ReportedProvider } from '../control/messages.js';
import { behaviourOf } from '../faults/behaviour.js';
import { Capacity } from '../faults/capacity.js';
import { ClosedTimes } from '../faults/closed-times.js';
import { RateLimits } from '../faults/limits.js';
import { FaultPlan, type CountShared } from '../faults/plan.js';
import { nextChange, phaseAt, settingsIn } from '../faults/timeline.js';
import type { Counters } from '../health/counters.js';
import { NO_PHASE, placeOf } from '../ledger/layout.js';
import type { Conduct, Service } from '../request/service.js';
import { toLocalMs } from '../timing/clock.js';
import type { Door } from './door.js';
import type { EventLog } from './event-log.js';

/** Longest time that a timer of Node takes, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Which worker of how many. */
export interface Place {
  readonly worker: number;
  readonly workers: number;
}

/** Counts over all workers; names are unlike those of any other provider. */
export type Count = (what: string, by: number) => Promise<number>;

/** What a provider consists of in one worker. */
export interface ProviderParts {
  readonly name: string;
  /** Its place among the providers. */
  readonly index: number;
  readonly service: Service;
  readonly counters: Counters;
  readonly door: Door;
  readonly events: EventLog;
  readonly place: Place;
  readonly count: Count;
}

/**
 * One provider in one worker: behaves as the settings in force, and the phase that lasts, say, and closes and opens its port at the
 * times that they tell. All workers do so by the same clock.
 */
export class Provider {
  readonly #parts: ProviderParts;
  #current: CurrentSettings;
  #phase = -1;
  #closed = new ClosedTimes({});
  /** When the settings that now hold were made, on the clock of `performance.now()`. */
  #sinceMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ProviderParts, current: CurrentSettings) {
    this.#parts = parts;
    this.#current = current;
    this.#begin(this.#phaseAt(performance.now()));
  }

  /** Takes connections, unless its port is to be closed now; and from now on keeps to its times. */
  async open(): Promise<void> {
    const { door } = this.#parts;
    // One that is to be closed at first is opened nevertheless when nobody knows its number yet.
    if (!this.#closedAt(performance.now()) || door.port === 0) await door.begin();
    this.#keepTimes();
  }

  /** Other settings are in force. */
  obey(current: CurrentSettings): void {
    this.#current = current;
    const phase = this.#phaseAt(performance.now());
    if (phase !== this.#phase) this.#note(phase);
    this.#begin(phase);
    this.#keepTimes();
  }

  /** Keeps to its times no more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  report(): ReportedProvider {
    const { name, counters, door } = this.#parts;
    const connections = door.server.connections;
    return { name, listening: door.open, connections, counts: counters.counts(), window: counters.window() };
  }

  #phaseAt(nowMs: number): number {
    const { timeline, timelineStartedUs } = this.#current;
    if (timeline === null || timelineStartedUs === null) return -1;
    return phaseAt(timeline, (nowMs - toLocalMs(timelineStartedUs)) / 1000);
  }

  #begin(phase: number): void {
    const { name } = this.#parts;
    const { timeline, timelineStartedUs, madeUs } = this.#current;
    const lasting = timeline?.[phase];
    this.#phase = phase;
    this.#sinceMs =
      lasting === undefined || timelineStartedUs === null
        ? toLocalMs(madeUs)
        : toLocalMs(timelineStartedUs) + lasting.from * 1000;
    this.#closed = new ClosedTimes(settingsIn(this.#current, lasting, name));
    this.#parts.service.conduct = this.#conduct();
  }

  #conduct(): Conduct {
    const { name, index, place, count: counted } = this.#parts;
    const { timeline, version, phaseNames } = this.#current;
    const lasting = timeline?.[this.#phase];
    const settings = settingsIn(this.#current, lasting, name);
    const count: CountShared = (what, by = 1) => counted(`${version}:${index}:${this.#phase}:${what}`, by);
    const { limits, capacity } = settings;
    const startedMs = this.#sinceMs;
    return {
      behaviour: behaviourOf(settings, startedMs),
      plan: new FaultPlan(startedMs, count),
      limits: limits ? new RateLimits(limits, startedMs, count) : undefined,
      capacity: capacity ? Capacity.share(capacity, place.worker, place.workers) : undefined,
      place: placeOf(index, lasting === undefined ? NO_PHASE : phaseNames.indexOf(lasting.name)),
    };
  }

  #keepTimes(): void {
    clearTimeout(this.#timer);
    // One reading for all of it: a change between the question what is now and the question what comes next would be lost.
    const nowMs = performance.now();
    const phase = this.#phaseAt(nowMs);
    if (phase !== this.#phase) {
      this.#note(phase);
      this.#begin(phase);
    }
    const closed = this.#closedAt(nowMs);
    this.#parts.door.set(!closed, () => {
      this.#parts.events.add(this.#parts.name, closed ? 'closed' : 'opened', this.#phaseName());
    });
    const dueMs = this.#nextMs(nowMs);
    if (dueMs === Infinity) return;
    // Rounded up: a timer of Node may come early, and what comes early would find nothing to do.
    const waitMs = Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(dueMs - performance.now())));
    this.#timer = setTimeout(() => this.#keepTimes(), waitMs).unref();
  }

  #closedAt(nowMs: number): boolean {
    return this.#closed.closedAt((nowMs - this.#sinceMs) / 1000);
  }

  /** When something changes next behind this time, on the clock of `performance.now()`. */
  #nextMs(nowMs: number): number {
    const { timeline, timelineStartedUs } = this.#current;
    const port = this.#sinceMs + this.#closed.nextChange((nowMs - this.#sinceMs) / 1000) * 1000;
    if (timeline === null || timelineStartedUs === null) return port;
    const startedMs = toLocalMs(timelineStartedUs);
    return Math.min(port, startedMs + nextChange(timeline, (nowMs - startedMs) / 1000) * 1000);
  }

  #note(phase: number): void {
    this.#parts.events.add(this.#parts.name, 'phase', this.#current.timeline?.[phase]?.name ?? null);
  }

  #phaseName(): string | null {
    return this.#current.timeline?.[this.#phase]?.name ?? null;
  }
}
