import { signedBucketOf } from '../../record/histogram.js';
import type { Distribution } from '../../record/trial.js';
import { exactQuantiles } from '../exact-quantiles.js';

/** Tenths of a microsecond: what is joined with the mock's clock carries no more. */
const CLOCK_DIGITS = 1;

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
    return {
      count: this.#values.length,
      quantiles: exactQuantiles(this.#values, CLOCK_DIGITS),
      seconds: this.#seconds.map((counts) => [...counts].sort(([a], [b]) => a - b).flat()),
    };
  }
}
