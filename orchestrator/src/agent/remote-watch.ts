import { type ClockOffset, clockOffset, onAskersClock, seenFromOtherSide } from '../clock/clock-offset.js';
import { monotonicUs } from '../clock/clock.js';
import { BenchError, EXIT } from '../errors.js';
import { pause } from '../pause.js';
import type { Reason } from '../record/reason.js';
import type { HostRecord } from '../record/trial.js';
import type { ResourceSample } from '../runtime/runtime.js';
import type { WatchSeries } from './watch-series.js';

/** For the first look, and for the series behind the last. */
const ANSWER_MS = 30_000;

/** What a watch came to. */
export interface Watched {
  /** Samples with the moment when each had come, milliseconds of the orchestrator's `performance.now()`. */
  readonly rows: readonly { readonly knownAtMs: number; readonly sample: ResourceSample }[];
  /** Those moments are no further from the truth than this. */
  readonly boundUs: number;
  readonly host: HostRecord;
  /** What the looks themselves took. */
  readonly samplingUs: number;
  /** Figures that could not be had, each with its reason. */
  readonly unknown: readonly Reason[];
}

/** A watch that an agent elsewhere keeps. */
export class RemoteWatch {
  readonly agent: string;
  readonly #aheadUs: () => number;
  readonly #unwatch: () => void;
  readonly #begun = new Outcome<void>();
  readonly #series = new Outcome<WatchSeries>();

  /** @param aheadUs how far the clock by which agents were asked is ahead of the monotonic one @param unwatch tells the agent to end it */
  constructor(agent: string, aheadUs: () => number, unwatch: () => void) {
    this.agent = agent;
    this.#aheadUs = aheadUs;
    this.#unwatch = unwatch;
    for (const { promise } of [this.#begun, this.#series]) promise.catch(() => {});
  }

  /** Said by the agent. */
  hasBegun(): void {
    this.#begun.resolve();
  }

  /** Brought by the agent. */
  deliver(series: WatchSeries): void {
    this.#series.resolve(series);
  }

  callOff({ code, message }: Reason): void {
    const why = new BenchError({ code, message, exitCode: EXIT.environment });
    this.#begun.reject(why);
    this.#series.reject(why);
  }

  /** @throws BenchError why there is none */
  async begun(): Promise<void> {
    await this.#inTime(this.#begun.promise, 'did not begin to watch');
  }

  /** Ends it. @throws BenchError why nothing came of it */
  async finish(): Promise<Watched> {
    this.#unwatch();
    const series = await this.#inTime(this.#series.promise, 'did not bring what it watched');
    const [before, after] = [series.before, series.after].map((trips) => seenFromOtherSide(clockOffset(trips)));
    const placed = series.samples.map(({ knownAtUs, sample }) => ({
      ...onAskersClock(before as ClockOffset, after as ClockOffset, knownAtUs),
      sample,
    }));
    const toMs = performance.now() - (monotonicUs() + this.#aheadUs()) / 1000;
    return {
      rows: placed.map(({ us, sample }) => ({ knownAtMs: us / 1000 + toMs, sample })),
      boundUs: placed.reduce((most, { boundUs }) => Math.max(most, boundUs), 0),
      host: series.host,
      samplingUs: series.samplingUs,
      unknown: series.unknown,
    };
  }

  async #inTime<T>(promise: Promise<T>, what: string): Promise<T> {
    const over = new AbortController();
    const late = pause(ANSWER_MS, over.signal).then(
      () => {
        throw new BenchError({
          code: 'agent-silent',
          message: `agent ${this.agent} ${what} within ${ANSWER_MS / 1000} s`,
          exitCode: EXIT.environment,
        });
      },
      () => promise,
    );
    try {
      return await Promise.race([promise, late]);
    } finally {
      over.abort();
    }
  }
}

/** A promise that is settled from outside, and may be settled before anybody waits for it. */
class Outcome<T> {
  resolve: (value: T) => void = () => {};
  reject: (why: BenchError) => void = () => {};
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}
