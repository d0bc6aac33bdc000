import { CLOSED_PORT } from './fault.js';
import type { Settings } from './settings.js';

/** When a port is closed, in whole microseconds, which can be divided into turns without a remainder that is none. */
interface Closing {
  readonly from: number;
  readonly to: number;
  /** Length of a turn; Infinity when there is but one. */
  readonly every: number;
}

/** The times at which a provider's port is closed. */
export class ClosedTimes {
  readonly #closings: readonly Closing[];

  constructor({ faults = [] }: Settings) {
    this.#closings = faults
      .filter(({ fault }) => fault === CLOSED_PORT)
      .map(({ from, to = Infinity, every = Infinity }) => ({
        from: micros(from),
        to: micros(to),
        every: micros(every),
      }));
  }

  /** @param sinceSeconds since the settings were made */
  closedAt(sinceSeconds: number): boolean {
    const since = micros(sinceSeconds);
    return this.#closings.some(({ from, to, every }) => since % every >= from && since % every < to);
  }

  /** When that changes next, or may; Infinity when it does not. */
  nextChange(sinceSeconds: number): number {
    const since = micros(sinceSeconds);
    const edges = this.#closings.flatMap(({ from, to, every }) => {
      const turn = since - (since % every);
      return [turn + from, turn + to, turn + every];
    });
    return Math.min(...edges.filter((edge) => edge > since), Infinity) / 1e6;
  }

  /** True when the port does not open again by itself. */
  get endless(): boolean {
    return this.#closings.some(({ from, to, every }) => to >= every && (every === Infinity || from === 0));
  }
}

function micros(seconds: number): number {
  return Math.round(seconds * 1e6);
}
