import type { Reason } from '../record/reason.js';
import type { House, Tenant } from './house.js';
import type { StageTarget } from './stage.js';

/** A target's stay in the house: moved in when it is first wanted, and again when it has ended. */
export class Stay {
  readonly #house: House;
  readonly #target: StageTarget;
  #tenant: Tenant | null = null;
  /** Why it could not be started: once tried, a slow start is not waited for again. */
  #lost: Reason | null = null;

  constructor(house: House, target: StageTarget) {
    this.#house = house;
    this.#target = target;
  }

  /** A tenant that answers, or why there is none any more. */
  async alive(): Promise<{ readonly tenant: Tenant } | { readonly reason: Reason }> {
    if (this.#lost !== null) return { reason: this.#lost };
    if (this.#tenant !== null && this.#tenant.ended() === null) return { tenant: this.#tenant };
    this.end();
    const arrival = await this.#house.moveIn(this.#target);
    if ('tenant' in arrival) this.#tenant = arrival.tenant;
    else this.#lost = arrival.reason;
    return arrival;
  }

  /** Moves out whoever is in. */
  end(): void {
    const tenant = this.#tenant;
    this.#tenant = null;
    if (tenant !== null) this.#house.moveOut(this.#target, tenant);
  }
}
