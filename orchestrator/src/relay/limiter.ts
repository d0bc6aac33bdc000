/** Requests that may come at once after a pause, as rate limiters commonly allow; so a limit shows under load and not to a single asker. */
const BURST = 20;

/** A token bucket (the generic cell rate algorithm): requests pass evenly, {@link BURST} of them ahead of their turn. */
export class Limiter {
  readonly #intervalUs: number;
  /** When the bucket is full again. */
  #fullUs = Number.NEGATIVE_INFINITY;

  constructor(rps: number) {
    this.#intervalUs = 1e6 / rps;
  }

  /** How long a request that comes now would have to wait for its turn, microseconds. */
  waitUs(nowUs: number): number {
    return Math.max(0, this.#fullUs - (BURST - 1) * this.#intervalUs - nowUs);
  }

  /** Takes a turn, the next that is free. @returns how long until then, microseconds */
  takeUs(nowUs: number): number {
    const waitUs = this.waitUs(nowUs);
    this.#fullUs = Math.max(this.#fullUs, nowUs) + this.#intervalUs;
    return waitUs;
  }
}
