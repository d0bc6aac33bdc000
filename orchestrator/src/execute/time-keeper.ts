import type { TimeAccount } from '../record/time-account.js';
import type { TrialRecord } from '../record/trial.js';

/** What a time may have been spent on. */
type Deed = 'startingMs' | 'checkingMs' | 'stoppingMs';

/** Keeps the account of where the time of a walk goes. */
export class TimeKeeper {
  #beganMs = performance.now();
  readonly #spent = {
    measuredMs: 0,
    warmupMs: 0,
    aroundLoadMs: 0,
    startingMs: 0,
    checkingMs: 0,
    stoppingMs: 0,
  };

  /** Does something, and counts how long it takes, however it ends. */
  async during<T>(deed: Deed, work: () => Promise<T>): Promise<T> {
    const beganMs = performance.now();
    try {
      return await work();
    } finally {
      this.#spent[deed] += performance.now() - beganMs;
    }
  }

  /** Measures a trial, or two at the same time; their load took as long as was planned where there is a record of it. */
  async trials(warmupMs: number, work: () => Promise<readonly TrialRecord[]>): Promise<readonly TrialRecord[]> {
    const beganMs = performance.now();
    const trials = await work();
    const windowMs = Math.max(0, ...trials.map(({ load }) => load?.windowMs ?? 0));
    const warmMs = windowMs === 0 ? 0 : warmupMs;
    this.#spent.measuredMs += windowMs;
    this.#spent.warmupMs += warmMs;
    this.#spent.aroundLoadMs += Math.max(0, performance.now() - beganMs - windowMs - warmMs);
    return trials;
  }

  /** A rest that somebody wanted is no time of the run. */
  rested(ms: number): void {
    this.#beganMs += ms;
  }

  /** The account until this moment. */
  account(): TimeAccount {
    const whole = { ...this.#spent, wholeMs: performance.now() - this.#beganMs };
    return Object.fromEntries(Object.entries(whole).map(([key, ms]) => [key, Math.round(ms)])) as TimeAccount;
  }
}
