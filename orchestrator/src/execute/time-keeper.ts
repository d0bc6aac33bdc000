import type { TimeAccount } from '../record/time-account.js';
import type { TrialRecord } from '../record/trial.js';

/** What a time may have been spent on. */
type Deed = 'startingMs' | 'checkingMs' | 'stoppingMs';

/** Keeps the account of where the time of a walk goes. */
export class TimeKeeper {
  readonly #beganMs = performance.now();
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

  /** Measures a trial, whose load took as long as was planned where there is a record of it. */
  async trial(warmupMs: number, work: () => Promise<TrialRecord>): Promise<TrialRecord> {
    const beganMs = performance.now();
    const trial = await work();
    const loadMs = trial.load === null ? 0 : warmupMs + trial.load.windowMs;
    if (trial.load !== null) {
      this.#spent.measuredMs += trial.load.windowMs;
      this.#spent.warmupMs += warmupMs;
    }
    this.#spent.aroundLoadMs += Math.max(0, performance.now() - beganMs - loadMs);
    return trial;
  }

  /** The account until this moment. */
  account(): TimeAccount {
    const whole = { ...this.#spent, wholeMs: performance.now() - this.#beganMs };
    return Object.fromEntries(Object.entries(whole).map(([key, ms]) => [key, Math.round(ms)])) as TimeAccount;
  }
}
