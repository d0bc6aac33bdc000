/** A token bucket of one on requests: they are passed on evenly, and nobody saves up in a pause. */
export class Limiter {
  readonly #intervalUs: number;
  #nextFreeUs = Number.NEGATIVE_INFINITY;

  constructor(rps: number) {
    this.#intervalUs = 1e6 / rps;
  }

  /** How long a request that comes now would have to wait for its turn, microseconds. */
  waitUs(nowUs: number): number {
    return Math.max(0, this.#nextFreeUs - nowUs);
  }

  /** Takes a turn, the next that is free. @returns how long until then, microseconds */
  takeUs(nowUs: number): number {
    const waitUs = this.waitUs(nowUs);
    this.#nextFreeUs = nowUs + waitUs + this.#intervalUs;
    return waitUs;
  }
}
