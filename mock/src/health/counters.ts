import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Histogram, type HistogramData } from './histogram.js';
import { mergeRefusals, type Refusal, Refusals } from './refusals.js';
import { type Frozen, StandstillWatch } from './standstill.js';

/** How often the event loop's delay is sampled, in milliseconds. */
const DELAY_RESOLUTION_MS = 10;

/** Things that a worker counts. */
export interface Counts {
  /** Requests that reached the mock, answered or not; those for `/__bench/` not among them. */
  readonly requests: number;
  /** Frames of streams that were sent. */
  readonly frames: number;
  /** Exchanges whose client went away first. */
  readonly aborted: number;
  /** Requests that were failed on purpose. */
  readonly faults: number;
}

/** What one worker can say of itself: everything since the last mark, the counts also since it started. */
export interface WorkerHealth {
  readonly connections: number;
  readonly counts: Counts;
  /** Requests that were answered with an error that nobody asked for, since it started. */
  readonly refused: readonly Refusal[];
  readonly window: {
    readonly seconds: number;
    readonly counts: Counts;
    /** Share of the time in which the event loop had work, 0 to 1. */
    readonly loopUtilization: number;
    /** CPU time over wall time; above 1 when helper threads worked too. */
    readonly cpuUtilization: number;
    /** How late timers came, in milliseconds. */
    readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
    /** Time that frames waited because a peer took no more, in milliseconds, over all streams. */
    readonly peerBlockedMs: number;
    /** How long it stood still for no work and no want of a CPU; null where that cannot be known. */
    readonly frozenMs: Frozen | null;
    /** Connections that were closed at once for want of a file descriptor. */
    readonly turnedAway: number;
    /** How late frames and delayed answers were sent, in microseconds. */
    readonly latenessUs: HistogramData;
  };
}

/** The counters of one provider in one worker. The fields are plain, because they lie on the path of every request. */
export class Counters {
  requests = 0;
  frames = 0;
  aborted = 0;
  faults = 0;
  readonly refusals = new Refusals();
  /** Since the last mark. */
  peerBlockedMs = 0;
  /** Since the last mark. */
  turnedAway = 0;
  readonly lateness: Histogram = new Histogram();
  #marked: Counts = this.counts();

  /** Something was sent that had its time. */
  sentLate(latenessMs: number): void {
    this.lateness.add(latenessMs * 1000);
  }

  /** Starts a new window. */
  mark(): void {
    this.lateness.clear();
    this.peerBlockedMs = 0;
    this.turnedAway = 0;
    this.#marked = this.counts();
  }

  /** Since the worker started. */
  counts(): Counts {
    const { requests, frames, aborted, faults } = this;
    return { requests, frames, aborted, faults };
  }

  /** Since the last mark. */
  window(): Counts {
    const before = this.#marked;
    return {
      requests: this.requests - before.requests,
      frames: this.frames - before.frames,
      aborted: this.aborted - before.aborted,
      faults: this.faults - before.faults,
    };
  }
}

/** Watches the event loop and the CPU time of one worker. */
export class LoopWatch {
  readonly #standstill = new StandstillWatch();
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  #markedMs = performance.now();
  #markedLoop = performance.eventLoopUtilization();
  #markedCpu = process.cpuUsage();

  constructor() {
    this.#delay.enable();
  }

  /** Starts a new window. */
  mark(): void {
    this.#standstill.clear();
    this.#delay.reset();
    this.#markedMs = performance.now();
    this.#markedLoop = performance.eventLoopUtilization();
    this.#markedCpu = process.cpuUsage();
  }

  /** Watches no more. */
  stop(): void {
    this.#delay.disable();
    this.#standstill.stop();
  }

  /**
   * What the worker can say of itself.
   * @param counters of its providers
   * @param connections open now, of all of them
   */
  health(counters: readonly Counters[], connections: number): WorkerHealth {
    const seconds = (performance.now() - this.#markedMs) / 1000;
    const cpu = process.cpuUsage(this.#markedCpu);
    const lateness = new Histogram();
    for (const each of counters) lateness.merge(each.lateness.data());
    return {
      connections,
      counts: total(counters.map((each) => each.counts())),
      refused: mergeRefusals(counters.map(({ refusals }) => refusals.list())),
      window: {
        seconds,
        counts: total(counters.map((each) => each.window())),
        loopUtilization: performance.eventLoopUtilization(this.#markedLoop).utilization,
        cpuUtilization: (cpu.user + cpu.system) / 1e6 / seconds,
        loopDelayMs: {
          p50: this.#delayMs(this.#delay.percentile(50)),
          p99: this.#delayMs(this.#delay.percentile(99)),
          max: this.#delayMs(this.#delay.max),
        },
        peerBlockedMs: counters.reduce((sum, each) => sum + each.peerBlockedMs, 0),
        frozenMs: this.#standstill.frozen,
        turnedAway: counters.reduce((sum, each) => sum + each.turnedAway, 0),
        latenessUs: lateness.data(),
      },
    };
  }

  /** Node's histogram holds the whole interval between two samples; the delay is what goes beyond the resolution. */
  #delayMs(intervalNs: number): number {
    return this.#delay.count === 0 ? 0 : Math.max(0, intervalNs / 1e6 - DELAY_RESOLUTION_MS);
  }
}

/** The sum of counts. */
export function total(counts: readonly Counts[]): Counts {
  const sum = (pick: (each: Counts) => number) => counts.reduce((all, each) => all + pick(each), 0);
  return {
    requests: sum((each) => each.requests),
    frames: sum((each) => each.frames),
    aborted: sum((each) => each.aborted),
    faults: sum((each) => each.faults),
  };
}
