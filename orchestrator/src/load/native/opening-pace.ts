/** Connections that may be opened at once, after a while without any: below the accept queues that servers commonly have (128). */
const BURST = 64;

/**
 * How fast a lane may open connections under load. A target that hiccups would else be met with a connection for each request that is due
 * meanwhile, thousands a second, and have those to accept, to serve and to close instead of its requests: it would never recover.
 */
export class OpeningPace {
  readonly #perSecond: number;
  #allowed = BURST;
  #lastUs = Number.NEGATIVE_INFINITY;

  /** @param perSecond infinity where each request is to have a connection of its own */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Whether another may be opened at this moment of the monotonic clock; then it counts as opened. */
  take(nowUs: number): boolean {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return true;
    const gained = Math.max(0, nowUs - this.#lastUs) * (this.#perSecond / 1e6);
    this.#allowed = Math.min(BURST, this.#allowed + gained);
    this.#lastUs = nowUs;
    if (this.#allowed < 1) return false;
    this.#allowed -= 1;
    return true;
  }
}
