import { hashShare } from '../timing/seeded.js';
import type { Behaviour, PlannedFault } from './behaviour.js';
import type { Directive } from './directive.js';
import type { Fault } from './fault.js';

/** Counts a rule's requests over all workers: the number of this one, 1 and up. */
export type CountShared = (rule: number) => Promise<number>;

/**
 * Decides which request fails and how. Shares are drawn from the seed and the request's id (its number, when it has none),
 * so that a request's fate does not depend on the worker it meets or on what came before.
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
  choose(
    behaviour: Behaviour,
    wishes: Directive,
    key: string | number,
    path: string,
  ): Fault | undefined | Promise<Fault | undefined> {
    if (wishes.fault !== undefined) return wishes.fault;
    const { errorRate, errorStatus, seed, faults } = behaviour;
    if (errorRate > 0 && (errorRate === 1 || hashShare(seed, key) < errorRate))
      return { kind: 'error', value: errorStatus };
    return faults.length === 0 ? undefined : this.#fromRules(behaviour, key, path, 0);
  }

  #fromRules(
    behaviour: Behaviour,
    key: string | number,
    path: string,
    from: number,
  ): Fault | undefined | Promise<Fault | undefined> {
    for (let i = from; i < behaviour.faults.length; i++) {
      const rule = behaviour.faults[i] as PlannedFault;
      if (!this.#applies(rule, behaviour.seed, key, path)) continue;
      const { first } = rule;
      if (first === undefined) return rule.plays;
      return this.#count(rule.index).then((number) => {
        if (number <= first) return rule.plays;
        this.#spent.add(rule.index);
        return this.#fromRules(behaviour, key, path, i + 1);
      });
    }
    return undefined;
  }

  #applies(rule: PlannedFault, seed: number, key: string | number, path: string): boolean {
    if (rule.path !== undefined && !path.startsWith(rule.path)) return false;
    if (this.#spent.has(rule.index)) return false;
    const seconds = (performance.now() - this.#startedMs) / 1000;
    if (seconds < rule.from || (rule.to !== undefined && seconds >= rule.to)) return false;
    // Each rule draws by itself: two rules of 10 % must not fail the same requests.
    return rule.share === 1 || hashShare(seed + 1 + rule.index, key) < rule.share;
  }
}
