import { seedFor } from '../analyse/random.js';
import { seededRandom } from '../plan/random.js';
import type { DelayPlan } from './options.js';

/**
 * Gives the delay of the next request, microseconds. The same plan and seed give the same delays; of an erratic one at the same time of the
 * host's monotonic clock, so that a relay which is started again goes on with another delay and not with its first.
 */
// oxlint-disable-next-line eslint/consistent-return -- the switch is exhaustive, which the compiler checks
export function delaySource(plan: DelayPlan, seed: number): (nowUs: number) => number {
  const random = seededRandom(seed);
  switch (plan.kind) {
    case 'fixed':
      return () => plan.us;
    case 'lognormal':
      return () => plan.medianUs * Math.exp(plan.sigma * standardNormal(random));
    case 'spikes':
      return () => (random() < plan.share ? plan.us : 0);
    case 'erratic':
      return stays(plan, seed);
  }
}

function stays({ leastUs, mostUs, stayUs }: DelayPlan & { kind: 'erratic' }, seed: number): (nowUs: number) => number {
  let [current, delayUs] = [Number.NaN, 0];
  return (nowUs) => {
    const stay = Math.floor(nowUs / stayUs);
    if (stay !== current) {
      current = stay;
      delayUs = leastUs * (mostUs / leastUs) ** seededRandom(seedFor(seed, `stay ${stay}`))();
    }
    return delayUs;
  };
}

/** A normal deviate with mean 0 and variance 1 (Box and Muller, one of the two). */
function standardNormal(random: () => number): number {
  // 1 − u lies in (0, 1], so that the logarithm is finite.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
