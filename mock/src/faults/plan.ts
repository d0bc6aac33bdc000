import { hashShare } from '../timing/seeded.js';
import type { Behaviour, PlannedFault } from './behaviour.js';
import type { Directive } from './directive.js';
import type { Fault } from './fault.js';

/**
 * Counts something over all workers.
 * @param by how many more there are of it
 * @returns how many there are so far, these included
 */
export type CountShared = (what: string, by?: number) => Promise<number>;

/** A fault, none, or either once other workers were asked. */
type Choice = Fault | undefined | Promise<Fault | undefined>;

/**
 * Decides which request fails and how. Shares are drawn from the seed, the request's id (its number, when it has none) and the attempt,
 * so that a request's fate depends neither on the worker it meets nor on what came before, and a retry may fare better.
 */
export class FaultPlan {
  readonly #startedMs: number;
  readonly #count: CountShared;
  /** Rules that have failed as many requests as they were to. */
  readonly #spent = new Set<number>();

  /** @param startedMs when the settings were made, on the clock of `performance.now()` */
  constructor(startedMs: number, count: CountShared) {
    this.#startedMs = startedMs;
    this.#count = count;
  }

  /** The fault of a request; a promise when other workers must be asked. */
  choose(behaviour: Behaviour, wishes: Directive, key: string | number, path: string): Choice {
    if (wishes.fault !== undefined) return wishes.fault;
    const { errorRate, errorStatus, seed } = behaviour;
    const error: Fault = { kind: 'error', value: errorStatus };
    const drawn = errorRate > 0 && this.#draws('error-rate', seed, key, errorRate);
    if (drawn === true) return error;
    if (drawn === false) return this.#fromRules(behaviour, key, path, 0);
    return drawn.then((hit) => (hit ? error : this.#fromRules(behaviour, key, path, 0)));
  }

  #fromRules(behaviour: Behaviour, key: string | number, path: string, from: number): Choice {
    for (let i = from; i < behaviour.faults.length; i++) {
      const rule = behaviour.faults[i] as PlannedFault;
      if (!this.#applies(rule, path)) continue;
      // Each rule draws by itself: two rules of 10 % must not fail the same requests.
      const drawn = this.#draws(`share:${rule.index}`, behaviour.seed + 1 + rule.index, key, rule.share);
      if (drawn === false) continue;
      const otherwise = () => this.#fromRules(behaviour, key, path, i + 1);
      if (drawn === true) return rule.first === undefined ? rule.plays : this.#within(rule, rule.first, otherwise);
      return drawn.then((hit) => {
        if (!hit) return otherwise();
        return rule.first === undefined ? rule.plays : this.#within(rule, rule.first, otherwise);
      });
    }
    return undefined;
  }

  /** The fault of a rule that is for so many requests, as long as it is. */
  #within(rule: PlannedFault, first: number, otherwise: () => Choice): Promise<Fault | undefined> {
    return this.#count(`first:${rule.index}`).then((number) => {
      if (number <= first) return rule.plays;
      this.#spent.add(rule.index);
      return otherwise();
    });
  }

  /**
   * Draws whether a request belongs to a share. What is drawn for its first attempt is known at once, and whoever is spared then is
   * spared always: it has no reason to come again. Only of the others must the attempts be counted over all workers.
   */
  #draws(what: string, seed: number, key: string | number, share: number): boolean | Promise<boolean> {
    if (share === 1) return true;
    if (hashShare(seed, key) >= share) return false;
    if (typeof key === 'number') return true;
    return this.#count(`${what}:${key}`).then(
      (attempt) => attempt === 1 || hashShare(seed, `${key}#${attempt}`) < share,
    );
  }

  #applies(rule: PlannedFault, path: string): boolean {
    if (rule.path !== undefined && !path.startsWith(rule.path)) return false;
    if (this.#spent.has(rule.index)) return false;
    const sinceSeconds = (performance.now() - this.#startedMs) / 1000;
    const seconds = rule.every === undefined ? sinceSeconds : sinceSeconds % rule.every;
    return seconds >= rule.from && (rule.to === undefined || seconds < rule.to);
  }
}
