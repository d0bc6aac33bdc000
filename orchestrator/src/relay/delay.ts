import { seededRandom } from '../plan/random.js';
import type { DelayPlan } from './options.js';

/** Gives the delay of the next request, microseconds. The same plan and seed give the same delays. */
// oxlint-disable-next-line eslint/consistent-return -- the switch is exhaustive, which the compiler checks
export function delaySource(plan: DelayPlan, seed: number): () => number {
  const random = seededRandom(seed);
  switch (plan.kind) {
    case 'fixed':
      return () => plan.us;
    case 'lognormal':
      return () => plan.medianUs * Math.exp(plan.sigma * standardNormal(random));
    case 'spikes':
      return () => (random() < plan.share ? plan.us : 0);
  }
}

/** A normal deviate with mean 0 and variance 1 (Box and Muller, one of the two). */
function standardNormal(random: () => number): number {
  // 1 − u lies in (0, 1], so that the logarithm is finite.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
