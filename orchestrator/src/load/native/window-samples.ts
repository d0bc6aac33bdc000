import { signedBucketOf } from '../../record/histogram.js';
import type { Distribution } from '../../record/trial.js';

/** The measured part of a trial, microseconds from its start. */
export interface Window {
  readonly startUs: number;
  readonly endUs: number;
  /** Whole and begun seconds. */
  readonly seconds: number;
}

/** Durations or differences of the window's requests, with the second of each request. */
export class WindowSamples {
  readonly #window: Window;
  readonly #values: number[] = [];
  readonly #seconds: Map<number, number>[];

  constructor(window: Window) {
    this.#window = window;
    this.#seconds = Array.from({ length: window.seconds }, () => new Map());
  }

  /** @param intendedUs the request's intended time, from the trial's start */
  add(intendedUs: number, valueUs: number): void {
    this.#values.push(valueUs);
    const counts = this.#seconds[Math.floor((intendedUs - this.#window.startUs) / 1e6)];
    const bucket = signedBucketOf(valueUs);
    counts?.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }

  get count(): number {
    return this.#values.length;
  }

  /** Quantiles are exact (nearest rank), to a tenth of a microsecond. */
  distribution(): Distribution {
    const sorted = Float64Array.from(this.#values).sort();
    return {
      count: sorted.length,
      quantiles: {
        p50: nearestRank(sorted, 0.5),
        p90: nearestRank(sorted, 0.9),
        p99: nearestRank(sorted, 0.99),
        p999: nearestRank(sorted, 0.999),
        max: nearestRank(sorted, 1),
      },
      seconds: this.#seconds.map((counts) => [...counts].sort(([a], [b]) => a - b).flat()),
    };
  }
}

/** The smallest value that at least the share p of the samples does not exceed (Hyndman and Fan's type 1); null without samples. */
function nearestRank(sorted: Float64Array, p: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value * 10) / 10;
}
