/** When a provider that keeps failing is left alone. */
export interface BreakerPlan {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long nothing is sent then, microseconds; behind it one request is let through as a probe. */
  readonly openUs: number;
}

/** Of one provider. */
interface Health {
  failuresInARow: number;
  /** Until when nothing is sent; 0: it is not left alone. */
  openUntilUs: number;
  /** Whether a request is under way that decides whether it is well again. */
  probing: boolean;
}

/** Which provider an attempt goes to: the first one, its fallbacks in their order behind it, and none whose breaker is open. */
export class ProviderChoice {
  readonly #health: Health[];
  readonly #breaker: BreakerPlan | null;

  /** @param breaker null: every provider is asked however often it has failed */
  constructor(providers: number, breaker: BreakerPlan | null) {
    this.#breaker = breaker;
    this.#health = Array.from({ length: providers }, () => ({ failuresInARow: 0, openUntilUs: 0, probing: false }));
  }

  /**
   * The provider of an attempt.
   * @param attempt from 1; each further one goes to the next provider
   * @param first the place of the one that the first attempt goes to
   * @returns its place; null when every one is left alone
   */
  next(attempt: number, nowUs: number, first = 0): number | null {
    const count = this.#health.length;
    for (let step = 0; step < count; step += 1) {
      const place = (first + attempt - 1 + step) % count;
      const health = this.#health[place] as Health;
      if (health.openUntilUs === 0) return place;
      if (nowUs < health.openUntilUs || health.probing) continue;
      health.probing = true;
      return place;
    }
    return null;
  }

  /** An attempt went well, or failed in a way that counts. */
  note(place: number, isWell: boolean, nowUs: number): void {
    const health = this.#health[place] as Health;
    health.probing = false;
    health.failuresInARow = isWell ? 0 : health.failuresInARow + 1;
    if (isWell) health.openUntilUs = 0;
    else if (this.#breaker !== null && health.failuresInARow >= this.#breaker.failures)
      health.openUntilUs = nowUs + this.#breaker.openUs;
  }

  /** An attempt ended without saying anything of its provider: its client left. */
  forget(place: number): void {
    (this.#health[place] as Health).probing = false;
  }
}
