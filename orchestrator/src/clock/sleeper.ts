import { monotonicUs } from './clock.js';

/** Longest time that is spent spinning before a deadline; a machine that oversleeps by more is late instead of busy. */
const MAX_AHEAD_US = 60;
/**
 * Share of the sleeps that should end before the deadline, and how fast the estimate follows. The oversleep is nearly constant (its
 * 90th percentile is 3 µs above its median), so the median costs little spinning; a higher share follows the noise of other programs.
 */
const EARLY_SHARE = 0.5;
const STEP_US = 1;

/**
 * Blocks its thread until a moment, to within a few microseconds, at little CPU. The kernel wakes a sleeper some tens of
 * microseconds late, by an amount that changes slowly; the sleeper learns it (a running quantile), asks to be woken that much
 * earlier, and spins through the rest.
 */
export class Sleeper {
  readonly #shared: Int32Array;
  readonly #index: number;
  #aheadUs = 40;

  /** Waits on element `index` of a shared array, which must stay 0. */
  constructor(shared: Int32Array, index: number) {
    this.#shared = shared;
    this.#index = index;
  }

  /** Returns at once when the moment has passed; the time of waking otherwise. */
  until(dueUs: number): number {
    let now = monotonicUs();
    const wakeUs = dueUs - this.#aheadUs;
    if (now < wakeUs) {
      Atomics.wait(this.#shared, this.#index, 0, (wakeUs - now) / 1000);
      now = monotonicUs();
      const change = now > dueUs ? EARLY_SHARE : EARLY_SHARE - 1;
      this.#aheadUs = Math.min(MAX_AHEAD_US, Math.max(0, this.#aheadUs + change * STEP_US));
    }
    while (now < dueUs) now = monotonicUs();
    return now;
  }
}
