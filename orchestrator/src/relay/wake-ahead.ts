/** Longest time that is spent spinning before a deadline; a machine that oversleeps by more is late instead of busy. */
const MAX_US = 150;
/**
 * Share of the sleeps that may end after the deadline. Unlike a load driver, which sends all the time and may be a little late, a
 * relay is there to be exact, and spinning some tens of microseconds a request costs it nothing at calibration's rates.
 */
const LATE_SHARE = 0.02;
const STEP_US = 4;

/** How much before a deadline to ask to be woken: a running quantile of how late the kernel wakes. */
export class WakeAhead {
  #us = 60;

  get us(): number {
    return this.#us;
  }

  /** @param late whether the last sleep ended after the deadline */
  learn(late: boolean): void {
    const change = late ? 1 - LATE_SHARE : -LATE_SHARE;
    this.#us = Math.min(MAX_US, Math.max(0, this.#us + change * STEP_US));
  }
}
