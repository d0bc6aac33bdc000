import { type Scenario, warmupOf } from '../catalogue/scenario.js';

/** Load before the first measurement of a freshly started target: JIT, pools and caches are not what is compared. */
export const FIRST_WARMUP_MS = 2000;
/** Connections are new in every trial: in less, a low rate would not have used each of them once. */
const LEAST_AGAIN_MS = 250;

/**
 * The warm-up of a target that has just been measured with the same scenario: its code is compiled and its caches are filled, only the
 * connections are new.
 * @param warmupMs asked for
 */
export function againMs(warmupMs: number): number {
  return Math.min(warmupMs, Math.max(LEAST_AGAIN_MS, warmupMs / 2));
}

/**
 * How long a target is warmed before each trial of a visit. What was asked for is the cap and the rule is one for all: it is warmed whole until
 * a trial of the scenario has counted, and less behind that.
 */
export class Warmth {
  readonly #warmupMs: number;
  readonly #steady = new Set<string>();
  #fresh = true;

  /** @param warmupMs asked for */
  constructor(warmupMs: number) {
    this.#warmupMs = warmupMs;
  }

  /** The warm-up of the next trial. */
  beforeMs(scenario: Pick<Scenario, 'name' | 'heldMs'>): number {
    const asked = this.#steady.has(scenario.name) ? againMs(this.#warmupMs) : this.#warmupMs;
    return Math.max(this.#fresh ? FIRST_WARMUP_MS : 0, warmupOf(scenario, asked));
  }

  /** A trial is over. @param counts whether it is valid: one that is not, as where the target fell behind, leaves nobody steady */
  measured({ name }: Pick<Scenario, 'name'>, counts: boolean): void {
    this.#fresh = false;
    if (counts) this.#steady.add(name);
    else this.#steady.delete(name);
  }
}
